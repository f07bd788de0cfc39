// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/course.h"

#include <signal.h>
#include <string.h>

#include "final/runlevel.h"
#include "kernel/container.h"

namespace curfew {
namespace {

bool IsSequenceAnyway(const Options& options, char level) {
  return options.fast || IsFinalLevel(level);
}

Course AskInit(Kernel& kernel, const Options& options, const Pid1& pid1) {
  if (pid1.IsBusyboxInit())
    return options.ending == Ending::kKexec && !pid1.Catches(SIGALRM) ? Course::kSequence
                                                                      : Course::kRequest;
  if (!InContainer(kernel)) return Course::kShutdown;
  // A shutdown(8) on a disk that does not answer cannot run, either.
  const auto reaches = ShutdownReachesInit(kernel, pid1);
  return reaches && reaches.value ? Course::kShutdown : Course::kSequence;
}

}  // namespace

Course Choose(Kernel& kernel, const Options& options, char level, const Pid1& pid1) {
  if (options.record_only) return Course::kRecordOnly;
  if (!options.stages.empty()) return Course::kStages;
  if (options.now) return Course::kEndNow;
  if (IsSequenceAnyway(options, level)) return Course::kSequence;
  return options.force ? Course::kForced : AskInit(kernel, options, pid1);
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

std::string Explain(Course course, const Options& options, char level, const Pid1& pid1) {
  if (course == Course::kRequest) {
    if (pid1.GoesDown()) return "busybox init is ending the machine already";
    return std::string("PID 1 is busybox init: SIG") + sigabbrev_np(RequestSignal(options.ending)) +
           " asks it to end the machine";
  }
  if (course != Course::kSequence || IsSequenceAnyway(options, level)) return "";
  if (pid1.IsBusyboxInit())
    return "busybox init knows no kexec: all stages are run now, without it";
  return "no init takes a request here (PID 1 is " + pid1.Name() + "): all stages are run now";
}

}  // namespace curfew
