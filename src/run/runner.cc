// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/runner.h"

#include <algorithm>

#include "text/text.h"

namespace curfew {
namespace {

using State = ScriptRun::State;

/// How long a run that is over waits for the evidence about abandoned scripts.
constexpr std::chrono::seconds kSettle{1};
/// A start that the kernel refuses for want of a process is tried so long and so often. What uses
/// processes up ends, or is ended by a person, within a minute; and the machine has to go down.
constexpr std::chrono::seconds kRefused{60};
constexpr std::chrono::milliseconds kTryAgain{100};

}  // namespace

Runner::Runner(const Plan& plan, RunOptions options, Launcher& launcher, Listener& listener,
               StateFiles& files)
    : plan_(plan),
      options_(std::move(options)),
      launcher_(launcher),
      listener_(listener),
      record_(plan, launcher, listener, files),
      runs_(MakeRuns(plan, options_.usual)),
      detector_(runs_, options_.budget, launcher.Now()),
      slack_(runs_) {}

/// The loop: start as many scripts as are allowed, wait for one event, act on it.
Runner::End Runner::Run() {
  OfferConfirm();
  for (;;) {
    CheckTime();
    StartReady();
    record_.Write(runs_);
    if (preempted_) return End::kPreempted;
    if (!IsDone()) {
      Act(launcher_.Wait(WakeTime()));
    } else if (launcher_.IsTerminated()) {
      Preempt();  // the request came in the same turn as the end of the last script
    } else {
      break;
    }
  }
  record_.Close();
  return End::kDone;
}

void Runner::OfferConfirm() {
  if (!options_.confirm) return;
  const std::optional<Question> offer = options_.confirm->Offer();
  if (!offer) return;
  offered_ = true;
  listener_.On(ConsoleLent{true});
  launcher_.Ask(*offer);
}

bool Runner::IsDone() {
  if (next_pass_ < plan_.passes.size() || unreleased_ > 0) return false;
  if (!detector_.HasEvidence()) return true;
  const Time now = launcher_.Now();
  if (!settle_until_) settle_until_ = now + kSettle;
  return now >= *settle_until_;
}

Runner::Time Runner::WakeTime() const {
  Time wake = std::min(detector_.NextScan(), slack_.NextRaise());
  for (const auto& [until, run] : later_) wake = std::min(wake, until);
  return settle_until_ ? std::min(wake, *settle_until_) : wake;
}

void Runner::CheckTime() {
  const Time now = launcher_.Now();
  for (const auto& [until, run] : std::vector(later_))
    if (now >= until) Start(*run);
  for (const int id : slack_.ToRaise(LongestReady(), now)) launcher_.Raise(id);
  if (now < detector_.NextScan()) return;
  if (auto requests = detector_.ToScan(now); !requests.empty()) launcher_.Scan(std::move(requests));
  Judge(detector_.Judge(now), now);
}

void Runner::Act(const RunEvent& event) {
  using Kind = RunEvent::Kind;
  switch (event.kind) {
    case Kind::kTime:
      return;
    case Kind::kLine: {
      ScriptRun& run = runs_[static_cast<size_t>(event.id)];
      if (!event.text.empty() && run.IsRunning()) run.last_line = event.text;
      return listener_.On(OutputLine{*run.script, event.text});
    }
    case Kind::kEnded:
      return Ended(runs_[static_cast<size_t>(event.id)], event.status);
    case Kind::kScanned: {
      const Time now = launcher_.Now();
      return Judge(detector_.Take(event.scan, now), now);
    }
    case Kind::kAnswer:
      return Answered(event.text);
    case Kind::kSkipWaitedFor:
      return SkipWaitedFor(event.text);
    case Kind::kSkipAll:
      return SkipAll(event.text);
    case Kind::kRequest:
      return event.reply(Answer(event.request));
    case Kind::kTerminate:
      return Preempt();
    case Kind::kNote:
      return listener_.On(Note{event.text});
  }
}

void Runner::StartReady() {
  while (!offered_ && !preempted_ && launcher_.MayStart()) {
    while (unreleased_ == 0 && next_pass_ < plan_.passes.size()) BeginPass();
    ScriptRun* run = TakeReady();
    if (!run) return;
    ++jobs_;
    Prepare(*run);
  }
}

void Runner::BeginPass() {
  unreleased_ = plan_.passes[next_pass_++].scripts.size();
  for (size_t i = 0; i < unreleased_; ++i, ++begun_)
    if (runs_[begun_].open == 0) MakeReady(runs_[begun_]);
}

void Runner::MakeReady(ScriptRun& run) {
  run.state = State::kReady;
  ready_.insert({plan_.serial ? Slack::Duration() : -slack_.Chain(run.id), run.id});
}

Slack::Duration Runner::LongestReady() const {
  return ready_.empty() ? Slack::Duration() : -ready_.begin()->first;
}

/// Of the scripts that may start now the one with the longest chain, the first of the plan among
/// equals; or null.
ScriptRun* Runner::TakeReady() {
  if (ready_.empty() || console_lent_ || jobs_ >= (asking() ? 1 : options_.jobs)) return nullptr;
  ScriptRun& run = runs_[static_cast<size_t>(ready_.begin()->second)];
  // A script that needs the console runs alone.
  if (run.script->interactive && jobs_ > 0) return nullptr;
  ready_.erase(ready_.begin());
  return &run;
}

void Runner::Prepare(ScriptRun& run) {
  const Script& script = *run.script;
  if (script.kind == ScriptKind::kHandOver) return Release(run, State::kOver);
  if (script.kind == ScriptKind::kNativeStage && !options_.runs_stages) {
    const std::string text = "native stage " + script.stages + " is not run on another tree";
    listener_.On(Note{script.link + ": " + text});
    return Release(run, State::kOver);
  }
  if (AdoptFromOldRc(run)) return;
  if (skips_all_ && EndsWithScriptPhase(script)) return Skip(run);
  if (options_.confirm && options_.confirm->Asks(script)) return Ask(run);
  Launch(run);
}

/// A script that an earlier rc started, with the same action, is followed and not started again.
bool Runner::AdoptFromOldRc(ScriptRun& run) {
  const Script& script = *run.script;
  const StateFiles::Running* old = record_.FindOld(script.service, script.action);
  if (!old) return false;
  run.state = State::kRunning;
  run.pid = old->pid;
  run.start_time = old->start_time;
  record_.Changed();
  const bool lives = launcher_.Adopt(run.id, script, {old->pid, old->start_time});
  listener_.On(ScriptStarted{script, old->pid});
  if (!lives) {
    // The script ended while no rc ran.
    listener_.On(ScriptEnded{script, ExitStatus::Unknown()});
    EndUnlessFinished(script);
    Release(run, State::kOver);
  } else if (old->abandoned) {
    Abandon(run, "was left alone before");
  } else {
    detector_.Started(run, launcher_.Now());
  }
  return true;
}

void Runner::Ask(ScriptRun& run) {
  std::vector<std::string> waiting;
  for (const int next : run.next) waiting.push_back(runs_[static_cast<size_t>(next)].script->link);
  run.state = State::kAsked;
  asked_ = &run;
  listener_.On(ConsoleLent{true});
  launcher_.Ask(options_.confirm->Ask(*run.script, waiting));
}

void Runner::Launch(ScriptRun& run) {
  if (!WaitForOldStart(run)) Start(run);
}

/// A stop must not run beside an earlier rc's start of the same service.
bool Runner::WaitForOldStart(ScriptRun& run) {
  const Script& script = *run.script;
  const StateFiles::Running* old = record_.FindOld(script.service, Action::kStart);
  if (!old || old->abandoned || script.action != Action::kStop) return false;
  if (!launcher_.Adopt(run.id, script, {old->pid, old->start_time})) return false;
  run.state = State::kStartsLater;
  later_.push_back({launcher_.Now() + options_.old_start_limit, &run});
  return true;
}

void Runner::Start(ScriptRun& run) {
  std::erase_if(later_, [&](const auto& later) { return later.second == &run; });
  const Script& script = *run.script;
  run.state = script.interactive ? State::kOnConsole : State::kRunning;
  if (script.interactive && !std::exchange(console_lent_, true)) listener_.On(ConsoleLent{true});
  const bool low = options_.uses_slack && slack_.Begin(run, LongestReady(), launcher_.Now());
  run.pid = launcher_.Start(run.id, script, low ? CpuShare::kLeft : CpuShare::kFull);
  if (run.pid < 0) return;  // kEnded says why
  run.start_time = launcher_.StartTime(run.pid);
  record_.Changed();
  listener_.On(ScriptStarted{script, run.pid});
  detector_.Started(run, launcher_.Now());
}

/// A service must not stay without its stop because the kernel refuses a process at this moment.
bool Runner::StartAgain(ScriptRun& run, ExitStatus status) {
  if (run.pid >= 0) return false;
  const Time now = launcher_.Now();
  if (!run.refused) {
    run.refused = now;
    launcher_.AllowMoreProcesses();
    listener_.On(Note{run.script->link + " " + status.Text() + "; it is tried again for up to " +
                      Seconds(kRefused)});
  }
  if (now - *run.refused >= kRefused) return false;
  run.state = State::kStartsLater;
  later_.push_back({now + kTryAgain, &run});
  return true;
}

void Runner::Ended(ScriptRun& run, ExitStatus status) {
  if (run.state == State::kStartsLater) return Start(run);
  if (!run.HasProcess() || StartAgain(run, status)) return;
  const Script& script = *run.script;
  if (run.pid < 0) listener_.On(ScriptStarted{script, run.pid});
  listener_.On(ScriptEnded{script, status});
  detector_.Forget(run);
  record_.Ended(script, status);
  if (run.state == State::kAbandoned) {
    run.state = State::kOver;
    return;
  }
  const bool failed = status.kind() != ExitStatus::Kind::kExited || status.number() != 0;
  if (failed && options_.enter_wait.count() > 0 && !asked_) return WaitForEnter(run);
  if (failed) EndUnlessFinished(script);
  Release(run, State::kOver);
}

/// The script behind such stages would end a machine in use. The hand-over runs them again.
void Runner::EndUnlessFinished(const Script& script) {
  if (!script.until_power.empty()) SkipAll(script.link + " did not get to its end");
}

/// LFS's rc waits for Enter after each status but 0, so that a person can read the messages.
void Runner::WaitForEnter(ScriptRun& run) {
  run.state = State::kAwaitsEnter;
  asked_ = &run;
  listener_.On(ConsoleLent{true});
  launcher_.Ask({run.script->link + " failed; press Enter to continue (" +
                     std::to_string(options_.enter_wait.count()) + "s) ",
                 true, options_.enter_wait});
}

void Runner::Answered(const std::string& reply) {
  if (std::exchange(offered_, false)) {
    listener_.On(ConsoleLent{false});
    return options_.confirm->TakeOffer(reply);
  }
  ScriptRun& run = *asked_;
  Confirm::Decision decision = Confirm::Decision::kRun;
  if (run.state == State::kAsked) decision = options_.confirm->Take(reply);
  if (decision == Confirm::Decision::kAskAgain) return launcher_.Ask(options_.confirm->Again());
  asked_ = nullptr;
  listener_.On(ConsoleLent{false});
  if (run.state == State::kAwaitsEnter) return Release(run, State::kOver);
  const bool over = skips_all_ && EndsWithScriptPhase(*run.script);
  return decision == Confirm::Decision::kSkip || over ? Skip(run) : Launch(run);
}

void Runner::Judge(const std::vector<HangDetector::Verdict>& verdicts, Time now) {
  for (const HangDetector::Verdict& verdict : verdicts) Execute(verdict);
  if (const auto waiting = detector_.Waits(now)) listener_.On(*waiting);
}

void Runner::Execute(const HangDetector::Verdict& verdict) {
  using Kind = HangDetector::Verdict::Kind;
  switch (verdict.kind) {
    case Kind::kContinue:
      return launcher_.Continue(verdict.process);
    case Kind::kEvidence:
      return listener_.On(Evidence{*verdict.run->script, verdict.lines});
    case Kind::kNearLimit:
      return listener_.On(NearLimit{*verdict.run->script, verdict.quiet, verdict.left});
    case Kind::kNearLimitInAll: {
      const Script& script = *verdict.run->script;
      return listener_.On(Note{script.link + ": may take " + Seconds(script.limit_hard) +
                               " in all; left alone in " + Seconds(verdict.left)});
    }
    case Kind::kOverdue:
      return Abandon(*verdict.run, verdict.reason);
    case Kind::kBudgetOver:
      return SkipAll(verdict.reason);
  }
}

void Runner::SkipWaitedFor(const std::string& reason) {
  ScriptRun* run = detector_.WaitedFor();
  if (run && run->script->kind == ScriptKind::kScript) Abandon(*run, reason);
}

/// Ends the script phase: rc waits for no script any more, and starts none.
void Runner::SkipAll(const std::string& reason) {
  if (std::exchange(skips_all_, true)) return;
  listener_.On(Note{reason + "; no script is waited for any more"});
  for (ScriptRun& run : runs_) {
    if (!EndsWithScriptPhase(*run.script)) continue;
    if (run.state == State::kStartsLater) Skip(run);
    if (run.IsRunning()) Abandon(run, reason);
  }
}

/// The end of the script phase does not concern native stages, which have limits of their own, nor
/// a script that has the console: such a script ends the machine, or processes.
bool Runner::EndsWithScriptPhase(const Script& script) const {
  return script.kind == ScriptKind::kScript && !script.interactive;
}

/// The script goes on. rc does not wait for the script any more, and the kill stage ends it.
void Runner::Abandon(ScriptRun& run, const std::string& reason) {
  launcher_.Abandon(run.id);
  record_.Changed();
  detector_.Forget(run);
  listener_.On(ScriptAbandoned{*run.script, reason, run.last_line});
  detector_.CollectEvidence(run);
  Release(run, State::kAbandoned);
}

void Runner::Skip(ScriptRun& run) {
  std::erase_if(later_, [&](const auto& later) { return later.second == &run; });
  listener_.On(ScriptSkipped{*run.script});
  Release(run, State::kOver);
}

/// Readies the scripts that waited for this one alone.
void Runner::Release(ScriptRun& run, State state) {
  if (run.script->interactive && console_lent_) {
    console_lent_ = false;
    listener_.On(ConsoleLent{false});
  }
  run.state = state;
  run.last_line = {};
  slack_.End(run);
  --jobs_;
  --unreleased_;
  if (detector_.Finished(run, launcher_.Now())) listener_.On(WaitOver{});
  for (const int id : run.next) {
    ScriptRun& next = runs_[static_cast<size_t>(id)];
    if (--next.open == 0) MakeReady(next);
  }
}

void Runner::Preempt() {
  preempted_ = true;
  record_.Changed();
}

}  // namespace curfew
