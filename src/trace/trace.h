// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "kernel/fd.h"
#include "kernel/result.h"
#include "kernel/run_files.h"
#include "text/json_line.h"

namespace curfew {

/// The version of the events and fields in a trace; curfew-trace(5) has them.
constexpr long long kTraceSchema = 1;

/// Root and the group of log readers may read a trace: scripts may print what is not for all.
constexpr mode_t kTraceMode = 0640;
/// The kernel shows the stack of a process to root alone (proc(5)).
constexpr mode_t kStacksMode = 0600;

/// One event as a line of JSON.
class TraceLine : public JsonLine {
 public:
  /// Begins with "time_us" (CLOCK_BOOTTIME) and "event".
  explicit TraceLine(std::string_view event);
};

/// The file into which rc and the stages of one change of level write events, and which `curfew`
/// reads: one JSON object a line. Each line is one write(2), so that those of several writers do
/// not mix.
class Trace {
 public:
  /// The path of the file, below the root.
  static constexpr const char* kPath = run_files::kTrace;

  /// `fresh` begins a new file, of mode `mode` and of group `group`. After an error events are
  /// dropped.
  std::error_code Open(const std::string& path, bool fresh, mode_t mode = kTraceMode,
                       gid_t group = 0);
  void Write(const JsonLine& line);

 private:
  Fd file_;
};

/// CLOCK_BOOTTIME in microseconds: counts time in suspend, and never jumps.
long long BootTimeMicroseconds();
/// CLOCK_REALTIME in microseconds since 1970.
long long WallTimeMicroseconds();

}  // namespace curfew
