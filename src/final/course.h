// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/options.h"
#include "final/pid1.h"

namespace curfew {

/// What one call of halt does.
enum class Course {
  kRecordOnly,  ///< -w
  kStages,      ///< --stage
  kEndNow,      ///< --now
  kSequence,    ///< level 0 and 6, --fast, and where no init would do it
  kForced,      ///< -f in any other level
  kRequest,     ///< busybox init: a signal asks it to end the machine
  kShutdown     ///< else: shutdown(8) changes the level
};

/// What `options` mean in `level` (as Runlevel() gives it) under this PID 1. Outside of level 0 and
/// 6, and without options that say otherwise, the machine's init ends it, as each init wants to be
/// asked. A container whose PID 1 is no init, and a kexec that busybox init knows nothing of, are
/// left to the final sequence.
Course Choose(Kernel& kernel, const Options& options, char level, const Pid1& pid1);

/// The signal by which busybox init is asked (init.c): SIGUSR1 to halt, SIGUSR2 to switch the power
/// off, SIGTERM to restart; SIGALRM for kexec, where it was taught that.
int RequestSignal(Ending ending);

/// For people: what is done in the place of shutdown(8), and why. Empty: shutdown(8) is called, or
/// the options or the level left no choice.
std::string Explain(Course course, const Options& options, char level, const Pid1& pid1);

}  // namespace curfew
