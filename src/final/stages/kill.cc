// SPDX-License-Identifier: GPL-2.0-or-later
#include <csignal>
#include <string>

#include "final/processes/end_processes.h"
#include "final/processes/skip_list.h"
#include "final/stages/stages.h"
#include "final/storage/fuse.h"

namespace curfew {
namespace {

/// "0.3 s"
std::string Seconds(std::chrono::microseconds time) {
  const auto tenths = (time.count() + 50000) / 100000;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void KillStage(StageContext& context) {
  const auto begin = context.kernel.Now();
  // As shutdown -n does: else PID 1 would start one getty after the other.
  if (context.request.without_rc) context.kernel.Kill(1, SIGTSTP);
  SkipList skip_list(context);
  const auto [ended, unseen] =
      EndProcesses(context, skip_list, [&] { return UnmountFuse(context.kernel); });
  if (unseen) EndUnseen(context, unseen);
  if (ended == 0) return;
  const auto time = context.kernel.Now() - begin;
  context.report.Say(std::to_string(ended) + (ended == 1 ? " process" : " processes") +
                     " ended in " + Seconds(time));
  context.report.Event("ended",
                       {{"count", std::to_string(ended)}, {"us", std::to_string(time.count())}});
}

}  // namespace curfew
