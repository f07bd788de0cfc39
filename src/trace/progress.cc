// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/progress.h"

#include <algorithm>
// The library itself: Debian has it only as a shared object, and curfew is static.
#include <boost/json/src.hpp>

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
    if (name == "skipped") ++progress_.ended;
    const auto script = Find(event);
    if (script == progress_.running.end()) return;
    if (name == "line") script->last_line = Text(event, "text");
    if (name == "abandoned") Abandon(event, *script);
    if (name != "exit") return;
    Count(*script);
    progress_.running.erase(script);
  }

  Progress Done() { return std::move(progress_); }

 private:
  void Begin(const boost::json::object& event) {
    progress_.level = Text(event, "level");
    progress_.previous = Text(event, "previous");
    // What an earlier run left undone is in the plan of this one.
    progress_.scripts = progress_.ended + Number(event, "scripts");
    for (Progress::Running& script : progress_.running) script.counted = false;
  }

  void Start(const boost::json::object& event) {
    // An rc that takes over says again what it adopts.
    const auto old = Find(event);
    if (old != progress_.running.end() && old->pid == Number(event, "pid")) return;
    Progress::Running& script = progress_.running.emplace_back();
    script.link = Text(event, "link");
    script.service = Text(event, "service");
    script.action = Text(event, "action");
    script.pid = static_cast<pid_t>(Number(event, "pid"));
    script.since_us = Number(event, "time_us");
    script.limit_s = Number(event, "limit_s");
  }

  void Abandon(const boost::json::object& event, Progress::Running& script) {
    script.abandoned = true;
    script.reason = Text(event, "reason");
    Count(script);
  }

  void Count(Progress::Running& script) {
    if (!std::exchange(script.counted, true)) ++progress_.ended;
  }

  std::vector<Progress::Running>::iterator Find(const boost::json::object& event) {
    const std::string service = Text(event, "service");
    const std::string action = Text(event, "action");
    return std::find_if(
        progress_.running.begin(), progress_.running.end(), [&](const Progress::Running& script) {
          return script.service == service && (action.empty() || script.action == action);
        });
  }

  Progress progress_;
};

}  // namespace

Progress ReadProgress(std::string_view trace) {
  Reader reader;
  while (!trace.empty()) {
    const size_t end = std::min(trace.find('\n'), trace.size());
    boost::json::error_code error;
    const boost::json::value event = boost::json::parse(trace.substr(0, end), error);
    if (!error && event.is_object()) reader.Take(event.get_object());
    trace.remove_prefix(std::min(end + 1, trace.size()));
  }
  return reader.Done();
}

}  // namespace curfew
