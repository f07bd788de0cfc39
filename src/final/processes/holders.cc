// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/holders.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {

namespace {

bool IsOnMount(const std::vector<std::string>& targets, std::string_view path) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return IsWithin(path, target); });
}

}  // namespace

/// Where the mounts are in the mount namespace of the process. A container's /data is another one
/// than the host's.
SkipNonHolders::Targets SkipNonHolders::TargetsFor(pid_t pid) const {
  Kernel& kernel = context_.kernel;
  Targets targets;
  if (ForeignMountNamespace(kernel, pid).empty()) {
    for (const Mount& mount : mounts_) targets.push_back(mount.target);
    return targets;
  }
  for (const Mount& theirs :
       ParseMountInfo(kernel.Read("/proc/" + std::to_string(pid) + "/mountinfo").value))
    if (std::any_of(mounts_.begin(), mounts_.end(),
                    [&](const Mount& mount) { return mount.device == theirs.device; }))
      targets.push_back(theirs.target);
  return targets;
}

bool SkipNonHolders::HoldsMount(pid_t pid) const {
  Kernel& kernel = context_.kernel;
  const Targets targets = TargetsFor(pid);
  if (targets.empty()) return false;
  const auto dir = "/proc/" + std::to_string(pid);
  for (const char* link : {"/cwd", "/root", "/exe"})
    if (IsOnMount(targets, kernel.ReadLink(dir + link).value)) return true;
  const auto files = kernel.List(dir + "/fd").value;
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& name) {
                       return IsOnMount(targets, kernel.ReadLink(dir + "/fd/" + name).value);
                     }) ||
         MapsFile(pid, targets);
}

/// Asked last, because it waits for the memory lock of the process.
bool SkipNonHolders::MapsFile(pid_t pid, const Targets& targets) const {
  const auto text = context_.kernel.Read("/proc/" + std::to_string(pid) + "/maps").value;
  for (const std::string_view line : Lines(text)) {
    const auto path = line.find('/');
    if (path != line.npos && IsOnMount(targets, line.substr(path))) return true;
  }
  return false;
}

std::vector<bool> SkipNonHolders::SkipEach(const std::vector<ProcessInfo>& processes) {
  auto skipped = rule_.SkipEach(processes);
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < processes.size(); ++i)
    if (!skipped[i]) asked.push_back(i);
  const auto holds = EachInChild(
      context_.kernel, asked.size(), limits::kProcessFiles,
      [&](std::size_t i) { return HoldsMount(processes[asked[i]].pid); },
      [&](std::size_t i) { return processes[asked[i]].state == 'D'; });
  // A process that could not be asked is not known to hold a mount.
  for (std::size_t i = 0; i < asked.size(); ++i) skipped[asked[i]] = !holds[i] || !holds[i].value;
  return skipped;
}

}  // namespace curfew
