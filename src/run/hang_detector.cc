// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/hang_detector.h"

#include <algorithm>

#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Purpose = ScanRequest::Purpose;
using Kind = HangDetector::Verdict::Kind;

constexpr milliseconds kPace{1000};
constexpr milliseconds kFastestPace{100};
/// So many scans in the time of one limit.
constexpr int kScansPerLimit = 4;
/// A script that runs longer is scanned: early enough for the first Waiting.
constexpr milliseconds kScanFrom{2500};
/// The first Waiting comes when no script ended for so long, the next ones after kSayAgain. Both
/// are less than whole seconds, so that a late scan skips no second.
constexpr milliseconds kWaitingFrom{2900};
constexpr milliseconds kSayAgain{900};
/// The daemons of all scripts are found once: early, while their pid files are still there, but not
/// in a run of quick scripts alone.
constexpr milliseconds kDaemonsFrom{900};
/// Verdicts wait so long for a scan that runs.
constexpr milliseconds kLateScan{2000};
/// A scan takes the CPU before all scripts, and needs seconds where there are thousands of
/// processes. After a scan that took more CPU than this, the next scan waits for kRest times as
/// long.
constexpr milliseconds kCheapScan{100};
constexpr int kRest = 4;
/// After so many scans that were stuck at a script's evidence, the last one counts.
constexpr int kMostCuts = 5;

constexpr int kPurposes = 3;

int Key(const ScriptRun& run, Purpose purpose) {
  return run.id * kPurposes + static_cast<int>(purpose);
}

std::string ProgramName(const Script& script) {
  return script.path.substr(script.path.rfind('/') + 1);
}

}  // namespace

HangDetector::HangDetector(std::vector<ScriptRun>& runs, seconds budget, Time now)
    : runs_(runs), budget_(budget), begin_(now), next_scan_(now + kPace), last_end_(now) {
  for (const ScriptRun& run : runs) scripts_ += run.script->kind != ScriptKind::kHandOver;
}

void HangDetector::Started(ScriptRun& run, Time now) {
  const Script& script = *run.script;
  run.deadline.emplace(script, now);
  if (first_hang_) run.deadline->Shorten(now);
  run.progress = std::make_unique<ScriptProgress>(ProgramName(script), script.limit);
  watched_.push_back(&run);
  next_scan_ = std::min(next_scan_, now + Pace());
}

void HangDetector::Forget(ScriptRun& run) {
  if (!run.deadline) return;
  watched_.remove(&run);
  run.deadline.reset();
  run.progress.reset();
  run.seen = {};
}

void HangDetector::CollectEvidence(ScriptRun& run) {
  if (run.pid > 0) evidence_.push_back(&run);
}

bool HangDetector::Finished(ScriptRun& run, Time now) {
  if (run.script->kind != ScriptKind::kHandOver) ++ended_;
  run.daemons.clear();
  last_end_ = now;
  return std::exchange(said_, std::nullopt).has_value();
}

ScriptRun* HangDetector::WaitedFor() const {
  ScriptRun* stage = nullptr;
  for (ScriptRun* run : watched_) {
    if (run->script->interactive) continue;
    if (run->script->kind == ScriptKind::kScript) return run;
    if (!stage) stage = run;
  }
  return stage;
}

milliseconds HangDetector::Pace() const {
  milliseconds pace = kPace;
  for (const ScriptRun* run : watched_) {
    const milliseconds limit = run->deadline->limit();
    if (limit.count() > 0) pace = std::min(pace, limit / kScansPerLimit);
  }
  return std::max(pace, kFastestPace);
}

bool HangDetector::IsDue(const ScriptRun& run, Time now) const {
  const milliseconds limit = run.deadline->limit();
  const milliseconds from =
      limit.count() == 0 ? kScanFrom : std::min(kScanFrom, limit / kScansPerLimit);
  return now - run.deadline->begin() >= from;
}

HangDetector::Time HangDetector::NextScan() const {
  // When the processes of an abandoned script end there is no evidence any more: scan soon.
  return evidence_.empty() || scanning_ ? next_scan_ : std::min(next_scan_, rest_until_);
}

std::vector<ScanRequest> HangDetector::ToScan(Time now) {
  next_scan_ = now + Pace();
  std::vector<ScanRequest> requests;
  if (scanning_ || now < rest_until_) return requests;
  if (now - begin_ >= kDaemonsFrom && !std::exchange(daemons_scanned_, true)) {
    for (const ScriptRun& run : runs_)
      if (run.script->limit.count() != 0) requests.push_back(Request(run, Purpose::kDaemons));
  }
  for (const ScriptRun* run : evidence_) requests.push_back(Request(*run, Purpose::kEvidence));
  for (const ScriptRun* run : watched_)
    if (IsDue(*run, now) && run->pid > 0) requests.push_back(Request(*run, Purpose::kProgress));
  scanned_ = now;
  scanning_ = !requests.empty();
  return requests;
}

ScanRequest HangDetector::Request(const ScriptRun& run, Purpose purpose) const {
  const Script& script = *run.script;
  const pid_t leader = purpose == Purpose::kDaemons ? 0 : run.pid;
  ScanRequest request{purpose, Key(run, purpose), script.service, script.path, leader, run.daemons,
                      {}};
  for (const ScannedProcess& process : run.seen)
    if (!process.daemon) request.own.push_back(process.id);
  return request;
}

