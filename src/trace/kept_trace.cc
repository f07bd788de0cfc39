// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/kept_trace.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "kernel/run_files.h"
#include "text/text.h"
#include "trace/trace.h"

namespace curfew {
namespace {

constexpr std::size_t kMost = 10;
constexpr std::string_view kSuffix = ".jsonl";
/// Digits of the number, so that names sort by it.
constexpr std::size_t kDigits = 6;

/// The number that a copy's name begins with; 0: it is no copy.
unsigned NumberOf(std::string_view name) {
  if (!name.ends_with(kSuffix) || name.size() <= kDigits || name[kDigits] != '-') return 0;
  return ParseNumber<unsigned>(name.substr(0, kDigits)).value_or(0);
}

std::vector<std::string> Copies(Files& files) {
  auto names = files.List(kKeptTraces).value;
  std::erase_if(names, [](const std::string& name) { return NumberOf(name) == 0; });
  std::sort(names.begin(), names.end());
  return names;
}

std::string NameOf(unsigned number, std::chrono::microseconds wall_clock, char level) {
  const time_t seconds = wall_clock.count() / 1000000;
  tm local{};
  localtime_r(&seconds, &local);
  char date[32];
  strftime(date, sizeof date, "%Y%m%d-%H%M%S", &local);
  char name[64];
  snprintf(name, sizeof name, "%0*u-%s-%c.jsonl", static_cast<int>(kDigits), number, date, level);
  return name;
}

/// The path of a new, empty copy, to which run_files::kKept leads.
Result<std::string> Begin(Files& files, std::chrono::microseconds wall_clock, char level) {
  files.MakeDirectory(kKeptTraces);
  const auto old = Copies(files);
  const unsigned number = old.empty() ? 1 : NumberOf(old.back()) + 1;
  const std::string path = std::string(kKeptTraces) + "/" + NameOf(number, wall_clock, level);
  if (auto error = files.Create(path, "")) return error;
  if (auto error = ReplaceLink(files, path, run_files::kKept)) {
    files.Unlink(path);
    return error;
  }
  for (std::size_t i = 0; i + kMost <= old.size(); ++i)
    files.Unlink(std::string(kKeptTraces) + "/" + old[i]);
  return path;
}

}  // namespace

char LevelOfTrace(std::string_view trace) {
  constexpr std::string_view kKey = "\"level\":\"";
  const auto line = FirstLine(trace);
  const auto at = line.find(kKey);
  return at == line.npos || at + kKey.size() >= line.size() ? '\0' : line[at + kKey.size()];
}

std::error_code UpdateKeptTrace(Files& files, std::chrono::microseconds wall_clock, char level) {
  const auto size = [&](const std::string& path) -> Result<std::size_t> {
    const auto info = files.Stat(path);
    if (!info) return info.error;
    return static_cast<std::size_t>(info.value.st_size);
  };
  const auto traced = size(Trace::kPath);
  if (!traced || traced.value == 0) return {};
  Result<std::string> path = files.ReadLink(run_files::kKept);
  if (!path) path = Begin(files, wall_clock, level);
  if (!path) return path.error;
  const auto kept = size(path.value);
  if (!kept) return kept.error;
  if (kept.value >= traced.value) return {};
  const auto trace = files.Read(Trace::kPath);
  if (!trace || trace.value.size() <= kept.value) return trace.error;
  return files.Append(path.value, std::string_view(trace.value).substr(kept.value));
}

}  // namespace curfew
