// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"
#include "kernel/fd.h"
#include "trace/trace.h"

namespace curfew {

/// The event as a line of the trace.
TraceLine EventLine(std::string_view name, std::initializer_list<EventField> fields);

/// Writes lines to standard error and events to the trace. Never blocks: while a console takes no
/// bytes (Ctrl-S, a dead serial line, a full pipe) lines are kept; lines beyond kMostWaiting bytes
/// are dropped, and a later line says how many.
class ConsoleReport : public Report {
 public:
  /// `program` begins each line.
  explicit ConsoleReport(std::string program);
  /// Waits up to 0.2 s for the console to take the lines that are kept.
  ~ConsoleReport() override;

  /// From here on events go to the trace of this change of level, if rc has made one.
  void OpenTrace();

  void Say(std::string_view line) override;
  void Event(std::string_view name, std::initializer_list<EventField> fields) override;

 private:
  /// Bytes. More than a few screens of text are of no use to a reader.
  static constexpr std::size_t kMostWaiting = 16384;

  void WriteWhatFits();
  ssize_t Write(std::string_view text) const;

  std::string program_;
  Trace trace_;
  /// Standard error, opened anew: O_NONBLOCK on fd 2 itself would apply to all who share it.
  Fd own_;
  std::string waiting_;
  int errors_ = 0;           ///< Writes that failed.
  std::size_t dropped_ = 0;  ///< Lines dropped since the last line that was kept.
};

}  // namespace curfew
