// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/runner.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace curfew {

namespace asio = boost::asio;

namespace {

/// A descriptor that reads as empty, also where there is no /dev yet.
Fd OpenEmpty() {
  Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (null) return null;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Fd();
  close(ends[1]);
  return Fd(ends[0]);
}

}  // namespace

Runner::Runner(asio::io_context& loop, const Plan& plan, RunOptions options, Status& status,
               Ledger& ledger)
    : plan_(plan),
      options_(std::move(options)),
      status_(status),
      ledger_(ledger),
      shutdown_(plan.down),
      left_running_(ledger.LeftRunning()),
      loop_(loop),
      null_(OpenEmpty()) {
  if (!left_running_.empty()) ledger_.RecordRunning({});
  if (!shutdown_) ledger_.Forget();
}

Runner::End Runner::Run() {
  for (const int s : {SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGTERM, SIGCHLD}) {
    boost::system::error_code ignored;
    signals_.add(s, ignored);
  }
  Listen();
  if (options_.confirm) {
    options_.confirm->Begin([this] { BeginPass(); });
  } else {
    BeginPass();
  }
  loop_.run();
  return preempted_ ? End::kPreempted : End::kDone;
}

std::vector<std::string> Runner::With(Outcome outcome) const {
  std::vector<std::string> services;
  for (const Verdict& v : verdicts_) {
    if (v.outcome == outcome) services.push_back(v.service);
  }
  return services;
}

std::vector<OpenOutput> Runner::TakeOutputs() {
  std::vector<OpenOutput> outputs;
  for (Job& job : jobs_) {
    if (Fd output = job.TakeOutput()) outputs.push_back({job.script().link, std::move(output)});
  }
  return outputs;
}

/// Handlers, not SIG_IGN: scripts must find the default disposition (Debian #679630). Ctrl-C never
/// ends a run (Debian #18541); it reaches the interactive script that has the console by itself.
void Runner::Listen() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGCHLD) ContinueStopped();
    if (signal == SIGTERM) return Preempt();
    Listen();
  });
}

/// A script that stopped itself would be waited for without end; startpar continues it too.
void Runner::ContinueStopped() {
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
    // One that has the console is in rc's own group.
    if (kill(-info.si_pid, SIGCONT) != 0) kill(info.si_pid, SIGCONT);
    info.si_pid = 0;
  }
}

void Runner::BeginPass() {
  while (pass_ < plan_.passes.size() && scripts().empty()) ++pass_;
  if (pass_ == plan_.passes.size()) return loop_.stop();
  nodes_.assign(scripts().size(), Node{});
  unfinished_ = scripts().size();
  for (size_t i = 0; i < scripts().size(); ++i) {
    nodes_[i].open = scripts()[i].after.size();
    for (const int before : scripts()[i].after) {
      nodes_[static_cast<size_t>(before)].next.push_back(i);
    }
    if (nodes_[i].open == 0) ready_.insert({-scripts()[i].importance, i});
  }
  StartReady();
}

void Runner::StartReady() {
  while (!ready_.empty() && running_ < (asking() ? 1 : options_.jobs) && !console_lent_ &&
         !preempted_) {
    const size_t index = ready_.begin()->second;
    // The console has one user: what runs may end first, and nothing else begins.
    if (scripts()[index].interactive && running_ > 0) return;
    ready_.erase(ready_.begin());
    ++running_;
    Begin(index);
  }
}

void Runner::Begin(size_t index) {
  const Script& script = scripts()[index];
  if (script.runs == Runs::kHandOver) return asio::post(loop_, [this, index] { Finish(index); });
  if (script.runs == Runs::kStages && !options_.halt) {
    status_.Note(script.link + ": native stage " + script.stages + " is not run on another tree");
    return asio::post(loop_, [this, index] { Finish(index); });
  }
  if (AdoptStop(index)) return;
  if (HasBudget(script) && BudgetLeft().count() == 0) {
    status_.Skipped(script);
    return asio::post(loop_, [this, index] { Finish(index); });
  }
  if (options_.confirm && options_.confirm->Asks(script)) return Ask(index);
  Launch(index);
}

