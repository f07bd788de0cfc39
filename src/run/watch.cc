// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/watch.h"

#include <signal.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "kernel/writeback.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kPace{1000};
constexpr milliseconds kFastestPace{100};
/// So many looks in the time of one limit.
constexpr int kLooksPerLimit = 4;
/// A script that runs longer is looked at: in time for the first WaitsFor.
constexpr milliseconds kLookFrom{2500};
/// Nothing ended for so long: the status names what the run waits for.
constexpr milliseconds kWaitingFrom{2900};
constexpr milliseconds kSayAgain{900};
/// The daemons of all scripts are looked up once, so early that their pid files are still there,
/// and so late that a run of nothing but quick scripts never does.
constexpr milliseconds kRosterFrom{900};
/// Judging waits so long for what the helper has to say.
constexpr milliseconds kPatienceWithHelper{2000};
constexpr seconds kSettle{1};
/// A look comes before all scripts, and costs seconds of CPU beside thousands of processes: after
/// such a one the scripts have the CPU for so many times as long.
constexpr milliseconds kCheapLook{100};
constexpr int kRest = 4;

std::string Seconds(seconds time) {
  return std::to_string(time.count()) + " s";
}

std::string NameOf(const Script& script) {
  return script.path.substr(script.path.rfind('/') + 1);
}

}  // namespace

Watch::Watch(boost::asio::io_context& loop, const std::string& root, const Plan& plan,
             seconds budget, RunningSessions& sessions, Listener& listener, Orders orders)
    : loop_(loop),
      root_(root),
      plan_(plan),
      budget_(budget),
      listener_(listener),
      orders_(std::move(orders)),
      probe_(loop, root, kernel_, sessions),
      timer_(loop),
      settle_timer_(loop) {
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) scripts_ += script.kind != ScriptKind::kHandOver;
  }
}

void Watch::Begin() {
  begin_ = last_end_ = Clock::now();
  TickLater();
}

void Watch::Started(Job& job) {
  const Script& script = job.script();
  const Time now = Clock::now();
  entries_.push_back(
      {next_key_++, &job, Patience(script, now), Activity(NameOf(script), script.limit), {}});
  if (first_hang_) entries_.back().patience.Shorten(now);
  if (Clock::now() + Pace() < timer_.expiry()) TickLater();
}

void Watch::Forget(const Job& job) {
  entries_.remove_if([&](const Entry& entry) { return entry.job == &job; });
}

void Watch::Finished(const Script& script) {
  if (script.kind != ScriptKind::kHandOver) ++ended_;
  daemons_.erase(&script);
  last_end_ = Clock::now();
  if (std::exchange(said_, std::nullopt)) listener_.On(WaitOver{});
}

Job* Watch::longest() const {
  for (const Entry& entry : entries_) {
    if (!entry.job->script().interactive) return entry.job;
  }
  return nullptr;
}

void Watch::TickLater() {
  timer_.expires_after(Pace());
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

milliseconds Watch::Pace() const {
  milliseconds pace = kPace;
  for (const Entry& entry : entries_) {
    const milliseconds limit = entry.patience.limit();
    if (limit.count() > 0) pace = std::min(pace, limit / kLooksPerLimit);
  }
  return std::max(pace, kFastestPace);
}

void Watch::Tick() {
  const Time now = Clock::now();
  if (MayAsk(now)) {
    Ask(now);
  } else if (now - asked_ > kPatienceWithHelper) {
    Judge(now);
    SayWaiting(now);
  }
  TickLater();
}

bool Watch::MayAsk(Time now) const {
  return !probe_.busy() && now >= rest_until_;
}

bool Watch::IsDue(const Entry& entry, Time now) const {
  const milliseconds limit = entry.patience.limit();
  const milliseconds from =
      limit.count() == 0 ? kLookFrom : std::min(kLookFrom, limit / kLooksPerLimit);
  return now - entry.patience.begin() >= from;
}

/// Judging comes with the answer, or at once where there is nothing to look at.
void Watch::Ask(Time now) {
  std::vector<LookedAt> scripts;
  if (now - begin_ >= kRosterFrom && !std::exchange(roster_taken_, true)) scripts = Roster();
  using Purpose = LookedAt::Purpose;
  for (const Cases::Case& c : cases_.open()) {
    scripts.push_back(At(c.key, *c.script, c.leader, Purpose::kEvidence));
  }
  for (const Entry& entry : entries_) {
    if (!IsDue(entry, now) || entry.job->pid() <= 0) continue;
    scripts.push_back(At(entry.key, entry.job->script(), entry.job->pid(), Purpose::kProgress));
  }
  asked_ = now;
  if (!scripts.empty()) {
    return probe_.Ask(std::move(scripts), [this](const Probe::Answer& answer) { Hear(answer); });
  }
  Judge(now);
  SayWaiting(now);
}

std::vector<LookedAt> Watch::Roster() {
  std::vector<LookedAt> scripts;
  for (const Pass& pass : plan_.passes) {
    for (const Script& script : pass.scripts) {
      if (script.limit.count() == 0) continue;
      roster_[next_key_] = &script;
      scripts.push_back(At(next_key_++, script, 0, LookedAt::Purpose::kDaemons));
    }
  }
  return scripts;
}

LookedAt Watch::At(int key, const Script& script, pid_t leader, LookedAt::Purpose purpose) {
  const auto known = daemons_.find(&script);
  return {purpose,        key,
          script.service, root_ + script.path,
          leader,         known == daemons_.end() ? std::vector<ProcessId>() : known->second};
}

void Watch::Hear(const Probe::Answer& answer) {
  const Time now = Clock::now();
  if (answer.cpu > kCheapLook) rest_until_ = now + kRest * answer.cpu;
  const DiskSample disks{UnwrittenKib(kernel_), CompletedWrites(kernel_)};
  for (Entry& entry : entries_) {
    const auto found = answer.processes.find(entry.key);
    if (found != answer.processes.end()) HearOf(entry, found->second, disks, now);
  }
  for (const auto& [key, script] : std::exchange(roster_, {})) {
    const auto found = answer.processes.find(key);
    if (found != answer.processes.end()) LearnDaemons(*script, found->second);
  }
  HearEvidence(answer);
  Judge(now);
  SayWaiting(now);
}

void Watch::HearOf(Entry& entry, const std::vector<SeenProcess>& processes, const DiskSample& disks,
                   Time now) {
  if (entry.activity.Add(now, processes, entry.job->printed(), disks)) {
    entry.patience.Progressed(now);
    last_progress_ = now;
  }
  // Twice seen: who stops a process for a moment has reasons.
  for (const SeenProcess& process : processes) {
    if (process.state != 'T' || process.daemon) continue;
    const bool again = std::any_of(
        entry.seen.begin(), entry.seen.end(),
        [&](const SeenProcess& old) { return old.id == process.id && old.state == 'T'; });
    if (again && StartTime(process.id.pid) == process.id.start) kill(process.id.pid, SIGCONT);
  }
  LearnDaemons(entry.job->script(), processes);
  entry.seen = processes;
}

void Watch::LearnDaemons(const Script& script, const std::vector<SeenProcess>& processes) {
  std::vector<ProcessId> daemons;
  for (const SeenProcess& process : processes) {
    if (process.daemon && process.state != 'Z') daemons.push_back(process.id);
  }
  if (!daemons.empty()) daemons_[&script] = std::move(daemons);
}

void Watch::CollectEvidence(const Job& job) {
  if (job.pid() <= 0) return;
  cases_.Add(next_key_++, job.script(), job.pid());
  AskForCases();
}

/// From the loop: not before the answer of the look before is heard to its end.
void Watch::AskForCases() {
  boost::asio::post(loop_, [this] {
    if (MayAsk(Clock::now()) && !cases_.open().empty()) Ask(Clock::now());
  });
}

void Watch::HearEvidence(const Probe::Answer& answer) {
  cases_.Hear(answer, listener_);
  if (cases_.open().empty()) return Settled();
  AskForCases();
}

void Watch::Settle(std::function<void()> done) {
  on_settled_ = std::move(done);
  if (cases_.open().empty()) return Settled();
  settle_timer_.expires_after(kSettle);
  settle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Settled();
  });
}

