// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/sequence.h"

#include "final/guard/dead_man.h"
#include "final/stages/accounting.h"
#include "final/stages/beep.h"
#include "final/stages/clock.h"
#include "final/stages/drives.h"
#include "final/stages/hooks.h"
#include "final/stages/interfaces.h"
#include "final/stages/mounts.h"
#include "final/stages/network_mounts.h"
#include "final/stages/power.h"
#include "final/stages/processes.h"
#include "final/stages/quota.h"
#include "final/stages/read_only.h"
#include "final/stages/record.h"
#include "final/stages/sync.h"

namespace curfew {
namespace {

constexpr bool kEverywhere = true;
constexpr bool kOwnMachine = false;
constexpr bool kEarly = true;

constexpr Stage kStages[] = {
    {"kill", KillStage, kEverywhere, nullptr},
    {"record", RecordStage, kEverywhere, "/run/curfew/recorded"},
    {"quota", QuotaStage, kOwnMachine, nullptr},
    {"accounting", AccountingStage, kOwnMachine, nullptr},
    {"unmount-network", UnmountNetworkStage, kEverywhere, nullptr},
    {"clock", ClockStage, kOwnMachine, "/run/curfew/clock-set", kEarly},
    {"unmount", UnmountStage, kEverywhere, nullptr},
    {"read-only", ReadOnlyStage, kEverywhere, nullptr},
    {"sync", SyncStage, kEverywhere, nullptr},
    {"hooks", HooksStage, kEverywhere, "/run/curfew/hooks-run"},
    {"drives", DrivesStage, kOwnMachine, nullptr},
    {"interfaces", InterfacesStage, kEverywhere, nullptr},
    {"beep", BeepStage, kOwnMachine, nullptr},
    {"power", PowerStage, kEverywhere, nullptr},
    // Of rc's alone: in the sequence nobody is left whom unmount-network would hurt, and the
    // dead-man is seen to before each stage.
    {"early-unmount-network", EarlyUnmountNetworkStage, kEverywhere, nullptr, kEarly},
    {"dead-man", DeadManStage, kOwnMachine, nullptr, kEarly},
};
constexpr std::string_view kLastOfSequence = "power";

/// Tells the vitals which stage runs, as long as it does.
class StageMark {
 public:
  StageMark(const StageContext& context, const Stage& stage) : context_(context) {
    Mark(NumberOf(stage));
  }
  ~StageMark() { Mark(0); }
  StageMark(const StageMark&) = delete;

 private:
  void Mark(std::uint32_t number) {
    if (context_.vitals) (*context_.vitals)->stage = number;
    Tick(context_);
  }

  const StageContext& context_;
};

}  // namespace

std::span<const Stage> Stages() {
  return kStages;
}

std::uint32_t NumberOf(const Stage& stage) {
  return static_cast<std::uint32_t>(&stage - kStages) + 1;
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
  if (!stage.early) EnsureDeadMan(context);
  const StageMark mark(context, stage);
  const auto start = kernel.Now();
  context.report.Event("stage-start", {{"stage", std::string(stage.name)}});
  // Before: a hook may call halt itself.
  if (once) kernel.Store(stage.marker, "");
  stage.run(context);
  context.report.Event("stage-end", {{"stage", std::string(stage.name)},
                                     {"took_us", std::to_string((kernel.Now() - start).count())}});
}

void RunSequence(StageContext& context) {
  for (const Stage& stage : kStages) {
    RunStage(context, stage);
    if (stage.name == kLastOfSequence) return;
  }
}

void RunForced(StageContext& context) {
  for (auto name : {"record", "sync", "interfaces", "drives", "power"})
    RunStage(context, *FindStage(name));
}

}  // namespace curfew
