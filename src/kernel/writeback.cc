// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/writeback.h"

#include <cstdlib>
#include <sstream>
#include <string>

namespace curfew {

std::uint64_t UnwrittenKib(Files& files) {
  const std::string text = "\n" + files.Read("/proc/meminfo").value;
  std::uint64_t sum = 0;
  for (const std::string key : {"\nDirty:", "\nWriteback:", "\nNFS_Unstable:"})
    if (auto at = text.find(key); at != text.npos)
      sum += std::strtoull(text.c_str() + at + key.size(), nullptr, 10);
  return sum;
}

std::uint64_t CompletedWrites(Files& files) {
  // Kernel, Documentation/admin-guide/iostats.rst: after major, minor and name.
  constexpr int kWrites = 8, kFlushes = 19;
  std::istringstream disks(files.Read("/proc/diskstats").value);
  std::uint64_t sum = 0;
  for (std::string line; std::getline(disks, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int number = 1; fields >> field; ++number) {
      if (number == kWrites || number == kFlushes) sum += std::strtoull(field.c_str(), nullptr, 10);
    }
  }
  return sum;
}

std::uint64_t WaitsBegun(Files& files, pid_t pid) {
  const std::string text = files.Read("/proc/" + std::to_string(pid) + "/status").value;
  const std::string key = "\nvoluntary_ctxt_switches:";
  const auto at = text.find(key);
  return at == text.npos ? 0 : std::strtoull(text.c_str() + at + key.size(), nullptr, 10);
}

}  // namespace curfew
