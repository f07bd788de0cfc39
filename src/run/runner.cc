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

Runner::Runner(asio::io_context& loop, const Plan& plan, RunOptions options, Listener& listener,
               Ledger& ledger)
    : plan_(plan),
      options_(std::move(options)),
      listener_(listener),
      ledger_(ledger),
      shutdown_(plan.down),
      left_running_(ledger.LeftRunning()),
      loop_(loop),
      watch_(loop, options_.root, plan, options_.budget, sessions_, listener,
             {[this](Job& job, const std::string& reason) { Abandon(job, reason); },
              [this](const std::string& reason) { SkipAll(reason); }}),
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
  StartDeadMan();
  watch_.Begin();
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
  for (const Verdict& v : verdicts_)
    if (v.outcome == outcome) services.push_back(v.service);
  return services;
}

bool Runner::Skip(const std::string& service, const std::string& reason) {
  const Job* named = service.empty() ? watch_.longest() : nullptr;
  for (const auto& [job, alive] : alive_) {
    const Script& script = job->script();
    if (alive.abandoned || (named ? job != named : script.service != service)) continue;
    if (script.kind != ScriptKind::kScript || (script.interactive && service.empty())) continue;
    Abandon(*job, reason);
    return true;
  }
  return false;
}

void Runner::SkipAll(const std::string& reason) {
  if (std::exchange(skips_all_, true)) return;
  listener_.On(Note{reason + "; no script is waited for any more"});
  std::vector<Job*> jobs;
  for (const auto& [job, alive] : alive_) {
    if (!alive.abandoned && IsOver(job->script())) jobs.push_back(job);
  }
  for (Delayed& delayed : delayed_) {
    if (delayed.start.Cancel()) SkipUnbegun(delayed.index);
  }
  for (Job* job : jobs) Abandon(*job, reason);
}

std::vector<OpenOutput> Runner::TakeOutputs() {
  std::vector<OpenOutput> outputs;
  for (Job& job : jobs_) {
    if (Fd output = job.TakeOutput()) outputs.push_back({job.script().link, std::move(output)});
  }
  return outputs;
}

/// Nobody waits for it. What it says the first of the last stages says again.
void Runner::StartDeadMan() {
  if (!options_.halt || options_.vitals < 0) return;
  Script stage;
  stage.kind = ScriptKind::kNativeStage;
  stage.stages = "dead-man";
  SpawnRequest request = Request(stage);
  request.out = null_.get();
  sessions_.Expect();
  dead_man_.Start(loop_, request, [](ExitStatus) {});
  sessions_.Add(dead_man_.pid());
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

/// A script that stopped itself would be waited for without end; startpar continues it too. Nobody
/// waits for an abandoned one, and the kill stage may have stopped it.
void Runner::ContinueStopped() {
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
    const pid_t pid = std::exchange(info.si_pid, 0);
    const auto found = std::find_if(alive_.begin(), alive_.end(),
                                    [&](const auto& a) { return a.first->pid() == pid; });
    if (found == alive_.end() || found->second.abandoned) continue;
    // One that has the console is in rc's own group.
    if (kill(-pid, SIGCONT) != 0) kill(pid, SIGCONT);
  }
}

void Runner::BeginPass() {
  while (pass_ < plan_.passes.size() && scripts().empty()) ++pass_;
  if (pass_ == plan_.passes.size()) return watch_.Settle([this] { loop_.stop(); });
  schedule_ = Schedule(scripts());
  StartReady();
}

void Runner::StartReady() {
  while (schedule_.HasReady() && running_ < (asking() ? 1 : options_.jobs) && !console_lent_ &&
         !preempted_) {
    const size_t index = schedule_.Next();
    // The console has one user: what runs may end first, and nothing else begins.
    if (scripts()[index].interactive && running_ > 0) return;
    schedule_.Begin();
    ++running_;
    Begin(index);
  }
}