void Watch::Settled() {
  settle_timer_.cancel();
  if (const auto done = std::exchange(on_settled_, nullptr)) done();
}

void Watch::Judge(Time now) {
  std::vector<std::pair<Job*, Patience::Verdict>> overdue;
  for (Entry& entry : entries_) {
    const Patience::Verdict verdict = entry.patience.Judge(now);
    switch (verdict) {
      case Patience::Verdict::kWait:
        break;
      case Patience::Verdict::kNearQuiet:
      case Patience::Verdict::kNearHard:
        SayNear(entry, verdict, now);
        break;
      case Patience::Verdict::kQuiet:
      case Patience::Verdict::kHard:
        overdue.push_back({entry.job, verdict});
        break;
    }
  }
  for (const auto& [job, verdict] : overdue) Abandon(*job, verdict, now);
  JudgeBudget(now);
}

void Watch::SayNear(const Entry& entry, Patience::Verdict verdict, Time now) {
  const Script& script = entry.job->script();
  const seconds left = entry.patience.Left(now);
  if (verdict == Patience::Verdict::kNearQuiet) {
    return listener_.On(NearLimit{script, entry.patience.Quiet(now), left});
  }
  listener_.On(Note{script.link + ": may take " + Seconds(script.limit_hard) +
                    " in all; left alone in " + Seconds(left)});
}

void Watch::Abandon(Job& job, Patience::Verdict verdict, Time now) {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.job == &job; });
  if (entry == entries_.end()) return;
  if (verdict == Patience::Verdict::kHard) {
    return orders_.abandon(job, Seconds(job.script().limit_hard) + " in all");
  }
  const std::string reason = "no progress for " + Seconds(entry->patience.Quiet(now));
  if (!std::exchange(first_hang_, first_hang_.value_or(now))) {
    for (Entry& other : entries_) other.patience.Shorten(now);
  }
  orders_.abandon(job, reason);
}

void Watch::JudgeBudget(Time now) {
  const auto passed = [&](Time since) {
    return std::chrono::duration_cast<milliseconds>(now - since);
  };
  const milliseconds quiet = last_progress_ ? passed(*last_progress_) : milliseconds::max();
  if (budget_over_ || !BudgetOver(budget_, passed(begin_), quiet)) return;
  budget_over_ = true;
  orders_.end("the " + Seconds(budget_) + " for all scripts are over");
}

void Watch::SayWaiting(Time now) {
  const Job* job = longest();
  if (!job || now - last_end_ < kWaitingFrom || (said_ && now - *said_ < kSayAgain)) return;
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.job == job; });
  Waiting waiting;
  waiting.script = &job->script();
  waiting.ended = ended_;
  waiting.scripts = scripts_;
  waiting.elapsed = std::chrono::duration_cast<seconds>(now - entry->patience.begin());
  waiting.limit = std::chrono::ceil<seconds>(entry->patience.limit());
  if (const SeenProcess* culprit = Culprit(entry->seen)) {
    waiting.process = culprit->name + "[" + std::to_string(culprit->id.pid) + "]";
    waiting.state = culprit->state;
    waiting.wait_channel = culprit->wait_channel;
  }
  said_ = now;
  listener_.On(waiting);
}

}  // namespace curfew
