// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

namespace curfew {

void RunTrace::Began(const Plan& plan) {
  size_t scripts = 0;
  for (const Pass& pass : plan.passes) scripts += pass.scripts.size();
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
                   .Number("pid", pid));
}

void RunTrace::Line(const Script& script, std::string_view text) {
  trace_.Write(TraceLine("line").Text("service", script.service).Text("text", text));
}

void RunTrace::Ended(const Script& script, ExitStatus status) {
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

void RunTrace::Abandoned(const Script& script, std::chrono::seconds limit) {
  trace_.Write(TraceLine("abandoned")
                   .Text("service", script.service)
                   .Text("action", ActionWord(script.action))
                   .Number("limit_s", limit.count()));
}

void RunTrace::Note(std::string_view text) {
  trace_.Write(TraceLine("note").Text("text", text));
}

}  // namespace curfew
