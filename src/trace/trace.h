// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "kernel/fd.h"
#include "kernel/result.h"
#include "kernel/run_files.h"

namespace curfew {

/// One event as a line of JSON.
class TraceLine {
 public:
  /// Begins {"time_us":CLOCK_BOOTTIME,"event":NAME.
  explicit TraceLine(std::string_view event);

  /// Replaces the bad bytes of a text that is not UTF-8: readers would refuse the line.
  TraceLine& Text(std::string_view key, std::string_view value);
  TraceLine& Number(std::string_view key, long long value);
  /// The whole line, with its newline.
  std::string Done() const { return text_ + "}\n"; }

 private:
  std::string text_;
};

/// The file into which rc and the stages of one change of level write events, and which `curfew`
/// reads: one JSON object a line. Each line is one write(2), so that those of several writers do
/// not mix.
class Trace {
 public:
  /// The path of the file, below the root.
  static constexpr const char* kPath = run_files::kTrace;

  /// `fresh` begins a new file. After an error events are dropped.
  std::error_code Open(const std::string& path, bool fresh);
  void Write(const TraceLine& line);

 private:
  Fd file_;
};

/// CLOCK_BOOTTIME in microseconds: counts time in suspend, and never jumps.
long long BootTimeMicroseconds();

}  // namespace curfew