void Runner::Begin(size_t index) {
  const Script& script = scripts()[index];
  if (script.kind == ScriptKind::kHandOver)
    return asio::post(loop_, [this, index] { Finish(index); });
  if (script.kind == ScriptKind::kNativeStage && !options_.halt) {
    listener_.On(
        Note{script.link + ": native stage " + script.stages + " is not run on another tree"});
    return asio::post(loop_, [this, index] { Finish(index); });
  }
  if (AdoptStop(index)) return;
  if (skips_all_ && IsOver(script)) return SkipUnbegun(index);
  if (options_.confirm && options_.confirm->Asks(script)) return Ask(index);
  Launch(index);
}

void Runner::Ask(size_t index) {
  std::vector<std::string> waiting;
  for (const size_t next : schedule_.WaitFor(index)) waiting.push_back(scripts()[next].link);
  options_.confirm->Decide(scripts()[index], waiting, [this, index](bool run) {
    if (!run || (skips_all_ && IsOver(scripts()[index]))) return SkipUnbegun(index);
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
  Job& job = NewJob(index);
  SpawnRequest request = Request(script);
  const auto on_end = [this](Job& j, ExitStatus status) { Ended(j, status); };
  if (script.interactive) {
    LendConsole(&request);
    job.StartOnConsole(request, on_end);
  } else {
    sessions_.Expect();
    job.Start(std::move(request), options_.console_size, on_end);
    sessions_.Add(job.pid());
  }
  listener_.On(ScriptStarted{script, job.pid()});
  watch_.Started(job);
}

/// It goes on, but nobody waits for it, and the kill stage does not spare it.
void Runner::Abandon(Job& job, const std::string& reason) {
  Alive& alive = alive_.at(&job);
  alive.abandoned = true;
  job.SlowDown();
  sessions_.Remove(job.pid());
  watch_.Forget(job);
  listener_.On(ScriptAbandoned{job.script(), reason, job.last_line()});
  watch_.CollectEvidence(job);
  Release(alive.index, job.script());
}

void Runner::SkipUnbegun(size_t index) {
  listener_.On(ScriptSkipped{scripts()[index]});
  asio::post(loop_, [this, index] { Finish(index); });
}

/// Native stages go on when the scripts are over: they have limits of their own. So does what has
/// the console: it ends the machine, or processes.
bool Runner::IsOver(const Script& script) const {
  return script.kind == ScriptKind::kScript && !script.interactive;
}

bool Runner::AdoptStop(size_t index) {
  const Script& script = scripts()[index];
  const Ledger::Running* old = LeftRunning(script.service, script.action);
  if (!old) return false;
  Job& job = NewJob(index);
  const auto on_end = [this](Job& j, ExitStatus status) { Ended(j, status); };
  const bool gone = bool(job.Adopt(old->pid, old->start_time, on_end));
  listener_.On(ScriptStarted{script, old->pid});
  if (gone) {
    FoundEnded(index, job);
  } else if (old->abandoned) {
    asio::post(loop_, [this, &job] {
      if (alive_.contains(&job)) Abandon(job, "was left alone before");
    });
  } else {
    sessions_.Add(old->pid);
    watch_.Started(job);
  }
  return true;
}

/// It ended while no rc looked: it ran, and is not run again.
void Runner::FoundEnded(size_t index, Job& job) {
  alive_.erase(&job);
  listener_.On(ScriptEnded{job.script(), ExitStatus::Unknown()});
  RecordStop(job.script());
  asio::post(loop_, [this, index] { Finish(index); });
}

bool Runner::WaitForOldStart(size_t index) {
  const Script& script = scripts()[index];
  const Ledger::Running* old = LeftRunning(script.service, Action::kStart);
  if (!old || old->abandoned || script.action != Action::kStop) return false;
  Delayed& delayed = delayed_.emplace_back(index, loop_);
  const auto go = [this, index, session = old->pid] {
    sessions_.Remove(session);
    StartScript(index);
  };
  if (delayed.start.Wait(*old, options_.limit, go)) return false;
  sessions_.Add(old->pid);
  return true;
}

void Runner::Ended(Job& job, ExitStatus status) {
  // An abandoned script may be one of an earlier pass.
  const Script& script = job.script();
  const Alive alive = alive_.extract(&job).mapped();
  sessions_.Remove(job.pid());
  watch_.Forget(job);
  verdicts_.push_back({script.service, Classify(status, script.action)});
  RecordStop(script);
  if (alive.abandoned) return;
  const bool failed = status.kind() != ExitStatus::Kind::kExited || status.number() != 0;
  if (failed && options_.enter_wait.count() > 0 && options_.asker) {
    return WaitForEnter(alive.index, script);
  }
  Release(alive.index, script);
}

/// LFS's rc lets a person read what went wrong (its bootscripts: any status but 0).
void Runner::WaitForEnter(size_t index, const Script& script) {
  const std::string seconds = std::to_string(options_.enter_wait.count());
  listener_.On(ConsoleLent{true});
  options_.asker->Ask({script.link + " failed; press Enter to continue (" + seconds + "s) ", true,
                       options_.enter_wait},
                      [this, index, &script](const std::string&) {
                        listener_.On(ConsoleLent{false});
                        Release(index, script);
                      });
}

void Runner::Release(size_t index, const Script& script) {
  if (script.interactive) {
    console_lent_ = false;
    listener_.On(ConsoleLent{false});
  }
  Finish(index);
}

void Runner::RecordStop(const Script& script) {
  if (!shutdown_ || script.kind != ScriptKind::kScript) return;
  const std::error_code error = ledger_.RecordStopped(script.service);
  if (!error || std::exchange(ledger_failed_, true)) return;
  listener_.On(Note{"/run/curfew/stopped: " + error.message() + "; a second request stops again"});
}

void Runner::Finish(size_t index) {
  --running_;
  watch_.Finished(scripts()[index]);
  schedule_.Finish(index);
  if (!schedule_.done()) return StartReady();
  ++pass_;
  BeginPass();
}

void Runner::Preempt() {
  preempted_ = true;
  std::vector<Ledger::Running> running;
  for (const auto& [job, alive] : alive_) {
    const Script& s = job->script();
    running.push_back({s.action, job->pid(), StartTime(job->pid()), s.service, alive.abandoned});
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
    listener_.On(
        Note{"/run/curfew/running: " + error.message() + "; running scripts are forgotten"});
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
  if (script.kind == ScriptKind::kScript && (script.shell || script.trace)) {
    request.argv = {"sh", request.path, ActionWord(script.action)};
    if (script.trace) request.argv.insert(request.argv.begin() + 1, "-x");
    request.path = "/bin/sh";
  }
  if (script.kind != ScriptKind::kNativeStage) return request;
  request.exec_fd = options_.halt->fd();
  request.path = HaltProgram::kPath;
  request.argv = {"halt", "--stage", script.stages};
  if (sessions_.fd() >= 0) {
    request.keep.push_back(sessions_.fd());
    request.argv.insert(request.argv.end(), {"--spare-fd", std::to_string(sessions_.fd())});
  }
  if (options_.vitals >= 0) {
    request.keep.push_back(options_.vitals);
    request.argv.insert(request.argv.end(), {"--vitals-fd", std::to_string(options_.vitals)});
  }
  return request;
}

/// The script keeps rc's session and its stdin, stdout and stderr where those are the console;
/// else the console is opened for it.
void Runner::LendConsole(SpawnRequest* request) {
  console_lent_ = true;
  listener_.On(ConsoleLent{true});
  request->own_session = false;
  request->in = -1;
  if (isatty(STDIN_FILENO)) return;
  if (!console_ && options_.root.empty()) {
    console_ = Fd(open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  request->in = console_ ? console_.get() : null_.get();
  if (console_) request->out = console_.get();
}

Job& Runner::NewJob(size_t index) {
  Job& job = jobs_.emplace_back(loop_, scripts()[index], plan_.level, listener_);
  alive_[&job] = {index};
  return job;
}

const Ledger::Running* Runner::LeftRunning(const std::string& service, Action action) const {
  for (const Ledger::Running& r : left_running_) {
    if (r.service == service && r.action == action) return &r;
  }
  return nullptr;
}

}  // namespace curfew
