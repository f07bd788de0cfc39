// SPDX-License-Identifier: GPL-2.0-or-later
#include <csignal>
#include <string>

#include "final/context/say.h"
#include "final/processes/end_processes.h"
#include "final/processes/kernel_starts.h"
#include "final/processes/skip_list.h"
#include "final/processes/tracers.h"
#include "final/stages/stages.h"
#include "final/storage/flush.h"
#include "final/storage/fuse.h"
#include "kernel/real_time.h"

namespace curfew {
namespace {

/// 0 where there is none.
pid_t DeadMan(const StageContext& context) {
  return context.heartbeat ? static_cast<pid_t>((*context.heartbeat)->dead_man.load()) : 0;
}

/// A real-time thread that spins would leave the stages no CPU.
void TakePriorities(StageContext& context) {
  for (const ProcessInfo& process : LowerRealTime(context.kernel, DeadMan(context)))
    context.report.Event("lowered", {{"pid", std::to_string(process.pid)}, {"name", process.name}});
}

/// "0.3 s"
std::string Seconds(std::chrono::microseconds time) {
  const auto tenths = (time.count() + 50000) / 100000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void KillStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  const auto begin = kernel.Now();
  // As shutdown -n does: else PID 1 would start one getty after the other. A PID 1 that goes on
  // costs no more than these gettys.
  if (context.request.without_rc) (void)kernel.Kill(1, SIGTSTP);
  TakePriorities(context);
  SecureDisks(context);
  StopKernelStarts(context);
  SkipList all(context, FuseUse::kMounted);
  ProcessNames ended = EndTracers(context, all, DeadMan(context));
  const EndedProcesses seen = EndProcesses(context, all);
  ended.Add(seen.ended);
  all.ReportSpared();
  // Now nobody uses what FUSE daemons serve. They end by the unmount, or here.
  if (UnmountFuse(kernel)) {
    SkipList carriers(context, FuseUse::kCarries);
    ended.Add(EndProcesses(context, carriers).ended);
  }
  if (seen.unseen) EndUnseen(context, seen.unseen);
  const int count = ended.Count();
  if (count == 0) return;
  const auto time = kernel.Now() - begin;
  SayWell(context, std::to_string(count) + (count == 1 ? " process" : " processes") + " ended in " +
                       Seconds(time));
  context.report.Event("ended", {{"count", std::to_string(count)},
                                 {"us", std::to_string(time.count())},
                                 {"names", ended.Text(), true}});
}

}  // namespace curfew
