// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "final/options.h"
#include "final/pid1.h"

namespace curfew {

/// The value of a variable, or nullptr: getenv(3).
using Environment = std::function<const char*(const char*)>;

/// The level that the machine is in ('0' to '6', 'S'), found as sysvinit 3.06 finds it: RUNLEVEL if
/// INIT_VERSION is set, which means that init started this process, else the level record in utmp,
/// else /run/runlevel. '\0' if none of them tells it.
char Runlevel(Files& files, const Environment& environment);
/// The first of these ways alone, which needs no file.
char LevelFromInit(const Environment& environment);

/// Whether the machine ends in this level.
inline bool IsFinalLevel(char level) {
  return level == '0' || level == '6';
}

/// What one call of halt does.
enum class Mode {
  kRecordOnly,  ///< -w: writes the record; the machine stays up.
  kStages,      ///< --stage: runs these stages; rc calls halt so.
  kUntilPower,  ///< --until-power: RunUntilPower(); rc calls halt so, and a script ends the
                ///< machine.
  kEndNow,      ///< --now: calls reboot(2) at once.
  kSequence,    ///< Runs all stages: in level 0 and 6, with --fast, and where no init would do it.
  kForced,      ///< -f in any other level: RunForced().
  kSignalInit,  ///< Asks busybox init, by a signal, to end the machine.
  kShutdown     ///< All other calls: shutdown(8) changes the level.
};

/// Whether these options alone mean kEndNow.
bool EndsNow(const Options& options);

/// What `options` mean in `level` (see Runlevel()) under this PID 1. Outside level 0 and 6, and
/// without options that say otherwise, the machine's init ends the machine, and is asked in its own
/// way. The final sequence does it instead in a container whose PID 1 is no init, and for a kexec
/// under a busybox init that cannot do one.
Mode ChooseMode(Kernel& kernel, const Options& options, char level, const Pid1& pid1);

/// The signal that asks busybox init for `ending` (its init.c): SIGUSR1 halt, SIGUSR2 power-off,
/// SIGTERM restart. SIGALRM means kexec to a busybox init that was patched for it.
int RequestSignal(Ending ending);

/// A line for people: what is done in place of shutdown(8), and why. Empty if shutdown(8) is called
/// or if options or level left no choice.
std::string ExplainMode(Mode mode, const Options& options, char level, const Pid1& pid1);

}  // namespace curfew
