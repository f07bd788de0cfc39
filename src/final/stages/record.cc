// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>
#include <utmp.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "kernel/in_child.h"
#include "text/text.h"
#include "trace/trace.h"

namespace curfew {
namespace {

constexpr const char* kWtmp = "/var/log/wtmp";

/// Writes `text` at the front of a field; the rest of the field stays zero, from record{}.
template <size_t N>
void Put(char (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

/// The bytes of the wtmp record that says "shutdown" to last(1): type RUN_LVL, line and id "~~",
/// user "shutdown", host the kernel's release (utmp.c of sysvinit 3.06).
std::string ShutdownRecord(std::chrono::microseconds wall_clock, const std::string& release) {
  utmp record{};
  record.ut_type = RUN_LVL;
  Put(record.ut_line, "~~");
  Put(record.ut_id, "~~");
  Put(record.ut_user, "shutdown");
  Put(record.ut_host, release);
  // Both fields have 32 bits, also where time_t has 64.
  record.ut_tv.tv_sec = static_cast<decltype(record.ut_tv.tv_sec)>(wall_clock.count() / 1000000);
  record.ut_tv.tv_usec = static_cast<decltype(record.ut_tv.tv_usec)>(wall_clock.count() % 1000000);
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

/// Directory of the traces of the last shutdowns, and how many of them it keeps.
constexpr const char* kTraceDir = "/var/log/curfew";
constexpr std::size_t kKept = 10;
constexpr const char* kSuffix = ".jsonl";

/// The level that rc wrote into the trace's first line. '\0': it is no trace of a shutdown.
char LevelOf(const std::string& trace, const FinalRequest& request) {
  // --fast without rc adds its events to the trace of the boot.
  if (request.without_rc) return request.ending == Ending::kRestart ? '6' : '0';
  constexpr std::string_view kKey = "\"level\":\"";
  const auto at = FirstLine(trace).find(kKey);
  if (at == trace.npos || at + kKey.size() >= trace.size()) return '\0';
  const char level = trace[at + kKey.size()];
  return level == '0' || level == '6' ? level : '\0';
}

/// The file name, which sorts by age.
std::string NameAt(std::chrono::microseconds wall_clock, char level) {
  const time_t seconds = wall_clock.count() / 1000000;
  tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &local);
  return std::string(text) + level + kSuffix;
}

void RemoveOld(Files& files) {
  auto names = files.List(kTraceDir).value;
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(kSuffix); });
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i + kKept < names.size(); ++i)
    files.Unlink(std::string(kTraceDir) + "/" + names[i]);
}

/// Copies the trace of this shutdown from memory to kTraceDir. Does nothing if there is none.
std::error_code KeepTrace(StageContext& context) {
  Kernel& kernel = context.kernel;
  const auto trace = kernel.Read(Trace::kPath);
  const char level = LevelOf(trace.value, context.request);
  if (!trace || level == '\0') return {};
  const auto path = std::string(kTraceDir) + "/" + NameAt(kernel.WallClock(), level);
  if (auto error = ReplaceFile(kernel, path, trace.value)) return error;
  RemoveOld(kernel);
  return {};
}

}  // namespace

void RecordStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  const FinalRequest& request = context.request;
  struct Entry {
    const char* path;
    const char* what;
    std::function<std::error_code()> write;
  };
  std::vector<Entry> entries;
  const auto record = ShutdownRecord(kernel.WallClock(), kernel.Release());
  if (request.record)
    entries.push_back({kWtmp, "no shutdown record", [&] { return kernel.Append(kWtmp, record); }});
  if (request.in_shutdown && request.sync)
    entries.push_back({kTraceDir, "the trace is not kept", [&] { return KeepTrace(context); }});
  const auto errors =
      EachInChild(kernel, {.count = entries.size(),
                           .limit = limits::kDisk,
                           .call = [&](std::size_t i) { return entries[i].write(); },
                           .resource = [](std::size_t) { return "/var/log"; }});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!errors[i] || errors[i] == std::errc::no_such_file_or_directory ||
        errors[i] == std::errc::operation_canceled)
      continue;
    context.report.Say(std::string(entries[i].path) + ": " + entries[i].what + ": " +
                       errors[i].message());
  }
}

}  // namespace curfew
