// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/reboot_limit.h"

#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "config/limits.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr const char* kNvmeClass = "/sys/class/nvme";
constexpr const char* kPciDrivers = "/sys/bus/pci/drivers/";

/// Drivers of controllers that write a cache of their own back at the end: megaraid_sas gives its
/// command 180 s (MEGASAS_INTERNAL_CMD_WAIT_TIME), the others are of the same kind.
constexpr std::array kRaidDrivers{"megaraid_sas", "megaraid_mbox", "aacraid", "hpsa",
                                  "smartpqi",     "mpi3mr",        "arcmsr",  "3w-9xxx",
                                  "3w-sas",       "ips",           "esas2r",  "pmcraid"};

/// The RTD3 Entry Latency of the drive's Identify Controller data (NVM Express Base Specification,
/// bytes 88 to 91, in microseconds); 0: it asks for none.
Result<microseconds> ShutdownTime(Kernel& kernel, const std::string& device) {
  const auto fd = kernel.Open(device, O_RDONLY);
  if (!fd) return fd.error;
  std::array<std::uint8_t, 4096> data{};
  nvme_admin_cmd identify{};
  identify.opcode = 0x06;
  identify.addr = reinterpret_cast<std::uintptr_t>(data.data());
  identify.data_len = data.size();
  identify.cdw10 = 1;
  const auto error = kernel.Ioctl(fd.value, NVME_IOCTL_ADMIN_CMD, &identify).error;
  kernel.Close(fd.value);
  if (error) return error;
  std::uint32_t time = 0;
  for (int byte = 3; byte >= 0; --byte) time = time << 8 | data[88 + byte];
  return microseconds(time);
}

seconds NvmeLimit(Kernel& kernel) {
  const auto names = kernel.List(kNvmeClass).value;
  const auto times = EachInChild(kernel, names.size(), limits::kIdentify, [&](std::size_t i) {
    return ShutdownTime(kernel, "/dev/" + names[i]);
  });
  microseconds longest{0};
  for (const auto& time : times)
    if (time) longest = std::max(longest, time.value);
  return std::chrono::ceil<seconds>(longest) + limits::kAfterNvme;
}

/// A bound device shows as a link named by its address, "0000:03:00.0".
bool IsBound(Files& files, const char* driver) {
  const auto names = files.List(std::string(kPciDrivers) + driver).value;
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.find(':') != name.npos; });
}

}  // namespace

seconds RebootLimit(Kernel& kernel) {
  const bool raid = std::any_of(kRaidDrivers.begin(), kRaidDrivers.end(),
                                [&](const char* driver) { return IsBound(kernel, driver); });
  return std::max({limits::kReboot, NvmeLimit(kernel), raid ? limits::kRebootRaid : seconds(0)});
}

}  // namespace curfew
