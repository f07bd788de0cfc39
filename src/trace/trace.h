// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {

/// One event as a line of JSON, put together without a tree and without allocation surprises.
class TraceLine {
 public:
  /// Begins {"time_us":CLOCK_BOOTTIME,"event":NAME.
  explicit TraceLine(std::string_view event);

  /// Text that is no UTF-8 has its bad bytes replaced, or no reader would take the line.
  TraceLine& Text(std::string_view key, std::string_view value);
  TraceLine& Number(std::string_view key, long long value);
  /// The line, closed and with its newline.
  std::string Done() const { return text_ + "}\n"; }

 private:
  std::string text_;
};

/// The file of events that rc and the stages of one change of level write and `curfew` reads: one
/// JSON object a line, each in one write(2), so that several writers never mix.
class Trace {
 public:
  /// Where the trace is while the machine runs, below the root.
  static constexpr char kPath[] = "/run/curfew/trace.jsonl";

  /// `fresh` starts a new file. On error events go nowhere.
  std::error_code Open(const std::string& path, bool fresh);
  void Write(const TraceLine& line);

 private:
  Fd file_;
};

/// CLOCK_BOOTTIME in microseconds: goes on in suspend, never jumps.
long long BootTimeMicroseconds();

}  // namespace curfew
