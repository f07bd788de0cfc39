// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_state.h"

#include <algorithm>
// The source of the library: Debian has it only as a shared object, and curfew is static.
#include <boost/json/src.hpp>

#include "text/text.h"

namespace curfew {
namespace {

std::string Text(const boost::json::object& event, const char* key) {
  const boost::json::value* value = event.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

long long Number(const boost::json::object& event, const char* key) {
  const boost::json::value* value = event.if_contains(key);
  return value && value->is_int64() ? value->get_int64() : 0;
}

class Reader {
 public:
  void Take(const boost::json::object& event) {
    const std::string name = Text(event, "event");
    if (name == "begin") return Begin(event);
    if (name == "start") return Start(event);
    if (name == "skipped") ++state_.ended;
    const auto script = Find(event);
    if (script == state_.running.end()) return;
    if (name == "line") script->last_line = Text(event, "text");
    if (name == "abandoned") Abandon(event, *script);
    if (name != "exit") return;
    Count(*script);
    state_.running.erase(script);
  }

  RunState Done() { return std::move(state_); }

 private:
  void Begin(const boost::json::object& event) {
    state_.level = Text(event, "level");
    state_.previous = Text(event, "previous");
    // The plan of this run includes what an earlier run has not done.
    state_.scripts = state_.ended + Number(event, "scripts");
    for (RunState::Running& script : state_.running) script.counted = false;
  }

  void Start(const boost::json::object& event) {
    // An rc that takes over writes another start event for each script that it adopts.
    const auto old = Find(event);
    if (old != state_.running.end() && old->pid == Number(event, "pid")) return;
    RunState::Running& script = state_.running.emplace_back();
    script.link = Text(event, "link");
    script.service = Text(event, "service");
    script.action = Text(event, "action");
    script.pid = static_cast<pid_t>(Number(event, "pid"));
    script.since_us = Number(event, "time_us");
    script.limit_s = Number(event, "limit_s");
  }

  void Abandon(const boost::json::object& event, RunState::Running& script) {
    script.abandoned = true;
    script.reason = Text(event, "reason");
    Count(script);
  }

  void Count(RunState::Running& script) {
    if (!std::exchange(script.counted, true)) ++state_.ended;
  }

  std::vector<RunState::Running>::iterator Find(const boost::json::object& event) {
    const std::string service = Text(event, "service");
    const std::string action = Text(event, "action");
    return std::find_if(
        state_.running.begin(), state_.running.end(), [&](const RunState::Running& script) {
          return script.service == service && (action.empty() || script.action == action);
        });
  }

  RunState state_;
};

}  // namespace

RunState ReadRunState(std::string_view trace) {
  Reader reader;
  for (const std::string_view line : Lines(trace)) {
    boost::system::error_code error;
    const boost::json::value event = boost::json::parse(line, error);
    if (!error && event.is_object()) reader.Take(event.get_object());
  }
  return reader.Done();
}

}  // namespace curfew
