// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/sequence.h"

#include <iterator>
#include <span>
#include <string>

#include "final/guard/dead_man.h"
#include "final/guard/trace_writer.h"
#include "final/stages/stages.h"
#include "final/storage/closing_line.h"
#include "kernel/run_files.h"

namespace curfew {
namespace {

/// One row of the table.
struct Stage {
  StageId id;
  void (*run)(StageContext&);
  /// Whether the stage also runs in a container, which owns no device, clock, swap or superblock.
  enum { kEverywhere, kOwnMachine } where;
  /// The stage runs once in a shutdown; this file says that it has begun. rc's StateFiles::Forget()
  /// removes it before the next shutdown. nullptr: the stage runs each time it is asked for.
  const char* marker = nullptr;
  /// Whether services may still be stopping: the dead-man's budgets do not begin with this stage.
  bool among_services = false;
};

/// The final sequence, in its order.
constexpr Stage kSequence[] = {
    {StageId::kKill, KillStage, Stage::kEverywhere},
    {StageId::kRecord, RecordStage, Stage::kEverywhere, run_files::kRecorded},
    {StageId::kQuota, QuotaStage, Stage::kOwnMachine},
    {StageId::kAccounting, AccountingStage, Stage::kOwnMachine},
    {StageId::kUnmountNetwork, UnmountNetworkStage, Stage::kEverywhere},
    {StageId::kClock, ClockStage, Stage::kOwnMachine, run_files::kClockSet, true},
    {StageId::kUnmount, UnmountStage, Stage::kEverywhere},
    {StageId::kReadOnly, ReadOnlyStage, Stage::kEverywhere},
    {StageId::kSync, SyncStage, Stage::kEverywhere},
    {StageId::kFlush, FlushStage, Stage::kOwnMachine},
    {StageId::kHooks, HooksStage, Stage::kEverywhere, run_files::kHooksRun},
    {StageId::kSeal, SealStage, Stage::kOwnMachine},
    {StageId::kDrives, DrivesStage, Stage::kOwnMachine},
    {StageId::kInterfaces, InterfacesStage, Stage::kEverywhere},
    {StageId::kBeep, BeepStage, Stage::kOwnMachine},
    {StageId::kPower, PowerStage, Stage::kEverywhere},
};

/// What makes disks safe. It runs again where a hook or a script that should have ended the machine
/// may have left one writable: once, because neither runs then.
constexpr StageId kSafeDisks[] = {StageId::kKill, StageId::kUnmount, StageId::kReadOnly,
                                  StageId::kSync, StageId::kFlush};

/// rc starts these, with --stage. Where no rc has, RunSequence() runs the early unmount, before the
/// processes that carry the network are ended, and the trace writer. RunStage() starts the dead-man
/// before each stage.
constexpr Stage kAmongServices[] = {
    {StageId::kEarlyUnmountNetwork, EarlyUnmountNetworkStage, Stage::kEverywhere, nullptr, true},
    {StageId::kDeadMan, DeadManStage, Stage::kOwnMachine, nullptr, true},
    {StageId::kTrace, TraceStage, Stage::kEverywhere, nullptr, true},
};

/// Whether the rows stand in the order of the enum, so that an id is an index.
constexpr bool InOrder(std::span<const Stage> rows, std::size_t first) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].id) != first + i) return false;
  return true;
}
static_assert(std::size(kSequence) == kSequenceLength && InOrder(kSequence, 0));
static_assert(std::size(kAmongServices) == kStageCount - kSequenceLength &&
              InOrder(kAmongServices, kSequenceLength));

const Stage& RowOf(StageId id) {
  const auto index = static_cast<std::size_t>(id);
  return index < kSequenceLength ? kSequence[index] : kAmongServices[index - kSequenceLength];
}

/// Writes the running stage into the dead-man's page for as long as the stage runs.
class StageMark {
 public:
  StageMark(const StageContext& context, StageId id) : context_(context) { Mark(StageNumber(id)); }
  ~StageMark() { Mark(0); }
  StageMark(const StageMark&) = delete;

 private:
  void Mark(std::uint32_t number) {
    if (context_.heartbeat) (*context_.heartbeat)->stage = number;
    Beat(context_);
  }

  const StageContext& context_;
};

void RunRow(StageContext& context, const Stage& stage) {
  Kernel& kernel = context.kernel;
  if (!stage.among_services) EnsureDeadMan(context);
  const StageMark mark(context, stage.id);
  const auto start = kernel.Now();
  const std::string name(StageName(stage.id));
  context.report.Event("stage-start", {{"stage", name}});
  stage.run(context);
  context.report.Event(
      "stage-end", {{"stage", name}, {"took_us", std::to_string((kernel.Now() - start).count())}});
}

void MakeDisksSafe(StageContext& context) {
  for (const StageId id : kSafeDisks) RunStage(context, id);
}

void RunAllButPower(StageContext& context) {
  for (const Stage& stage : kSequence) {
    if (stage.id == StageId::kPower) break;
    RunStage(context, stage.id);
    if (stage.id == StageId::kHooks && context.writable_after_hooks) MakeDisksSafe(context);
  }
}

/// After a script that should have ended the machine.
void RunAgain(StageContext& context) {
  MakeDisksSafe(context);
  if (context.request.ups) RunRow(context, RowOf(StageId::kHooks));
  if (context.writable_after_hooks) MakeDisksSafe(context);
  RunStage(context, StageId::kSeal);
}

}  // namespace

void RunStage(StageContext& context, StageId id) {
  Kernel& kernel = context.kernel;
  const Stage& stage = RowOf(id);
  if (context.request.container && stage.where == Stage::kOwnMachine) return;
  // Outside a shutdown no marker counts: a `halt -w` typed in level 2 is not this shutdown's
  // record.
  const bool once = stage.marker && context.request.in_shutdown;
  if (once && kernel.Read(stage.marker)) return;
  // The marker is made before the stage runs: a hook may call halt itself.
  // Without a marker it may be done twice, which is better than not at all.
  if (once) (void)ReplaceFile(kernel, stage.marker, "");
  RunRow(context, stage);
}

void RunUntilPower(StageContext& context) {
  if (context.request.finished)
    RunAgain(context);
  else
    RunAllButPower(context);
  const ClosingLine line = MakeClosingLine(context);
  context.report.Say(line.Text());
  context.report.Event("closing", {{"left", line.left, true}});
}

void RunSequence(StageContext& context) {
  if (context.request.without_rc) {
    RunStage(context, StageId::kTrace);
    RunStage(context, StageId::kEarlyUnmountNetwork);
  }
  RunUntilPower(context);
  RunStage(context, StageId::kPower);
}

void RunForced(StageContext& context) {
  for (const StageId id : {StageId::kRecord, StageId::kSync, StageId::kFlush, StageId::kInterfaces,
                           StageId::kDrives, StageId::kPower})
    RunStage(context, id);
}

}  // namespace curfew
