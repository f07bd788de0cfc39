// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/kept_trace.h"

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "config/log_readers.h"
#include "kernel/child.h"
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

bool EndsMachine(char level) {
  return level == '0' || level == '6';
}

/// Whether a copy is of the kind of those of `level`: a shutdown, or another change of level.
bool IsOfKind(std::string_view name, char level) {
  name.remove_suffix(kSuffix.size());
  return EndsMachine(name.back()) == EndsMachine(level);
}

std::vector<std::string> Copies(Files& files) {
  auto names = files.List(kKeptTraces).value;
  std::erase_if(names, [](const std::string& name) { return NumberOf(name) == 0; });
  std::sort(names.begin(), names.end());
  return names;
}

std::string StacksOf(const std::string& copy) {
  return copy.substr(0, copy.size() - kSuffix.size()) + ".stacks";
}

/// Of the copies of one kind, in their order, leaves room for one more.
void RemoveOld(Files& files, std::vector<std::string> names, char level) {
  std::erase_if(names, [&](const std::string& name) { return !IsOfKind(name, level); });
  for (std::size_t i = 0; i + kMost <= names.size(); ++i) {
    const std::string path = std::string(kKeptTraces) + "/" + names[i];
    files.Unlink(path);
    files.Unlink(StacksOf(path));
  }
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
  if (auto error = files.Create(path, "", kTraceMode)) return error;
  // Where it fails the copy is for root alone.
  files.SetGroup(path, LogReaders(files, ""));
  if (auto error = ReplaceLink(files, path, run_files::kKept)) {
    files.Unlink(path);
    return error;
  }
  RemoveOld(files, old, level);
  return path;
}

/// 0 if there is no such file.
Result<std::size_t> SizeOf(Files& files, const std::string& path) {
  const auto info = files.Stat(path);
  if (info) return static_cast<std::size_t>(info.value.st_size);
  if (info.error == std::errc::no_such_file_or_directory) return std::size_t{0};
  return info.error;
}

/// Appends to `to`, the beginning of `from`, what it lacks.
std::error_code AppendRest(Files& files, const std::string& from, const std::string& to,
                           std::size_t kept) {
  const auto text = files.Read(from);
  if (!text || text.value.size() <= kept) return text.error;
  return files.Append(to, std::string_view(text.value).substr(kept));
}

std::error_code UpdateStacks(Files& files, const std::string& copy) {
  const std::string path = StacksOf(copy);
  const auto size = SizeOf(files, run_files::kStacks), kept = SizeOf(files, path);
  if (!size || !kept) return size ? kept.error : size.error;
  if (kept.value >= size.value) return {};
  if (kept.value == 0)
    if (auto error = files.Create(path, "", kStacksMode)) return error;
  return AppendRest(files, run_files::kStacks, path, kept.value);
}

}  // namespace

std::string KernelLogMark(std::string_view path) {
  path.remove_prefix(path.rfind('/') + 1);
  return NumberOf(path) == 0 ? "" : "curfew " + std::string(path.substr(0, kDigits)) + ": ";
}

char LevelOfTrace(std::string_view trace) {
  constexpr std::string_view kKey = "\"level\":\"";
  const auto line = FirstLine(trace);
  const auto at = line.find(kKey);
  return at == line.npos || at + kKey.size() >= line.size() ? '\0' : line[at + kKey.size()];
}

std::error_code UpdateKeptTrace(Files& files, std::chrono::microseconds wall_clock, char level) {
  const auto traced = SizeOf(files, Trace::kPath);
  if (!traced || traced.value == 0) return {};
  Result<std::string> path = files.ReadLink(run_files::kKept);
  if (!path) path = Begin(files, wall_clock, level);
  if (!path) return path.error;
  // A copy on a file system that is no longer mounted is not begun again.
  const auto info = files.Stat(path.value);
  if (!info) return info.error;
  const auto kept = static_cast<std::size_t>(info.value.st_size);
  std::error_code error;
  if (kept < traced.value) error = AppendRest(files, Trace::kPath, path.value, kept);
  const auto stacks_error = UpdateStacks(files, path.value);
  return error ? error : stacks_error;
}

std::error_code StartKeepingTrace(Kernel& kernel) {
  const auto keep = [&] {
    kernel.SetCpuPriority(CpuPriority::kStages);
    if (const char level = LevelOfTrace(kernel.Read(Trace::kPath).value))
      (void)UpdateKeptTrace(kernel, kernel.WallClock(), level);
  };
  return StartDaemon(kernel, kTraceWriterName, {}, keep).error;
}

}  // namespace curfew