void Runner::Ask(size_t index) {
  std::vector<std::string> waiting;
  for (const size_t next : nodes_[index].next) waiting.push_back(scripts()[next].link);
  options_.confirm->Decide(scripts()[index], waiting, [this, index](bool run) {
    if (!run) {
      status_.Skipped(scripts()[index]);
      return Finish(index);
    }
    Launch(index);
    // It may have been the last question: others need not wait for the end of this one.
    StartReady();
  });
}

void Runner::Launch(size_t index) {
  if (!WaitForOldStart(index)) StartScript(index);
}

void Runner::StartScript(size_t index) {
  const Script& script = scripts()[index];
  Job& job = NewJob(script);
  SpawnRequest request = Request(script);
  auto on_end = [this, index](Job& j, ExitStatus status) { Ended(index, j, status); };
  if (script.interactive) {
    LendConsole(&request);
    job.StartOnConsole(request, on_end);
  } else {
    job.Start(std::move(request), options_.console_size, on_end);
    if (job.pid() > 0) sessions_.Add(job.pid());
  }
  status_.Started(script, job.pid());
  LimitJob(index, job);
}

/// A script that is over its limit goes on, but nobody waits for it, and the kill stage does not
/// spare it.
void Runner::LimitJob(size_t index, Job& job) {
  const Script& script = job.script();
  std::chrono::seconds limit = script.limit;
  if (HasBudget(script)) {
    const auto left = std::max(BudgetLeft(), std::chrono::seconds(1));
    limit = limit.count() > 0 ? std::min(limit, left) : left;
  }
  if (limit.count() == 0) return;
  job.Limit(limit, [this, index, limit](Job& j) {
    abandoned_.insert(&j);
    sessions_.Remove(j.pid());
    status_.Abandoned(j.script(), limit);
    Release(index, j.script());
  });
}

/// What has the console ends the machine, or processes: it is never left behind.
bool Runner::HasBudget(const Script& script) const {
  return options_.budget.count() > 0 && script.runs == Runs::kScript && !script.interactive;
}

std::chrono::seconds Runner::BudgetLeft() const {
  const auto left = begin_ + options_.budget - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(0));
}

bool Runner::AdoptStop(size_t index) {
  const Script& script = scripts()[index];
  const Ledger::Running* old = LeftRunning(script.service, script.action);
  if (!old) return false;
  Job& job = NewJob(script);
  auto on_end = [this, index](Job& j, ExitStatus status) { Ended(index, j, status); };
  if (job.Adopt(old->pid, old->start_time, on_end)) {
    // It ended while no rc looked: it ran, and is not run again.
    alive_.erase(&job);
    RecordStop(script);
    asio::post(loop_, [this, index] { Finish(index); });
    return true;
  }
  sessions_.Add(old->pid);
  status_.Started(script, old->pid);
  LimitJob(index, job);
  return true;
}

/// A stop must not race the start of the same service that an earlier rc left running.
bool Runner::WaitForOldStart(size_t index) {
  const Script& script = scripts()[index];
  const Ledger::Running* old = LeftRunning(script.service, Action::kStart);
  if (!old || script.action != Action::kStop) return false;
  OldStart& wait = old_starts_.emplace_back(loop_);
  const auto go = [this, index, &wait, session = old->pid] {
    if (std::exchange(wait.over, true)) return;
    wait.timer.cancel();
    sessions_.Remove(session);
    StartScript(index);
  };
  if (wait.process.Adopt(loop_, old->pid, old->start_time, [go](ExitStatus) { go(); })) {
    wait.over = true;
    return false;
  }
  sessions_.Add(old->pid);
  wait.timer.expires_after(options_.limit);
  wait.timer.async_wait([go](const boost::system::error_code& error) {
    if (!error) go();
  });
  return true;
}

void Runner::Ended(size_t index, Job& job, ExitStatus status) {
  // An abandoned script may be one of an earlier pass.
  const Script& script = job.script();
  alive_.erase(&job);
  sessions_.Remove(job.pid());
  verdicts_.push_back({script.service, Classify(status, script.action)});
  RecordStop(script);
  if (abandoned_.erase(&job) != 0) return;
  const bool failed = status.kind() != ExitStatus::Kind::kExited || status.number() != 0;
  if (failed && options_.enter_wait.count() > 0 && options_.asker) {
    return WaitForEnter(index, script);
  }
  Release(index, script);
}

