// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/writeback.h"

#include "text/text.h"

namespace curfew {

std::uint64_t UnwrittenKib(Files& files) {
  const std::string text = files.Read("/proc/meminfo").value;
  std::uint64_t sum = 0;
  for (const char* key : {"Dirty", "Writeback", "NFS_Unstable"})
    sum += NumberAfter(text, key).value_or(0);
  return sum;
}

std::uint64_t CompletedWrites(Files& files) {
  // Kernel, Documentation/admin-guide/iostats.rst: after major, minor and name.
  constexpr std::size_t kWrites = 8, kFlushes = 19;
  const std::string text = files.Read("/proc/diskstats").value;
  std::uint64_t sum = 0;
  for (const std::string_view line : Lines(text)) {
    const auto fields = WordViews(line);
    for (const std::size_t number : {kWrites, kFlushes})
      if (number <= fields.size())
        sum += ParseNumber<std::uint64_t>(fields[number - 1]).value_or(0);
  }
  return sum;
}

std::uint64_t WaitsBegun(Files& files, pid_t pid) {
  const std::string text = files.Read("/proc/" + std::to_string(pid) + "/status").value;
  return NumberAfter(text, "voluntary_ctxt_switches").value_or(0);
}

}  // namespace curfew
