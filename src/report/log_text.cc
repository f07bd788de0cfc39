// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/log_text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "console/escape.h"
#include "console/plain.h"
#include "report/event_text.h"
#include "report/json_text.h"
#include "report/time_text.h"
#include "text/similar.h"

namespace curfew {
namespace {

/// What a terminal makes of a line may be much longer than the line; more than this no trace of
/// rc's gives.
constexpr std::size_t kMostOfLog = 4 * kMostOfTrace;

/// The clocks of one run's events. An event without a time has that of the one before.
class LogClock {
 public:
  explicit LogClock(const RecordedRun& run) : run_(run), now_us_(run.begin_us.value_or(0)) {}

  void Take(const TraceEvent& event) { now_us_ = event.Time("time_us").value_or(now_us_); }

  /// CLOCK_REALTIME in microseconds, if the trace allows to know it. The next boot has a
  /// CLOCK_BOOTTIME of its own.
  std::optional<long long> Wall(const TraceEvent& event) const {
    if (event.Name() == "next-boot") return event.Time("wall_us");
    if (!run_.wall_offset_us || *run_.wall_offset_us + now_us_ < 0) return std::nullopt;
    return *run_.wall_offset_us + now_us_;
  }

  long long SinceBegin() const { return std::max(0LL, now_us_ - run_.begin_us.value_or(0)); }

 private:
  const RecordedRun& run_;
  long long now_us_;
};

/// Passes on what is to be shown, with the clocks at it.
void ForEachShown(const LoadedRun& loaded, const LogFilter& filter, const Sink& sink,
                  const std::function<std::string(const TraceEvent&, const LogClock&)>& show) {
  LogClock clock(loaded.run);
  std::size_t written = 0;
  ForEachEvent(loaded.trace.text, EventKinds::kAll, [&](const TraceEvent& event) {
    clock.Take(event);
    if (!filter.service.empty() && EventSubject(event) != filter.service) return;
    if (written > kMostOfLog) return;
    const std::string text = show(event, clock);
    written += text.size();
    sink(text);
  });
}

}  // namespace

void WriteLog(const LoadedRun& loaded, const LogFilter& filter, const Sink& sink) {
  std::string day;
  ForEachShown(loaded, filter, sink, [&](const TraceEvent& event, const LogClock& clock) {
    if (event.Name() == "script") return std::string();
    std::string text;
    const auto wall = clock.Wall(event);
    if (wall && std::exchange(day, DateText(*wall)) != DateText(*wall)) text = day + "\n";
    const bool later = !wall && event.Name() == "next-boot";
    text += wall ? ClockText(*wall) : later ? "later" : "+" + DurationText(clock.SinceBegin());
    text += " " + Escaped(EventSubject(event)) + ": ";
    const std::string what = EventText(event);
    if (event.Name() == "line") return text + Escaped(PlainLine(what)) + "\n";
    return text + "(" + Escaped(PlainLine(what)) + ")\n";
  });
}

void WriteLogJson(const LoadedRun& loaded, const LogFilter& filter, const Sink& sink) {
  const char* separator = "[\n";
  ForEachShown(loaded, filter, sink, [&](const TraceEvent& event, const LogClock& clock) {
    boost::json::object item;
    const auto wall = clock.Wall(event);
    item["wall"] = wall ? boost::json::value(IsoText(*wall)) : boost::json::value(nullptr);
    item["who"] = EventSubject(event);
    for (const auto& field : event.fields()) item[field.key()] = field.value();
    return std::exchange(separator, ",\n") + JsonText(item);
  });
  sink(std::string_view(separator) == ",\n" ? "\n]\n" : "[]\n");
}

std::string ServiceNamed(const RecordedRun& run, const std::string& name) {
  for (const RecordedScript& script : run.scripts) {
    if (script.service == name || script.link == name) return script.service;
  }
  return name == "rc" || name == "halt" ? name : "";
}

std::vector<std::string> CloseNames(const RecordedRun& run, const std::string& name) {
  std::set<std::string> services;
  for (const RecordedScript& script : run.scripts) services.insert(script.service);
  return Similar(name, services);
}

}  // namespace curfew
