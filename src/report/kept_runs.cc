// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/kept_runs.h"

#include <time.h>

#include <algorithm>
#include <array>

#include "config/file.h"
#include "config/rooted.h"
#include "text/text.h"
#include "trace/kept_trace.h"
#include "trace/trace.h"

namespace curfew {
namespace {

constexpr std::string_view kSuffix = ".jsonl";

/// "20261128" and "215941", in local time, as microseconds of CLOCK_REALTIME.
std::optional<long long> NamedTime(std::string_view date, std::string_view time) {
  if (date.size() != 8 || time.size() != 6) return std::nullopt;
  const std::array<std::string_view, 6> parts = {date.substr(0, 4), date.substr(4, 2),
                                                 date.substr(6, 2), time.substr(0, 2),
                                                 time.substr(2, 2), time.substr(4, 2)};
  std::array<int, 6> numbers{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = ParseNumber<unsigned>(parts[i]);
    if (!number) return std::nullopt;
    numbers[i] = static_cast<int>(*number);
  }
  tm local{};
  local.tm_year = numbers[0] - 1900;
  local.tm_mon = numbers[1] - 1;
  local.tm_mday = numbers[2];
  local.tm_hour = numbers[3];
  local.tm_min = numbers[4];
  local.tm_sec = numbers[5];
  local.tm_isdst = -1;
  const time_t seconds = mktime(&local);
  if (seconds < 0) return std::nullopt;
  return seconds * 1000000LL;
}

bool IsOfKind(bool shutdown, RunKind kind) {
  return shutdown == (kind == RunKind::kShutdowns);
}

/// The kept trace that `name` names, NUMBER-DATE-TIME-LEVEL.jsonl; nothing if it names another file
/// or one of another kind.
std::optional<RunSource> KeptRun(std::string_view name, RunKind kind) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  const auto parts = Split(name, '-');
  if (parts.size() != 4 || !IsOfKind(parts[3] == "0" || parts[3] == "6", kind)) return std::nullopt;
  RunSource source;
  source.number = ParseNumber<unsigned long>(parts[0]).value_or(0);
  source.named_us = NamedTime(parts[1], parts[2]);
  return source.number > 0 ? std::optional(source) : std::nullopt;
}

Result<std::vector<RunSource>> KeptRuns(const std::string& root, RunKind kind) {
  const Result<std::string> directory = ResolveBelow(root, kKeptTraces);
  if (!directory) return directory.error;
  const auto names = ListDirectory(directory.value);
  if (names.error == std::errc::no_such_file_or_directory) return std::vector<RunSource>();
  if (!names) return names.error;
  std::vector<RunSource> runs;
  for (const std::string& name : names.value) {
    std::optional<RunSource> run = KeptRun(name, kind);
    const Result<std::string> path = ResolveBelow(root, std::string(kKeptTraces) + "/" + name);
    if (!run || !path) continue;
    run->path = path.value;
    runs.push_back(*run);
  }
  std::stable_sort(runs.begin(), runs.end(),
                   [](const RunSource& a, const RunSource& b) { return a.number < b.number; });
  return runs;
}

/// The event that a trace begins with tells it from all others by its clocks.
std::string BeginOf(const std::string& path) {
  constexpr std::size_t kLongest = 4096;
  return std::string(FirstLine(ReadRegularFile(path, kLongest).value));
}

}  // namespace

Result<std::vector<RunSource>> ListRuns(const std::string& root, RunKind kind) {
  Result<std::vector<RunSource>> runs = KeptRuns(root, kind);
  const Result<std::string> path = ResolveBelow(root, Trace::kPath);
  if (!path || !runs) return runs;
  RunSource memory;
  memory.path = path.value;
  memory.in_memory = true;
  const Result<LoadedRun> loaded = LoadRun(memory, EventKinds::kWithoutOutput);
  if (loaded.error == std::errc::permission_denied && runs.value.empty()) return {{memory}};
  if (!loaded || !loaded.value.run.began) return runs;
  const RecordedRun& run = loaded.value.run;
  const bool goes_on = run.IsShutdown() || !run.scripts_end;
  if (!IsOfKind(run.IsShutdown(), kind) || (!goes_on && !runs.value.empty())) return runs;
  if (!runs.value.empty() && BeginOf(runs.value.back().path) == BeginOf(memory.path)) {
    memory.number = runs.value.back().number;
    runs.value.pop_back();
  }
  runs.value.push_back(memory);
  return runs;
}

Result<LoadedRun> LoadRun(const RunSource& source, EventKinds kinds) {
  Result<TraceText> trace = ReadTraceText(source.path);
  if (!trace) return trace.error;
  LoadedRun loaded{std::move(trace.value), {}};
  loaded.run = ReadRecordedRun(loaded.trace, kinds);
  RecordedRun& run = loaded.run;
  if (!run.wall_offset_us && source.named_us && run.begin_us) {
    run.wall_offset_us = *source.named_us - *run.begin_us;
  }
  return loaded;
}

}  // namespace curfew
