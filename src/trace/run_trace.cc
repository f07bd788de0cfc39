// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

#include <utility>

namespace curfew {
namespace {

constexpr std::size_t kMostOfScript = 1 << 20;
constexpr std::size_t kMostInAll = 8 << 20;
/// What an event costs beside its text.
constexpr std::size_t kEventSize = 64;

}  // namespace

void RunTrace::Began(const Plan& plan) {
  size_t scripts = 0;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) scripts += script.kind != ScriptKind::kHandOver;
  }
  trace_.Write(TraceLine("begin")
                   .Text("level", plan.level)
                   .Text("previous", plan.previous)
                   .Number("scripts", static_cast<long long>(scripts)));
}

void RunTrace::Started(const Script& script, pid_t pid) {
  trace_.Write(TraceLine("start")
                   .Text("service", script.service)
                   .Text("link", script.link)
                   .Text("action", ActionWord(script.action))
                   .Text("stages", script.stages)
                   .Number("pid", pid)
                   .Number("limit_s", script.limit.count()));
}

void RunTrace::Line(const Script& script, std::string_view text) {
  Kept& kept = kept_[&script];
  const std::size_t size = text.size() + kEventSize;
  if (kept.bytes + size > kMostOfScript || all_bytes_ + size > kMostInAll) {
    ++kept.lost;
    return;
  }
  kept.bytes += size;
  all_bytes_ += size;
  trace_.Write(TraceLine("line").Text("service", script.service).Text("text", text));
}

void RunTrace::SayLost(const Script& script) {
  const auto kept = kept_.find(&script);
  if (kept == kept_.end() || kept->second.lost == 0) return;
  trace_.Write(TraceLine("lost")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action))
                   .Number("lines", std::exchange(kept->second.lost, 0)));
}

void RunTrace::Ended(const Script& script, ExitStatus status) {
  SayLost(script);
  trace_.Write(TraceLine("exit")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action))
                   .Text("status", status.Text()));
}

void RunTrace::Skipped(const Script& script) {
  trace_.Write(TraceLine("skipped")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action)));
}

void RunTrace::NearLimit(const Script& script, std::chrono::seconds quiet,
                         std::chrono::seconds left) {
  trace_.Write(TraceLine("near-limit")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action))
                   .Number("quiet_s", quiet.count())
                   .Number("left_s", left.count()));
}

void RunTrace::Abandoned(const Script& script, const Abandonment& why) {
  SayLost(script);
  trace_.Write(TraceLine("abandoned")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action))
                   .Text("reason", why.reason)
                   .Text("last_line", why.last_line));
}

void RunTrace::Evidence(const Script& script, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    trace_.Write(TraceLine("process").Text("service", script.service).Text("text", line));
  }
}

void RunTrace::WaitsFor(const Waiting*) {}

void RunTrace::Note(std::string_view text) {
  trace_.Write(TraceLine("note").Text("text", text));
}

}  // namespace curfew
