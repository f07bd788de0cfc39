// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

#include <utility>

namespace curfew {
namespace {

constexpr std::size_t kMostOfScript = 1 << 20;
constexpr std::size_t kMostInAll = 8 << 20;
/// Bytes of a line in the trace beside its text.
constexpr std::size_t kEventSize = 64;

TraceLine LineOf(const char* event, const Script& script) {
  TraceLine line(event);
  line.Text("service", script.service).Text("action", ActionWord(script.action));
  return line;
}

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

void RunTrace::On(const Event& event) {
  std::visit([this](const auto& e) { Write(e); }, event);
}

void RunTrace::Write(const ScriptStarted& e) {
  const Script& script = e.script;
  trace_.Write(TraceLine("start")
                   .Text("service", script.service)
                   .Text("link", script.link)
                   .Text("action", ActionWord(script.action))
                   .Text("stages", script.stages)
                   .Number("pid", e.pid)
                   .Number("limit_s", script.limit.count()));
}

void RunTrace::Write(const OutputLine& e) {
  Kept& kept = kept_[&e.script];
  const std::size_t size = e.text.size() + kEventSize;
  if (kept.bytes + size > kMostOfScript || all_bytes_ + size > kMostInAll) {
    ++kept.lost;
    return;
  }
  kept.bytes += size;
  all_bytes_ += size;
  trace_.Write(TraceLine("line").Text("service", e.script.service).Text("text", e.text));
}

void RunTrace::SayLost(const Script& script) {
  const auto kept = kept_.find(&script);
  if (kept == kept_.end() || kept->second.lost == 0) return;
  trace_.Write(LineOf("lost", script).Number("lines", std::exchange(kept->second.lost, 0)));
}

void RunTrace::Write(const ScriptEnded& e) {
  SayLost(e.script);
  trace_.Write(LineOf("exit", e.script).Text("status", e.status.Text()));
}

void RunTrace::Write(const ScriptSkipped& e) {
  trace_.Write(LineOf("skipped", e.script));
}

void RunTrace::Write(const NearLimit& e) {
  trace_.Write(LineOf("near-limit", e.script)
                   .Number("quiet_s", e.quiet.count())
                   .Number("left_s", e.left.count()));
}

void RunTrace::Write(const ScriptAbandoned& e) {
  SayLost(e.script);
  trace_.Write(
      LineOf("abandoned", e.script).Text("reason", e.reason).Text("last_line", e.last_line));
}

void RunTrace::Write(const Evidence& e) {
  for (const std::string& line : e.lines) {
    trace_.Write(TraceLine("process").Text("service", e.script.service).Text("text", line));
  }
}

void RunTrace::Write(const Note& e) {
  trace_.Write(TraceLine("note").Text("text", e.text));
}

}  // namespace curfew
