// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/cgroup_freezer.h"

#include <sys/mount.h>

#include <set>

#include "config/limits.h"
#include "final/storage/mount_place.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// How one version of cgroups freezes: Linux Documentation/admin-guide/cgroup-v2.rst and
/// cgroup-v1/freezer-subsystem.rst.
struct Version {
  const char* type;  ///< Of its file system.
  const char* file;
  char frozen;  ///< The first letter of what `file` says: 1; FROZEN, FREEZING.
  const char* thawed;
};
constexpr Version kVersion1{"cgroup", "/freezer.state", 'F', "THAWED"};
constexpr Version kVersion2{"cgroup2", "/cgroup.freeze", '1', "0"};

/// sysfs has this directory for cgroups.
constexpr const char* kMountPoint = "/sys/fs/cgroup";

/// The cgroups of each hierarchy that can freeze, by its controllers; version 2 names none. A
/// cgroup comes after those above it.
using Cgroups = std::map<std::string, std::set<std::string>>;

/// Adds what /proc/PID/cgroup says: "4:freezer,devices:/a/b", with version 2 "0::/a/b". The root of
/// a hierarchy cannot be frozen.
void Add(std::string_view text, Cgroups* cgroups) {
  for (std::string_view line : Lines(text)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !HasOption(controllers, "freezer")) continue;
    auto path = line.substr(second + 1);
    for (; path.starts_with('/') && path.size() > 1; path = path.substr(0, path.rfind('/')))
      (*cgroups)[std::string(controllers)].emplace(path);
  }
}

bool Shows(const Mount& mount, const std::string& controllers) {
  if (controllers.empty()) return mount.type == kVersion2.type;
  return mount.type == kVersion1.type && HasOption(mount.super_options, "freezer");
}

/// Thaws `paths` of the hierarchy whose mount point is `root`; adds those that were frozen. With
/// version 1 a cgroup below a frozen one counts as frozen as well, so that one comes first.
void ThawIn(Files& files, const std::string& root, const Version& version,
            const std::set<std::string>& paths, std::vector<std::string>* thawed) {
  for (const std::string& path : paths) {
    const auto file = root + path + version.file;
    if (!files.Read(file).value.starts_with(version.frozen)) continue;
    if (!files.Write(file, version.thawed)) thawed->push_back(path);
  }
}

std::vector<std::string> Thaw(Kernel& kernel, const Cgroups& cgroups) {
  std::vector<std::string> thawed;
  const auto mounts = ReadMounts(kernel);
  for (const auto& [controllers, paths] : cgroups) {
    const Version& version = controllers.empty() ? kVersion2 : kVersion1;
    const auto thaw = [&, &paths = paths](const std::string& root) {
      ThawIn(kernel, root, version, paths, &thawed);
      return std::error_code();
    };
    bool mounted = false;
    for (const Mount& mount : mounts) {
      if (!Shows(mount, controllers)) continue;
      mounted = true;
      (void)InMount(kernel, mount, thaw);
    }
    if (mounted || kernel.Mount(version.type, kMountPoint, version.type, 0, controllers)) continue;
    thaw(kMountPoint);
    (void)kernel.Umount(kMountPoint, MNT_DETACH);
  }
  return thawed;
}

}  // namespace

Result<std::vector<std::string>> ThawCgroups(Kernel& kernel,
                                             const std::map<pid_t, Target>& targets) {
  return StringsFromChild(kernel, limits::kThaw, [&] {
    Cgroups cgroups;
    for (const auto& [pid, target] : targets)
      Add(kernel.Read("/proc/" + std::to_string(pid) + "/cgroup").value, &cgroups);
    return Thaw(kernel, cgroups);
  });
}

}  // namespace curfew
