// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/trace_events.h"

#include <boost/json.hpp>
#include <cmath>

#include "config/file.h"
#include "text/text.h"

namespace curfew {
namespace {

/// rc cuts a line of output at 8 KiB, and a byte of it takes at most 6 in the trace. What is longer
/// was written by something else.
constexpr std::size_t kLongestLine = 1 << 20;
/// As TraceLine begins a line.
constexpr std::string_view kLineBegin = "{\"time_us\":";
/// As TraceLine names the event; never a part of a text, in which quotes have a backslash.
constexpr std::string_view kOutputLine = "\"event\":\"line\"";
/// The year 9999.
constexpr long long kLatest = 253402300799000000;

std::string_view TextOf(const boost::json::value& text) {
  return {text.get_string().data(), text.get_string().size()};
}

/// Parses lines one after the other. The memory of one line serves the next.
class LineParser {
 public:
  /// Passes on the event that `line` is. False: it is none.
  bool Take(std::string_view line, const std::function<void(const TraceEvent&)>& take) {
    if (line.size() > kLongestLine || line.find("\"event\"") == line.npos) return false;
    // What is left of a line that could not be parsed goes before its memory does.
    parser_.reset(&memory_);
    memory_.release();
    boost::system::error_code error;
    parser_.write(line.data(), line.size(), error);
    if (error) return false;
    const boost::json::value event = parser_.release();
    if (!event.is_object()) return false;
    const TraceEvent taken(event.get_object());
    if (taken.Name().empty()) return false;
    take(taken);
    return true;
  }

 private:
  unsigned char buffer_[8192];
  boost::json::monotonic_resource memory_{buffer_, sizeof buffer_};
  boost::json::parser parser_;
};

}  // namespace

Result<TraceText> ReadTraceText(const std::string& path) {
  Result<std::string> text = ReadRegularFile(path, kMostOfTrace + 1);
  if (!text) return text.error;
  TraceText trace{std::move(text.value), false};
  trace.cut_off = trace.text.size() > kMostOfTrace;
  if (trace.cut_off) trace.text.resize(kMostOfTrace);
  return trace;
}

std::string TraceEvent::Text(std::string_view key) const {
  const boost::json::value* value = fields_.if_contains(key);
  if (!value) return "";
  if (value->is_string()) return std::string(TextOf(*value));
  if (value->is_int64()) return std::to_string(value->get_int64());
  return value->is_uint64() ? std::to_string(value->get_uint64()) : "";
}

std::string TraceEvent::Name() const {
  const boost::json::value* name = fields_.if_contains("event");
  return name && name->is_string() ? std::string(TextOf(*name)) : "";
}

std::optional<long long> TraceEvent::Number(std::string_view key) const {
  const boost::json::value* value = fields_.if_contains(key);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (value->is_string()) return ParseNumber<long long>(TextOf(*value));
  // Beyond 2^53 a double is no count of anything.
  if (!value->is_double() || std::abs(value->get_double()) > 0x1p53) return std::nullopt;
  return static_cast<long long>(value->get_double());
}

std::optional<long long> TraceEvent::Time(std::string_view key) const {
  const std::optional<long long> time = Number(key);
  return time && *time >= 0 && *time <= kLatest ? time : std::nullopt;
}

std::vector<std::string> TraceEvent::Texts(std::string_view key) const {
  std::vector<std::string> texts;
  const boost::json::value* value = fields_.if_contains(key);
  if (!value || !value->is_array()) return texts;
  for (const boost::json::value& text : value->get_array()) {
    if (text.is_string()) texts.emplace_back(TextOf(text));
  }
  return texts;
}

TraceDamage ForEachEvent(std::string_view trace, EventKinds kinds,
                         const std::function<void(const TraceEvent&)>& take) {
  TraceDamage damage;
  LineParser parser;
  while (!trace.empty()) {
    const std::size_t end = trace.find('\n');
    if (end == trace.npos) {
      damage.torn = true;
      break;
    }
    const std::string_view line = trace.substr(0, end);
    trace.remove_prefix(end + 1);
    if (kinds == EventKinds::kWithoutOutput && line.find(kOutputLine) != line.npos) continue;
    if (parser.Take(line, take)) continue;
    ++damage.unreadable;
    const std::size_t again = line.rfind(kLineBegin);
    if (again != line.npos && again > 0) parser.Take(line.substr(again), take);
  }
  return damage;
}

}  // namespace curfew
