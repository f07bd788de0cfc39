// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/pstore.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "config/rooted.h"
#include "text/text.h"
#include "trace/kept_trace.h"

namespace curfew {
namespace {

constexpr char kDirectory[] = "/sys/fs/pstore";
/// Bytes of a record that are read: records are of some KiB.
constexpr std::size_t kMostOfRecord = 1 << 20;
/// halt's last event before a dump that it asked for (final/kernel_log.h).
constexpr std::string_view kAsked = "\"event\":\"pstore\"";
/// Between the first and the last record of one dump.
constexpr std::time_t kDumpSeconds = 5;

/// A dump may need several records, which begin with "Shutdown#1 Part1", "Shutdown#1 Part2" (fs/
/// pstore/platform.c).
struct Record {
  std::string path;
  std::string text;
  std::time_t time = 0;

  std::string_view Dump() const {
    const std::string_view first = FirstLine(text);
    return first.substr(0, first.find(" Part"));
  }
  bool IsOfDumpOf(const Record& other) const {
    return Dump() == other.Dump() && std::abs(time - other.time) <= kDumpSeconds;
  }
};

std::vector<Record> ReadRecords(Kernel& kernel, const std::string& directory) {
  std::vector<Record> records;
  for (const std::string& name : kernel.List(directory).value) {
    const std::string path = directory + "/" + name;
    auto text = kernel.ReadRegular(path, kMostOfRecord);
    const auto info = kernel.Stat(path);
    if (text && info) records.push_back({path, std::move(text.value), info.value.st_mtime});
  }
  // The parts of a dump are numbered from its end backwards.
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return FirstLine(a.text) > FirstLine(b.text); });
  return records;
}

}  // namespace

PstoreEvents ReadPstore(Kernel& kernel, const std::string& root, const std::string& copy) {
  const std::string mark = KernelLogMark(copy);
  const auto directory = ResolveBelow(root, kDirectory);
  if (mark.empty() || !directory) return {};
  const std::vector<Record> records = ReadRecords(kernel, directory.value);
  PstoreEvents found;
  const Record* asked = nullptr;
  for (const Record& record : records) {
    for (const std::string_view line : Lines(record.text)) {
      const auto at = line.find(mark + "{");
      if (at == line.npos) continue;
      const auto event = line.substr(at + mark.size());
      if (event.find(kAsked) != event.npos) asked = &record;
      found.events += std::string(event) + "\n";
    }
  }
  for (const Record& record : records)
    if (asked && record.IsOfDumpOf(*asked)) found.records.push_back(record.path);
  return found;
}

}  // namespace curfew
