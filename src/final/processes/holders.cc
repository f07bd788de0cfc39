// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/holders.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {

bool SkipNonHolders::IsOnMount(std::string_view path) const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [&](const std::string& target) { return IsWithin(path, target); });
}

bool SkipNonHolders::HoldsMount(pid_t pid) const {
  Kernel& kernel = context_.kernel;
  const auto dir = "/proc/" + std::to_string(pid);
  for (const char* link : {"/cwd", "/root", "/exe"})
    if (IsOnMount(kernel.ReadLink(dir + link).value)) return true;
  const auto files = kernel.List(dir + "/fd").value;
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& name) {
                       return IsOnMount(kernel.ReadLink(dir + "/fd/" + name).value);
                     }) ||
         MapsFile(pid);
}

/// Asked last, because it waits for the memory lock of the process.
bool SkipNonHolders::MapsFile(pid_t pid) const {
  const auto text = context_.kernel.Read("/proc/" + std::to_string(pid) + "/maps").value;
  for (const std::string_view line : Lines(text)) {
    const auto path = line.find('/');
    if (path != line.npos && IsOnMount(line.substr(path))) return true;
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
