// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/mode.h"

#include <signal.h>
#include <string.h>

#include "config/utmp.h"
#include "kernel/container.h"

namespace curfew {
namespace {

/// Bytes. utmp has 384 for each login; one with more is no utmp.
constexpr std::size_t kMostUtmp = 16 << 20;
constexpr std::size_t kMostRunlevel = 4096;

/// Whether halt runs the sequence whatever PID 1 is.
bool IsSequenceAnyway(const Options& options, char level) {
  return options.fast || IsFinalLevel(level);
}

/// The mode in which the machine's init is asked, if it can be.
Mode ModeOfInit(Kernel& kernel, const Options& options, const Pid1& pid1) {
  if (pid1.IsBusyboxInit())
    return options.ending == Ending::kKexec && !pid1.Catches(SIGALRM) ? Mode::kSequence
                                                                      : Mode::kSignalInit;
  if (!InContainer(kernel)) return Mode::kShutdown;
  // A shutdown(8) on a disk that does not answer cannot run, either.
  const auto reaches = ShutdownReachesInit(kernel, pid1);
  return reaches && reaches.value ? Mode::kShutdown : Mode::kSequence;
}

}  // namespace

char LevelFromInit(const Environment& environment) {
  const char* level = environment("RUNLEVEL");
  return environment("INIT_VERSION") && level ? *level : '\0';
}

char Runlevel(Files& files, const Environment& environment) {
  if (const char level = LevelFromInit(environment)) return level;
  for (const char* path : {"/run/utmp", "/var/run/utmp"})
    if (char found = ParseUtmpLevels(files.ReadRegular(path, kMostUtmp).value).level) return found;
  for (const char* path : {"/run/runlevel", "/var/run/runlevel"})
    if (auto file = files.ReadRegular(path, kMostRunlevel); file && !file.value.empty())
      return file.value[0];
  return '\0';
}

bool EndsNow(const Options& options) {
  return options.now && !options.record_only && options.stages.empty() && !options.until_power;
}

Mode ChooseMode(Kernel& kernel, const Options& options, char level, const Pid1& pid1) {
  if (options.record_only) return Mode::kRecordOnly;
  if (!options.stages.empty()) return Mode::kStages;
  if (options.until_power) return Mode::kUntilPower;
  if (EndsNow(options)) return Mode::kEndNow;
  if (IsSequenceAnyway(options, level)) return Mode::kSequence;
  return options.force ? Mode::kForced : ModeOfInit(kernel, options, pid1);
}

int RequestSignal(Ending ending) {
  switch (ending) {
    case Ending::kHalt:
      return SIGUSR1;
    case Ending::kPowerOff:
      return SIGUSR2;
    case Ending::kKexec:
      return SIGALRM;
    default:
      return SIGTERM;
  }
}

std::string ExplainMode(Mode mode, const Options& options, char level, const Pid1& pid1) {
  if (mode == Mode::kSignalInit) {
    if (pid1.GoesDown()) return "busybox init is ending the machine already";
    return std::string("PID 1 is busybox init: SIG") + sigabbrev_np(RequestSignal(options.ending)) +
           " asks it to end the machine";
  }
  if (mode != Mode::kSequence || IsSequenceAnyway(options, level)) return "";
  if (pid1.IsBusyboxInit())
    return "busybox init knows no kexec: all stages are run now, without it";
  return "no init takes a request here (PID 1 is " + pid1.Name() + "): all stages are run now";
}

}  // namespace curfew
