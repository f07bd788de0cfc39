// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/log_readers.h"
#include "config/rooted.h"
#include "plan/direct.h"
#include "trace/kept_trace.h"

namespace curfew {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kMostOfScript = 1 << 20;
constexpr std::size_t kMostInAll = 8 << 20;
/// Bytes of a line in the trace beside its text.
constexpr std::size_t kEventSize = 64;

const char* Word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
      return "ended";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kNotInstalled:
      return "not-installed";
    case Outcome::kNotConfigured:
      return "not-configured";
  }
  return "";
}

const char* Word(LevelRequest::By by) {
  switch (by) {
    case LevelRequest::By::kInit:
      return "init";
    case LevelRequest::By::kRc:
      return "rc";
    case LevelRequest::By::kHalt:
      break;
  }
  return "halt";
}

TraceLine LineOf(const char* event, const Script& script) {
  TraceLine line(event);
  line.Text("service", script.service).Text("action", ActionWord(script.action));
  return line;
}

}  // namespace

std::string RunTrace::PathOf(const char* file) const {
  const auto path = ResolveBelow(root_, file);
  return path ? path.value : root_ + file;
}

bool RunTrace::ContinuesBoot(const Plan& plan, std::string_view boot_level) const {
  if (plan.level == boot_level || (plan.previous != "N" && plan.previous != boot_level))
    return false;
  const auto trace = files_.Read(PathOf(Trace::kPath));
  return trace && std::string(1, LevelOfTrace(trace.value)) == boot_level.substr(0, 1);
}

std::error_code RunTrace::Begin(const Plan& plan, bool continues_shutdown,
                                std::string_view boot_level) {
  const bool fresh = !continues_shutdown && !ContinuesBoot(plan, boot_level);
  if (fresh)
    for (const char* file : {run_files::kKept, run_files::kStacks}) files_.Unlink(PathOf(file));
  const auto error =
      trace_.Open(PathOf(Trace::kPath), fresh, kTraceMode, LogReaders(files_, root_));
  const LevelRequest request =
      TakeRequest(files_, root_, plan.level, microseconds(BootTimeMicroseconds()), getuid());
  if (error) return error;
  WriteBegin(plan);
  // A boot is asked for by nobody.
  const bool boot = plan.level == boot_level || plan.previous == "N";
  if (request.by != LevelRequest::By::kInit || !boot) WriteRequest(request);
  for (const Pass& pass : plan.passes) WritePass(pass);
  return {};
}

void RunTrace::WriteBegin(const Plan& plan) {
  size_t scripts = 0;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) scripts += script.kind != ScriptKind::kHandOver;
  }
  trace_.Write(TraceLine("begin")
                   .Number("schema", kTraceSchema)
                   .Number("wall_us", WallTimeMicroseconds())
                   .Text("level", plan.level)
                   .Text("previous", plan.previous)
                   .Number("scripts", static_cast<long long>(scripts)));
}

void RunTrace::WritePass(const Pass& pass) {
  const auto direct = DirectDependencies(pass);
  for (std::size_t i = 0; i < pass.scripts.size(); ++i) {
    const Script& script = pass.scripts[i];
    if (script.kind == ScriptKind::kHandOver) continue;
    std::vector<std::string> after;
    for (const Dependency& before : direct[i]) after.push_back(pass.scripts[before.script].service);
    trace_.Write(TraceLine("script")
                     .Text("service", script.service)
                     .Text("link", script.link)
                     .Text("action", ActionWord(script.action))
                     .Text("stages", script.stages)
                     .List("after", after)
                     .Number("limit_s", script.limit.count()));
  }
}

void RunTrace::WriteRequest(const LevelRequest& request) {
  TraceLine line("asked");
  line.Text("by", Word(request.by));
  if (request.by != LevelRequest::By::kInit) {
    const Asker& asker = request.asker;
    line.Text("command", asker.command).Number("uid", asker.uid).List("from", asker.from);
    if (asker.login_uid) line.Number("login_uid", *asker.login_uid);
    if (!asker.terminal.empty()) line.Text("terminal", asker.terminal);
  }
  if (request.by == LevelRequest::By::kHalt) line.Number("before_us", request.before.count());
  trace_.Write(line);
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
  trace_.Write(LineOf("exit", e.script)
                   .Text("status", e.status.Text())
                   .Text("outcome", Word(Classify(e.status, e.script.action))));
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
  for (const std::string& entry : e.lines) {
    const std::string_view all = entry;
    const auto end = std::min(all.rfind('\n'), all.size());
    const std::string_view process = all.substr(0, end);
    trace_.Write(TraceLine("process").Text("service", e.script.service).Text("text", process));
    if (end < all.size()) WriteStack(e.script, process, all.substr(end + 1));
  }
}

void RunTrace::WriteStack(const Script& script, std::string_view process, std::string_view stack) {
  if (!stacks_) stacks_.emplace().Open(PathOf(run_files::kStacks), false, kStacksMode);
  stacks_->Write(TraceLine("stack")
                     .Text("service", script.service)
                     .Text("process", process)
                     .Text("text", stack));
}

void RunTrace::Write(const Note& e) {
  trace_.Write(TraceLine("note").Text("text", e.text));
}

}  // namespace curfew