std::vector<HangDetector::Verdict> HangDetector::Take(const ScanResult& scan, Time now) {
  scanning_ = false;
  if (scan.cpu > kCheapScan) rest_until_ = now + kRest * scan.cpu;
  for (const auto& [key, processes] : scan.processes) {
    ScriptRun& run = runs_[static_cast<size_t>(key / kPurposes)];
    if (key == Key(run, Purpose::kDaemons)) LearnDaemons(run, processes);
    // rc may have abandoned the script while the scan ran.
    if (key == Key(run, Purpose::kProgress) && run.deadline)
      TakeProgress(run, processes, scan, key, now);
  }
  TakeEvidence(scan);
  JudgeAll(now);
  return std::exchange(verdicts_, {});
}

void HangDetector::TakeProgress(ScriptRun& run, const std::vector<ScannedProcess>& processes,
                                const ScanResult& scan, int key, Time now) {
  const auto printed = scan.printed.find(key);
  const long long bytes = printed == scan.printed.end() ? 0 : printed->second;
  if (run.progress->Add(now, processes, bytes, scan.disks)) {
    run.deadline->Progressed(now);
    last_progress_ = now;
  }
  FindStopped(run, processes);
  LearnDaemons(run, processes);
  run.seen = processes;
}

/// Finds a process that is stopped at two scans in a row: a program may stop one for a moment.
void HangDetector::FindStopped(const ScriptRun& run, const std::vector<ScannedProcess>& processes) {
  for (const ScannedProcess& process : processes) {
    if (process.state != 'T' || process.daemon) continue;
    const bool again = std::any_of(
        run.seen.begin(), run.seen.end(),
        [&](const ScannedProcess& old) { return old.id == process.id && old.state == 'T'; });
    if (again) verdicts_.push_back({.kind = Kind::kContinue, .process = process.id});
  }
}

void HangDetector::LearnDaemons(ScriptRun& run, const std::vector<ScannedProcess>& processes) {
  std::vector<ProcessId> daemons;
  for (const ScannedProcess& process : processes)
    if (process.daemon && process.state != 'Z') daemons.push_back(process.id);
  if (!daemons.empty()) run.daemons = std::move(daemons);
}

/// A script that the scan did not reach is scanned again. After kMostCuts scans that were stuck at
/// a script, the last one counts.
void HangDetector::TakeEvidence(const ScanResult& scan) {
  evidence_.remove_if([&](ScriptRun* run) {
    const int key = Key(*run, Purpose::kEvidence);
    const bool whole = scan.processes.contains(key);
    if (!whole && (scan.cut != key || ++run->evidence_cuts < kMostCuts)) return false;
    const auto found = scan.evidence.find(key);
    if (found != scan.evidence.end())
      verdicts_.push_back({.kind = Kind::kEvidence, .run = run, .lines = found->second});
    return true;
  });
}

std::vector<HangDetector::Verdict> HangDetector::Judge(Time now) {
  const bool late = now - scanned_ > kLateScan;
  if (late || !(scanning_ || now < rest_until_)) JudgeAll(now);
  return std::exchange(verdicts_, {});
}

void HangDetector::JudgeAll(Time now) {
  judged_ = now;
  const bool hung_before = first_hang_.has_value();
  for (ScriptRun* run : watched_) JudgeScript(*run, now);
  if (first_hang_ && !hung_before)
    for (ScriptRun* run : watched_) run->deadline->Shorten(now);
  JudgeBudget(now);
}

void HangDetector::JudgeScript(ScriptRun& run, Time now) {
  Verdict verdict{.kind = Kind::kOverdue, .run = &run};
  verdict.quiet = run.deadline->Quiet(now);
  verdict.left = run.deadline->Left(now);
  switch (run.deadline->Judge(now)) {
    case Deadline::Verdict::kWait:
      return;
    case Deadline::Verdict::kNearQuiet:
      verdict.kind = Kind::kNearLimit;
      break;
    case Deadline::Verdict::kNearHard:
      verdict.kind = Kind::kNearLimitInAll;
      break;
    case Deadline::Verdict::kQuiet:
      if (!first_hang_) first_hang_ = now;
      verdict.reason = "no progress for " + Seconds(verdict.quiet);
      break;
    case Deadline::Verdict::kHard:
      verdict.reason = Seconds(run.script->limit_hard) + " in all";
      break;
  }
  verdicts_.push_back(std::move(verdict));
}

void HangDetector::JudgeBudget(Time now) {
  const auto passed = [&](Time since) {
    return std::chrono::duration_cast<milliseconds>(now - since);
  };
  const milliseconds quiet = last_progress_ ? passed(*last_progress_) : milliseconds::max();
  if (budget_over_ || !BudgetOver(budget_, passed(begin_), quiet)) return;
  budget_over_ = true;
  verdicts_.push_back({.kind = Kind::kBudgetOver,
                       .reason = "the " + Seconds(budget_) + " for all scripts are over"});
}

std::optional<Waiting> HangDetector::Waits(Time now) {
  const ScriptRun* run = WaitedFor();
  // Before the first verdicts the processes are not known.
  if (!run || judged_ != now || now - last_end_ < kWaitingFrom) return {};
  if (said_ && now - *said_ < kSayAgain) return {};
  said_ = now;
  Waiting waiting;
  waiting.script = run->script;
  waiting.ended = ended_;
  waiting.scripts = scripts_;
  waiting.elapsed = std::chrono::duration_cast<seconds>(now - run->deadline->begin());
  if (const seconds left = run->deadline->Left(now); left != seconds::max()) waiting.left = left;
  waiting.usual = run->usual;
  if (const auto processes = ProcessesWaitedFor(run->seen); !processes.empty())
    waiting.process = Described(*processes.front());
  waiting.more = watched_.size() - 1;
  return waiting;
}

}  // namespace curfew
