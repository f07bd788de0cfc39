// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/remount.h"

#include <sys/mount.h>

#include <utility>

namespace curfew {

unsigned long MountFlags(const Mount& mount) {
  constexpr std::pair<const char*, unsigned long> kFlags[] = {
      {"nosuid", MS_NOSUID},
      {"nodev", MS_NODEV},
      {"noexec", MS_NOEXEC},
      {"noatime", MS_NOATIME},
      {"nodiratime", MS_NODIRATIME},
      {"relatime", MS_RELATIME},
      {"nosymfollow", 256 /* MS_NOSYMFOLLOW, Linux 5.10 */}};
  unsigned long flags = 0;
  for (const auto& [name, flag] : kFlags)
    if (HasOption(mount.options, name)) flags |= flag;
  return flags;
}

std::error_code RemountReadOnly(Kernel& kernel, const Mount& mount) {
  return kernel.Mount("", mount.target, "", MS_REMOUNT | MS_RDONLY | MountFlags(mount), "");
}

std::error_code BindReadOnly(Kernel& kernel, const Mount& mount) {
  return kernel.Mount("", mount.target, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MountFlags(mount),
                      "");
}

}  // namespace curfew
