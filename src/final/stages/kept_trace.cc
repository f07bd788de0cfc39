// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/kept_trace.h"

#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include "trace/trace.h"

namespace curfew {
namespace {

constexpr std::size_t kKept = 10;
constexpr const char* kSuffix = ".jsonl";

/// The level as rc wrote it in the first line. '\0': this is no trace of a shutdown.
char LevelOf(const std::string& trace, const FinalRequest& request) {
  // --fast has no rc; what it is added to is the trace of the boot.
  if (request.without_rc) return request.ending == Ending::kRestart ? '6' : '0';
  constexpr std::string_view kKey = "\"level\":\"";
  const auto at = trace.substr(0, trace.find('\n')).find(kKey);
  if (at == trace.npos || at + kKey.size() >= trace.size()) return '\0';
  const char level = trace[at + kKey.size()];
  return level == '0' || level == '6' ? level : '\0';
}

/// Sorts by age.
std::string NameAt(std::chrono::microseconds wall_clock, char level) {
  const time_t seconds = wall_clock.count() / 1000000;
  tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &local);
  return std::string(text) + level + kSuffix;
}

void RemoveOld(Kernel& kernel) {
  auto names = kernel.List(kTraceDir).value;
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(kSuffix); });
  std::sort(names.begin(), names.end());
  for (std::size_t i = 0; i + kKept < names.size(); ++i)
    kernel.Unlink(std::string(kTraceDir) + "/" + names[i]);
}

}  // namespace

std::error_code KeepTrace(StageContext& context) {
  Kernel& kernel = context.kernel;
  const auto trace = kernel.Read(Trace::kPath);
  const char level = LevelOf(trace.value, context.request);
  if (!trace || level == '\0') return {};
  const auto path = std::string(kTraceDir) + "/" + NameAt(kernel.WallClock(), level);
  if (auto error = kernel.Store(path, trace.value)) return error;
  RemoveOld(kernel);
  return {};
}

}  // namespace curfew
