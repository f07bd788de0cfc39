// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/holders.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"

namespace curfew {

bool Holders::IsOnTarget(std::string_view path) const {
  return std::any_of(targets_.begin(), targets_.end(),
                     [&](const std::string& target) { return IsWithin(path, target); });
}

bool Holders::Holds(pid_t pid) const {
  Kernel& kernel = context_.kernel;
  const auto dir = "/proc/" + std::to_string(pid);
  for (const char* link : {"/cwd", "/root", "/exe"})
    if (IsOnTarget(kernel.ReadLink(dir + link).value)) return true;
  const auto files = kernel.List(dir + "/fd").value;
  return std::any_of(files.begin(), files.end(),
                     [&](const std::string& name) {
                       return IsOnTarget(kernel.ReadLink(dir + "/fd/" + name).value);
                     }) ||
         Maps(pid);
}

/// Last of all: it waits for the memory lock of the process.
bool Holders::Maps(pid_t pid) const {
  const auto text = context_.kernel.Read("/proc/" + std::to_string(pid) + "/maps").value;
  for (std::string_view rest = text; !rest.empty();) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto path = line.find('/');
    if (path != line.npos && IsOnTarget(line.substr(path))) return true;
  }
  return false;
}

std::vector<bool> Holders::Choose(const std::vector<ProcessInfo>& processes) {
  auto spared = spared_.Choose(processes);
  std::vector<std::size_t> strangers;
  for (std::size_t i = 0; i < processes.size(); ++i)
    if (!spared[i]) strangers.push_back(i);
  const auto holds = EachInChild(context_.kernel, strangers.size(), limits::kProcessFiles,
                                 [&](std::size_t i) { return Holds(processes[strangers[i]].pid); });
  // A process that cannot be asked is not known to hold anything.
  for (std::size_t i = 0; i < strangers.size(); ++i)
    spared[strangers[i]] = !holds[i] || !holds[i].value;
  return spared;
}

}  // namespace curfew
