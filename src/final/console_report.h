// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/stage.h"
#include "kernel/fd.h"
#include "trace/trace.h"

namespace curfew {

/// Lines on standard error, events in the trace. A console that takes no more bytes (Ctrl-S, a dead
/// serial line, a full pipe) loses lines and holds nobody up.
class ConsoleReport : public Report {
 public:
  /// `program` begins each line.
  explicit ConsoleReport(std::string program);

  /// From here on events are added to the trace of this change of level, where there is one.
  void OpenTrace();

  void Say(std::string_view line) override;
  /// A value of digits alone becomes a number.
  void Event(std::string_view name, std::initializer_list<EventField> fields) override;

 private:
  std::string program_;
  Trace trace_;
  Fd own_;  ///< A terminal opened anew: O_NONBLOCK on fd 2 would be shared with everybody else.
};

}  // namespace curfew
