// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/other_processes.h"

#include <algorithm>

namespace curfew {

std::vector<ProcessInfo> OtherProcesses(Kernel& kernel) {
  std::vector<ProcessInfo> processes;
  for (const std::string& name : kernel.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0 || pid == kernel.Self()) continue;
    if (auto process = ReadProcess(kernel, pid); process && !process.value.kernel_thread)
      processes.push_back(std::move(process.value));
  }
  return processes;
}

std::string JoinedNames(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 3;
  const auto shown = std::min(names.size(), kMost);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (text.empty() ? "" : ", ") + names[i];
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more"
                              : text;
}

}  // namespace curfew
