// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/drives.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/hdreg.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

namespace curfew {
namespace {

/// A flush of a full cache takes seconds; a bridge that lost its disk never answers.
constexpr std::chrono::seconds kLimit{10};

// ATA command set, the codes of hdparm and of sysvinit's hddown.c.
constexpr unsigned char kIdentify = 0xEC, kFlush = 0xE7, kFlushExt = 0xEA;
constexpr unsigned char kStandby = 0xE0, kStandbyOld = 0x94;
/// From this size on a drive may have cached sectors that the 28-bit flush does not reach.
constexpr unsigned long kExtSectors = 1ul << 28;

struct Drive {
  std::string name;
  unsigned long sectors = 0;
};

std::string FirstLine(Kernel& kernel, const std::string& path) {
  std::string text = kernel.Read(path).value;
  text.resize(std::min(text.find('\n'), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

/// Whether the kernel's own shutdown parks the drive. `manage_shutdown` decides where it exists:
/// since 6.6 `manage_start_stop` reads 0 on drives that the kernel parks at power-off only.
bool ParkedByKernel(Kernel& kernel, const std::string& block) {
  const std::string disks = block + "/device/scsi_disk";
  for (const std::string& disk : kernel.List(disks).value)
    for (const char* name : {"manage_shutdown", "manage_system_start_stop", "manage_start_stop"})
      if (auto managed = kernel.Read(disks + "/" + disk + "/" + name))
        return !managed.value.starts_with('0');
  return false;
}

std::optional<Drive> Ours(Kernel& kernel, const std::string& name) {
  const std::string block = "/sys/block/" + name;
  const std::string removable = FirstLine(kernel, block + "/removable");
  if (!name.starts_with("sd") || removable.empty() || ParkedByKernel(kernel, block)) return {};
  // "ATA" that can be taken out is a CompactFlash card; another vendor that can is a USB stick.
  const bool ata = FirstLine(kernel, block + "/device/vendor") == "ATA";
  if (ata == (removable != "0")) return {};
  return Drive{name, std::strtoul(FirstLine(kernel, block + "/size").c_str(), nullptr, 10)};
}

std::error_code Command(Kernel& kernel, int fd, unsigned char command) {
  std::array<unsigned char, 4> registers{command};
  return kernel.Ioctl(fd, HDIO_DRIVE_CMD, registers.data()).error;
}

/// Word 83 of the drive's identity: bit 13 is FLUSH CACHE EXT, bits 15:14 are 01 in a valid word.
bool HasFlushExt(Kernel& kernel, int fd) {
  std::array<unsigned char, 4 + 512> identity{kIdentify, 0, 0, 1};
  if (!kernel.Ioctl(fd, HDIO_DRIVE_CMD, identity.data())) return false;
  return (identity[4 + 83 * 2 + 1] & 0xE0) == 0x60;
}

std::error_code Park(Kernel& kernel, const Drive& drive, bool standby) {
  auto fd = kernel.Open("/dev/" + drive.name, O_RDWR);
  if (!fd) return fd.error;
  const bool ext = drive.sectors >= kExtSectors && HasFlushExt(kernel, fd.value);
  auto error = Command(kernel, fd.value, ext ? kFlushExt : kFlush);
  if (error) error = kernel.Ioctl(fd.value, BLKFLSBUF, nullptr).error;
  if (standby && Command(kernel, fd.value, kStandby)) Command(kernel, fd.value, kStandbyOld);
  kernel.Close(fd.value);
  return error;
}

}  // namespace

void DrivesStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  const Ending ending = context.request.ending;
  // A drive in standby would only spin up again for the next kernel.
  const bool standby =
      context.request.standby && ending != Ending::kRestart && ending != Ending::kKexec;
  for (const std::string& name : kernel.List("/sys/block").value) {
    auto drive = Ours(kernel, name);
    if (!drive) continue;
    auto error = kernel.InChild(kLimit, [&] { return Park(kernel, *drive, standby); });
    if (error) context.report.Say("drive " + name + " is not flushed: " + error.message());
  }
}

}  // namespace curfew
