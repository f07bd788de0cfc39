// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/survivor_cgroups.h"

#include <string_view>

#include "final/storage/mountinfo.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {

SurvivorCgroups::SurvivorCgroups(Files& files) : files_(files) {
  for (const Mount& mount : ReadMounts(files))
    if (mount.type == "cgroup2" && mount_point_.empty()) mount_point_ = mount.target;
}

void SurvivorCgroups::Refresh() {
  in_root_.clear();
  if (mount_point_.empty() || IsMarked("/")) return;
  const auto text = files_.Read(mount_point_ + "/cgroup.procs").value;
  for (const std::string_view pid : Lines(text)) in_root_.insert(ParsePid(pid));
}

bool SurvivorCgroups::Contain(pid_t pid) {
  if (mount_point_.empty() || in_root_.contains(pid)) return false;
  const auto text = files_.Read("/proc/" + std::to_string(pid) + "/cgroup").value;
  for (const std::string_view line : Lines(text)) {
    constexpr std::string_view kVersion2 = "0::";
    if (!line.starts_with(kVersion2)) continue;
    const std::string cgroup(line.substr(kVersion2.size()));
    // "/../x" is outside of this cgroup namespace, and of the mount.
    if (!cgroup.starts_with('/') || cgroup.find("/..") != cgroup.npos) return false;
    const auto [known, is_new] = known_.emplace(cgroup, false);
    if (is_new) known->second = IsMarked(cgroup);
    return known->second;
  }
  return false;
}

/// Whether root alone may change this file or directory.
bool SurvivorCgroups::IsRoots(const std::string& path) const {
  const auto info = files_.Stat(path);
  return info && info.value.st_uid == 0 && (info.value.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool SurvivorCgroups::IsMarked(const std::string& cgroup) const {
  const auto dir = mount_point_ + cgroup;
  for (const char* name : {"user.survive_final_kill_signal", "trusted.survive_final_kill_signal"})
    if (files_.GetAttribute(dir, name).value == "1")
      // Who is given a cgroup owns this file, if not the directory.
      return IsRoots(dir) && IsRoots(dir + "/cgroup.procs");
  return false;
}

}  // namespace curfew
