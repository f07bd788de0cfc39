// SPDX-License-Identifier: GPL-2.0-or-later
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/mount_plan.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The names in /proc/net/dev: "  eth0: 1296 16 ..." from its third line on.
std::vector<std::string> InterfaceNames(Files& files) {
  std::vector<std::string> names;
  const std::string table = files.Read("/proc/self/net/dev").value;
  for (const std::string_view line : Lines(table)) {
    const size_t colon = line.find(':');
    if (colon != line.npos) names.emplace_back(Trimmed(line.substr(0, colon)));
  }
  return names;
}

std::error_code TakeDown(Files& files, int socket, const std::string& name) {
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name) return {};
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  if (auto flags = files.Ioctl(socket, SIOCGIFFLAGS, &request); !flags) return flags.error;
  if (!(request.ifr_flags & IFF_UP) || (request.ifr_flags & IFF_LOOPBACK)) return {};
  request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_UP);
  return files.Ioctl(socket, SIOCSIFFLAGS, &request).error;
}

/// Whether a block device, or one below it, comes over the network. `device` is its directory in
/// /sys; `depth` limits the levels of devices below.
bool ThroughNetwork(Files& files, const std::string& device, int depth) {
  const std::string path = files.ReadLink(device).value;
  for (const char* carrier : {"/session", "/nbd", "/rbd", "/nvme-fabrics/"})
    if (path.find(carrier) != path.npos) return true;
  if (depth == 0) return false;
  for (const std::string& name : files.List(device + "/slaves").value)
    if (ThroughNetwork(files, "/sys/class/block/" + name, depth - 1)) return true;
  return false;
}

/// The directory of a mount's device in /sys. btrfs shows a device number that is no block device;
/// there the mount's source names it.
std::string SysfsDevice(const Mount& mount) {
  if (!mount.device.starts_with("0:")) return "/sys/dev/block/" + mount.device;
  return "/sys/class/block/" + mount.source.substr(mount.source.rfind('/') + 1);
}

/// What would be lost with the network, for people; empty: nothing. It is a mount point whose file
/// system comes over it (a network file system, or a disk that is, or lies on, iSCSI, NBD, RBD or
/// NVMe over fabrics), or a disk of iSCSI or NVMe over fabrics, for which the kernel's own shutdown
/// would wait for minutes.
std::string NeedsNetwork(Files& files) {
  const auto netdev = ReadNetdevTargets(files);
  for (const Mount& mount : ReadMounts(files)) {
    const bool disk = HasDisk(mount) && mount.source.starts_with("/dev/");
    if (IsNetwork(mount, netdev) || (disk && ThroughNetwork(files, SysfsDevice(mount), 8)))
      return mount.target;
  }
  for (const std::string& name : files.List("/sys/block").value) {
    const std::string path = files.ReadLink("/sys/block/" + name).value;
    for (const char* carrier : {"/session", "/nvme-fabrics/"})
      if (path.find(carrier) != path.npos) return "/dev/" + name;
  }
  return {};
}

}  // namespace

void InterfacesStage(StageContext& context) {
  if (!context.request.interfaces_down) return;
  Kernel& kernel = context.kernel;
  if (std::string user = NeedsNetwork(kernel); !user.empty()) {
    context.report.Say("the network stays up: " + user + " comes through it");
    return;
  }
  auto socket = kernel.Socket(AF_INET);
  // The ioctls of interfaces work on any socket. A kernel may have no IPv4.
  if (!socket) socket = kernel.Socket(AF_UNIX);
  if (!socket) return context.report.Say("the network stays up: " + socket.error.message());
  const auto names = InterfaceNames(kernel);
  const auto errors = EachInChild(kernel, names.size(), limits::kInterface, [&](std::size_t i) {
    return TakeDown(kernel, socket.value, names[i]);
  });
  for (std::size_t i = 0; i < names.size(); ++i)
    if (errors[i])
      context.report.Say("interface " + names[i] + " stays up: " + errors[i].message());
  kernel.Close(socket.value);
}

}  // namespace curfew
