// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"

namespace curfew {

/// A report that goes on where the trace cannot: events that come after the trace has been closed
/// are also lines of the kernel's log (guard/kept_log.h). When the machine is about to end and
/// something is not clean, the kernel is told to keep that log in pstore. Records that others left
/// there stay.
class KernelLog : public Report {
 public:
  /// Passes all on to `report`.
  KernelLog(Kernel& kernel, Report& report, const FinalRequest& request);

  void Say(std::string_view line) override { report_.Say(line); }
  void Event(std::string_view name, std::initializer_list<EventField> fields) override;

 private:
  Kernel& kernel_;
  Report& report_;
  const FinalRequest& request_;
  bool closed_;           ///< The trace takes no event any more.
  bool unclean_ = false;  ///< The closing line says so.
  int lines_ = 0;         ///< Lines written.
  std::string before_;    ///< What ForgetLog() needs.
};

}  // namespace curfew
