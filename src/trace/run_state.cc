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

bool EndsMachine(std::string_view level) {
  return level == "0" || level == "6";
}

class Reader {
 public:
  void Take(const boost::json::object& event) {
    const std::string name = Text(event, "event");
    if (name == "begin") return Begin(event);
    if (name == "start") return Start(event);
    if (name == "skipped") ++state_.ended;
    if (name == "stage-start") {
      state_.stage = Text(event, "stage");
      state_.stage_since_us = Number(event, "time_us");
    }
    if (name == "stage-end") state_.stage.clear();
    const auto script = Find(event);
    if (script == state_.running.end()) return;
    if (name == "line") script->last_line = Text(event, "text");
    if (name == "abandoned") Abandon(event, *script);
    if (name != "exit") return;
    ++state_.ended;
    state_.running.erase(script);
  }

  RunState Done() {
    state_.left_alone = std::count_if(state_.running.begin(), state_.running.end(),
                                      [](const auto& script) { return script.abandoned; });
    return std::move(state_);
  }

 private:
  void Begin(const boost::json::object& event) {
    // A boot goes from level to level, each with scripts of its own; 6 may turn into 0.
    if (!EndsMachine(state_.level)) state_ = {};
    state_.level = Text(event, "level");
    state_.previous = Text(event, "previous");
    // The plan of this run includes what an earlier run has not done.
    state_.scripts = state_.ended + Number(event, "scripts");
  }

  void Start(const boost::json::object& event) {
    // An rc that takes over writes another start event for each script that it adopts.
    const auto old = Find(event);
    if (old != state_.running.end() && old->pid == Number(event, "pid")) {
      old->abandoned = false;
      return;
    }
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

std::vector<std::string> Texts(const boost::json::object& object, const char* key) {
  std::vector<std::string> texts;
  const boost::json::value* value = object.if_contains(key);
  if (!value || !value->is_array()) return texts;
  for (const boost::json::value& text : value->get_array())
    if (text.is_string()) texts.emplace_back(text.get_string());
  return texts;
}

/// Passes each line that is an object to `take`.
template <typename Take>
void ForEachObject(std::string_view lines, Take take) {
  for (const std::string_view line : Lines(lines)) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(line, error);
    if (!error && value.is_object()) take(value.get_object());
  }
}

}  // namespace

RunState ReadRunState(std::string_view trace) {
  Reader reader;
  ForEachObject(trace, [&](const boost::json::object& event) { reader.Take(event); });
  return reader.Done();
}

void TakeRunStatus(std::string_view lines, RunState* state) {
  ForEachObject(lines, [&](const boost::json::object& said) {
    if (said.contains("level")) {
      state->ended = Number(said, "ended");
      state->left_alone = Number(said, "left_alone");
    }
    for (RunState::Running& script : state->running) {
      if (script.service != Text(said, "service") || script.action != Text(said, "action"))
        continue;
      if (said.contains("left_s")) script.left_s = Number(said, "left_s");
      if (said.contains("usual_us")) script.usual_us = Number(said, "usual_us");
      script.processes = Texts(said, "processes");
      script.behind = Texts(said, "behind");
    }
  });
}

}  // namespace curfew
