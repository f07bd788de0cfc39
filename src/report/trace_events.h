// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/result.h"

namespace curfew {

/// Of a longer trace only the beginning is read. rc keeps 8 MiB of output; a byte of it takes at
/// most 6 in the trace (\u001b).
constexpr std::size_t kMostOfTrace = 64 << 20;

/// The text of a trace, from the disk.
struct TraceText {
  std::string text;
  bool cut_off = false;  ///< it is longer than kMostOfTrace
};
Result<TraceText> ReadTraceText(const std::string& path);

/// One event, whose fields may be missing or of another type than the writer's: who reads a trace
/// trusts nothing of it.
class TraceEvent {
 public:
  explicit TraceEvent(const boost::json::object& fields) : fields_(fields) {}

  /// Empty if there is no such text. A number counts as its digits: the stages write a process that
  /// is called "123" as a number.
  std::string Text(std::string_view key) const;
  std::optional<long long> Number(std::string_view key) const;
  /// Microseconds; nothing where the number is no time (negative, or over 9999 years).
  std::optional<long long> Time(std::string_view key) const;
  /// The texts of an array.
  std::vector<std::string> Texts(std::string_view key) const;
  /// What happened; empty if this is no event.
  std::string Name() const;
  const boost::json::object& fields() const { return fields_; }

 private:
  const boost::json::object& fields_;
};

/// What of a trace is no event.
struct TraceDamage {
  std::size_t unreadable = 0;  ///< lines
  bool torn = false;           ///< the last line has no end
  explicit operator bool() const { return unreadable > 0 || torn; }
};

/// Which events ForEachEvent() passes on.
enum class EventKinds { kAll, kWithoutOutput };

/// Passes each event of `trace` to `take`, in their order. A line without its end is none: how much
/// of it is missing is not known. Behind a torn line another writer may have gone on in the same
/// line: that event counts.
TraceDamage ForEachEvent(std::string_view trace, EventKinds kinds,
                         const std::function<void(const TraceEvent&)>& take);

}  // namespace curfew
