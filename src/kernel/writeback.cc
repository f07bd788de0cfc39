// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/writeback.h"

#include <initializer_list>

#include "text/text.h"

namespace curfew {
namespace {

/// The sum of these columns of /proc/diskstats, from 1: major, minor, name, and what Linux's
/// Documentation/admin-guide/iostats.rst counts from 1.
std::uint64_t SumOfDisks(Files& files, std::initializer_list<std::size_t> columns) {
  const std::string text = files.Read("/proc/diskstats").value;
  std::uint64_t sum = 0;
  for (const std::string_view line : Lines(text)) {
    const auto fields = WordViews(line);
    for (const std::size_t column : columns)
      if (column <= fields.size())
        sum += ParseNumber<std::uint64_t>(fields[column - 1]).value_or(0);
  }
  return sum;
}

}  // namespace

std::uint64_t UnwrittenKib(Files& files) {
  const std::string text = files.Read("/proc/meminfo").value;
  std::uint64_t sum = 0;
  for (const char* key : {"Dirty", "Writeback", "NFS_Unstable"})
    sum += NumberAfter(text, key).value_or(0);
  return sum;
}

std::uint64_t CompletedWrites(Files& files) {
  return SumOfDisks(files, {8, 19});  // and flushes
}

std::uint64_t CompletedReads(Files& files) {
  return SumOfDisks(files, {4});
}

std::uint64_t WaitsBegun(Files& files, pid_t pid) {
  const std::string text = files.Read("/proc/" + std::to_string(pid) + "/status").value;
  return NumberAfter(text, "voluntary_ctxt_switches").value_or(0);
}

}  // namespace curfew
