// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"
#include "kernel/fd.h"
#include "trace/trace.h"

namespace curfew {

/// Lines on standard error, events in the trace. A console that takes no more bytes (Ctrl-S, a dead
/// serial line, a full pipe) holds nobody up: lines wait for it, and those that are too many are
/// dropped, which a line says.
class ConsoleReport : public Report {
 public:
  /// `program` begins each line.
  explicit ConsoleReport(std::string program);
  /// Gives what waits 0.2 s.
  ~ConsoleReport() override;

  /// From here on events are added to the trace of this change of level, where there is one.
  void OpenTrace();

  void Say(std::string_view line) override;
  /// A value of digits alone becomes a number.
  void Event(std::string_view name, std::initializer_list<EventField> fields) override;

 private:
  /// More than a screenful is a console that nobody reads.
  static constexpr std::size_t kMostWaiting = 16384;

  void WriteWhatFits();
  ssize_t Write(std::string_view text) const;

  std::string program_;
  Trace trace_;
  Fd own_;  ///< Standard error opened anew: O_NONBLOCK on fd 2 would be shared with everybody else.
  std::string waiting_;
  std::size_t dropped_ = 0;  ///< Lines since the last that was taken.
};

}  // namespace curfew
