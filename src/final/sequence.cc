// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/sequence.h"

#include "final/accounting.h"
#include "final/beep.h"
#include "final/clock.h"
#include "final/drives.h"
#include "final/hooks.h"
#include "final/interfaces.h"
#include "final/mounts.h"
#include "final/power.h"
#include "final/processes.h"
#include "final/quota.h"
#include "final/read_only.h"
#include "final/record.h"
#include "final/sync.h"

namespace curfew {
namespace {

constexpr bool kEverywhere = true;
constexpr bool kOwnMachine = false;

constexpr Stage kStages[] = {
    {"kill", KillStage, kEverywhere, nullptr},
    {"record", RecordStage, kEverywhere, "/run/curfew/recorded"},
    {"quota", QuotaStage, kOwnMachine, nullptr},
    {"accounting", AccountingStage, kOwnMachine, nullptr},
    {"unmount-network", UnmountNetworkStage, kEverywhere, nullptr},
    {"clock", ClockStage, kOwnMachine, "/run/curfew/clock-set"},
    {"unmount", UnmountStage, kEverywhere, nullptr},
    {"read-only", ReadOnlyStage, kEverywhere, nullptr},
    {"sync", SyncStage, kEverywhere, nullptr},
    {"hooks", HooksStage, kEverywhere, "/run/curfew/hooks-run"},
    {"drives", DrivesStage, kOwnMachine, nullptr},
    {"interfaces", InterfacesStage, kEverywhere, nullptr},
    {"beep", BeepStage, kOwnMachine, nullptr},
    {"power", PowerStage, kEverywhere, nullptr},
};

}  // namespace

std::span<const Stage> Stages() {
  return kStages;
}

const Stage* FindStage(std::string_view name) {
  for (const Stage& stage : kStages)
    if (stage.name == name) return &stage;
  return nullptr;
}

void RunStage(StageContext& context, const Stage& stage) {
  Kernel& kernel = context.kernel;
  if (context.request.container && !stage.in_container) return;
  // Outside a shutdown no marker counts: a `halt -w` typed in level 2 is not this shutdown's
  // record.
  const bool once = stage.marker && context.request.final_level;
  if (once && kernel.Read(stage.marker)) return;
  const auto start = kernel.Now();
  context.report.Event("stage-start", {{"stage", std::string(stage.name)}});
  // Before: a hook may call halt itself.
  if (once) kernel.Store(stage.marker, "");
  stage.run(context);
  context.report.Event("stage-end", {{"stage", std::string(stage.name)},
                                     {"took_us", std::to_string((kernel.Now() - start).count())}});
}

void RunSequence(StageContext& context) {
  for (const Stage& stage : kStages) RunStage(context, stage);
}

void RunForced(StageContext& context) {
  for (auto name : {"record", "sync", "interfaces", "drives", "power"})
    RunStage(context, *FindStage(name));
}

}  // namespace curfew