/// LFS's rc lets a person read what went wrong (its bootscripts: any status but 0).
void Runner::WaitForEnter(size_t index, const Script& script) {
  const std::string seconds = std::to_string(options_.enter_wait.count());
  status_.ConsoleLent(true);
  options_.asker->Ask({script.link + " failed; press Enter to continue (" + seconds + "s) ", true,
                       options_.enter_wait},
                      [this, index, &script](const std::string&) {
                        status_.ConsoleLent(false);
                        Release(index, script);
                      });
}

void Runner::Release(size_t index, const Script& script) {
  if (script.interactive) {
    console_lent_ = false;
    status_.ConsoleLent(false);
  }
  Finish(index);
}

void Runner::RecordStop(const Script& script) {
  if (!shutdown_ || script.runs != Runs::kScript) return;
  const std::error_code error = ledger_.RecordStopped(script.service);
  if (!error || std::exchange(ledger_failed_, true)) return;
  status_.Note("/run/curfew/stopped: " + error.message() + "; a second request stops again");
}

void Runner::Finish(size_t index) {
  --running_;
  for (const size_t next : nodes_[index].next) {
    if (--nodes_[next].open == 0) ready_.insert({-scripts()[next].importance, next});
  }
  if (--unfinished_ > 0) return StartReady();
  ++pass_;
  BeginPass();
}

void Runner::Preempt() {
  preempted_ = true;
  std::vector<Ledger::Running> running;
  for (const Job* job : alive_) {
    const Script& s = job->script();
    running.push_back({s.action, job->pid(), StartTime(job->pid()), s.service});
  }
  // What an earlier rc left and this one had no turn for yet.
  for (const Ledger::Running& old : left_running_) {
    const bool known = std::any_of(running.begin(), running.end(),
                                   [&](const Ledger::Running& r) { return r.pid == old.pid; });
    if (!known && old.start_time != 0 && StartTime(old.pid) == old.start_time) {
      running.push_back(old);
    }
  }
  const std::error_code error = ledger_.RecordRunning(running);
  if (error)
    status_.Note("/run/curfew/running: " + error.message() + "; running scripts are forgotten");
  loop_.stop();
}

SpawnRequest Runner::Request(const Script& script) const {
  SpawnRequest request;
  request.path = options_.root + script.path;
  request.argv = {script.argv0, ActionWord(script.action)};
  request.env = options_.env;
  request.in = null_.get();
  request.fork = options_.fork;
  request.descriptors = options_.descriptors;
  if (script.runs == Runs::kScript && (script.shell || script.trace)) {
    request.argv = {"sh", request.path, ActionWord(script.action)};
    if (script.trace) request.argv.insert(request.argv.begin() + 1, "-x");
    request.path = "/bin/sh";
  }
  if (script.runs != Runs::kStages) return request;
  request.exec_fd = options_.halt->fd();
  request.path = HaltProgram::kPath;
  request.argv = {"halt", "--stage", script.stages};
  if (sessions_.fd() >= 0) {
    request.keep = sessions_.fd();
    request.argv.insert(request.argv.end(), {"--spare-fd", std::to_string(sessions_.fd())});
  }
  return request;
}

/// The script keeps rc's session and its stdin, stdout and stderr where those are the console;
/// else the console is opened for it.
void Runner::LendConsole(SpawnRequest* request) {
  console_lent_ = true;
  status_.ConsoleLent(true);
  request->own_session = false;
  request->in = -1;
  if (isatty(STDIN_FILENO)) return;
  if (!console_ && options_.root.empty()) {
    console_ = Fd(open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  request->in = console_ ? console_.get() : null_.get();
  if (console_) request->out = console_.get();
}

Job& Runner::NewJob(const Script& script) {
  Job& job = jobs_.emplace_back(loop_, script, plan_.level, status_);
  alive_.insert(&job);
  return job;
}

const Ledger::Running* Runner::LeftRunning(const std::string& service, Action action) const {
  for (const Ledger::Running& r : left_running_) {
    if (r.service == service && r.action == action) return &r;
  }
  return nullptr;
}

}  // namespace curfew
