// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/linux_launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>

#include "config/rooted.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {

namespace asio = boost::asio;

namespace {

/// SIGTERM of so many senders is told of.
constexpr size_t kMostStrangers = 8;

/// What to execute for `path` of the tree below `root`: as it stands, so that a script sees its
/// link as $0; but where the kernel would follow a link of the tree out of it, the file in the
/// tree.
std::string ProgramBelow(const std::string& root, const std::string& path) {
  const Result<std::string> real = ResolveBelow(root, path);
  std::error_code error;
  const bool same = real && std::filesystem::equivalent(root + path, real.value, error);
  return same || !real || root.empty() ? root + path : real.value;
}

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

LinuxLauncher::LinuxLauncher(asio::io_context& loop, Kernel& kernel, LaunchOptions options)
    : options_(std::move(options)),
      loop_(loop),
      kernel_(kernel),
      signals_(loop, kernel,
               {[this] { Push({.kind = RunEvent::Kind::kTerminate}); },
                [this](pid_t sender) { TellStranger(sender); },
                [this] {
                  ContinueStopped();
                  ReapStrays();
                }}),
      scans_(loop, options_.root, kernel_, groups_),
      null_(OpenEmpty()) {
  if (options_.ends_machine) prctl(PR_SET_CHILD_SUBREAPER, 1);
  StartDeadMan();
}

/// The output of the stages that start the dead-man and the trace writer is dropped: where the
/// start fails, the first stage of halt tries again and prints the message.
void LinuxLauncher::StartDeadMan() {
  if (!options_.halt || !options_.heartbeat || !*options_.heartbeat) return;
  dead_man_.emplace(loop_, kernel_, *options_.heartbeat->page(),
                    [this](Process& process, Process::OnEnd on_end) {
                      Script stage;
                      stage.kind = ScriptKind::kNativeStage;
                      stage.stages = "dead-man,trace";
                      SpawnRequest request = Request(stage);
                      request.out = null_.get();
                      groups_.Expect();
                      process.Start(loop_, request, std::move(on_end));
                      groups_.Add(process.pid());
                    });
  dead_man_->Start();
}

void LinuxLauncher::TellStranger(pid_t sender) {
  if (strangers_.size() >= kMostStrangers || !strangers_.insert(sender).second) return;
  const Result<ProcessInfo> process = ReadProcess(kernel_, sender);
  const std::string who = process ? process.value.Label() : "process " + std::to_string(sender);
  Push({.kind = RunEvent::Kind::kNote,
        .text = "SIGTERM from " + who + " is no request of init's; rc goes on"});
}

/// Continues a script that stopped itself, as startpar does: it would never end. An abandoned
/// script stays stopped: the kill stage may have stopped it.
void LinuxLauncher::ContinueStopped() {
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
    const pid_t pid = std::exchange(info.si_pid, 0);
    const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                    [&](const auto& job) { return job.second->pid() == pid; });
    if (found == jobs_.end() || found->second->slow()) continue;
    // A script that has the console is in rc's own group.
    if (kill(-pid, SIGCONT) != 0) kill(pid, SIGCONT);
  }
}

/// As a subreaper rc is the parent of all that scripts leave behind. Those that have ended come one
/// after the other; rc's own children are reaped where they are followed.
void LinuxLauncher::ReapStrays() {
  if (!options_.ends_machine) return;
  siginfo_t info{};
  while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
    const pid_t pid = std::exchange(info.si_pid, 0);
    if (IsOwn(pid) || waitpid(pid, nullptr, WNOHANG) != pid) return;
  }
}

bool LinuxLauncher::IsOwn(pid_t child) const {
  return scans_.Has(child) || (dead_man_ && dead_man_->Has(child)) ||
         std::any_of(jobs_.begin(), jobs_.end(),
                     [&](const auto& job) { return job.second->pid() == child; });
}

/// By the heartbeat page, whose main process is the one that ends the machine. One that has ended
/// without that leaves it to rc again.
bool LinuxLauncher::MayStart() {
  if (!options_.heartbeat || !*options_.heartbeat) return true;
  const Heartbeat& page = *options_.heartbeat;
  const auto main = static_cast<pid_t>(page->main.load());
  return main == 0 || main == kernel_.Self() || page->phase == HeartbeatPage::kDone ||
         bool(kernel_.Kill(main, 0));
}

pid_t LinuxLauncher::Start(int id, const Script& script, CpuShare share) {
  Job& job = NewJob(id, script);
  if (script.interactive) {
    job.StartOnConsole(ConsoleRequest(script));
  } else {
    groups_.Expect();
    SpawnRequest request = Request(script);
    request.low_priority = share == CpuShare::kLeft;
    job.Start(request, options_.console_size);
    groups_.Add(job.pid());
  }
  return job.pid();
}

void LinuxLauncher::Raise(int id) {
  const auto job = jobs_.find(id);
  if (job != jobs_.end()) RestoreGroupPriority(job->second->pid());
}

/// The limits are of the whole machine. A user who has used them up has no bigger share then: root
/// is first, and the kill stage ends the user's processes.
void LinuxLauncher::AllowMoreProcesses() {
  if (!options_.ends_machine || !options_.root.empty()) return;
  constexpr char kThreads[] = "/proc/sys/kernel/threads-max";
  // PID_MAX_LIMIT; a kernel of 32 bits refuses it.
  kernel_.Write("/proc/sys/kernel/pid_max", "4194304");
  const auto threads = ParseNumber<long>(FirstLine(kernel_.Read(kThreads).value));
  if (threads) kernel_.Write(kThreads, std::to_string(2 * *threads));
}

bool LinuxLauncher::Adopt(int id, const Script& script, const ProcessId& process) {
  Job& job = NewJob(id, script);
  const bool gone = bool(job.Adopt(kernel_, process));
  if (gone) {
    DropJob(id);
  } else {
    groups_.Add(process.pid);
    // The earlier rc may have found slack.
    RestoreGroupPriority(process.pid);
  }
  return !gone;
}

void LinuxLauncher::Abandon(int id) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return;
  job->second->SlowDown();
  groups_.Remove(job->second->pid());
}

void LinuxLauncher::Continue(const ProcessId& process) {
  if (StartTime(process.pid) == process.start) kill(process.pid, SIGCONT);
}

bool LinuxLauncher::Descends(pid_t process, const ProcessId& ancestor) {
  // Deeper trees are nobody's stop script.
  constexpr int kMostParents = 64;
  for (int i = 0; i < kMostParents && process > 1; ++i) {
    const auto info = ReadProcess(kernel_, process);
    if (!info) return false;
    if (process == ancestor.pid) return info.value.start == ancestor.start;
    process = info.value.parent;
  }
  return false;
}

void LinuxLauncher::Scan(std::vector<ScanRequest> requests) {
  std::map<int, long long> printed;
  for (const ScanRequest& request : requests) {
    if (request.purpose != ScanRequest::Purpose::kProgress) continue;
    const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                  [&](const auto& j) { return j.second->pid() == request.leader; });
    if (job != jobs_.end()) printed[request.key] = job->second->printed();
  }
  scans_.Scan(std::move(requests), [this, printed = std::move(printed)](ScanResult result) {
    result.printed = printed;
    result.disks = {UnwrittenKib(kernel_), CompletedWrites(kernel_)};
    Push({.kind = RunEvent::Kind::kScanned, .scan = std::move(result)});
  });
}

void LinuxLauncher::Ask(const Question& question) {
  const auto answer = [this](const std::string& reply) {
    Push({.kind = RunEvent::Kind::kAnswer, .text = reply});
  };
  if (!options_.ask) return answer("");
  options_.ask(question, answer);
}

RunEvent LinuxLauncher::Wait(Time until) {
  if (wakes_at_ != until) {
    wakes_at_ = until;
    timer_.expires_at(until);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) wakes_at_.reset();
    });
  }
  if (events_.empty()) loop_.run_one();
  if (events_.empty()) return {};
  RunEvent event = std::move(events_.front());
  events_.pop_front();
  if (event.kind == RunEvent::Kind::kEnded) {
    const auto job = jobs_.find(event.id);
    groups_.Remove(job->second->pid());
    if (!job->second->HasOutput()) jobs_.erase(job);
    ReapStrays();
  }
  return event;
}

bool LinuxLauncher::IsTerminated() {
  signals_.Take();
  return std::any_of(events_.begin(), events_.end(), [](const RunEvent& event) {
    return event.kind == RunEvent::Kind::kTerminate;
  });
}

std::vector<OpenOutput> LinuxLauncher::TakeOutputs(Listener& listener) {
  if (options_.ends_machine) prctl(PR_SET_CHILD_SUBREAPER, 0);
  std::vector<OpenOutput> outputs;
  for (const auto& [id, job] : jobs_) {
    if (Fd output = job->TakeOutput()) outputs.push_back({job->script().link, std::move(output)});
    for (const RunEvent& event : std::exchange(events_, {}))
      if (event.kind == RunEvent::Kind::kLine) listener.On(OutputLine{job->script(), event.text});
  }
  return outputs;
}

SpawnRequest LinuxLauncher::Request(const Script& script) const {
  SpawnRequest request;
  request.path = ProgramBelow(options_.root, script.path);
  request.argv = {script.argv0, ActionWord(script.action)};
  request.env = options_.env;
  request.in = null_.get();
  request.fork = options_.fork;
  request.descriptors = options_.descriptors;
  request.filter_calls = options_.ends_machine && script.kind == ScriptKind::kScript;
  if (script.kind == ScriptKind::kScript && !script.trace.empty()) {
    request.argv = script.trace;
    request.argv[0].erase(0, request.argv[0].rfind('/') + 1);
    request.argv.insert(request.argv.end(), {request.path, ActionWord(script.action)});
    request.path = script.trace[0];
  } else if (script.kind == ScriptKind::kScript && script.shell) {
    request.argv = {"sh", request.path, ActionWord(script.action)};
    request.path = "/bin/sh";
  }
  if (script.kind != ScriptKind::kNativeStage) return request;
  request.exec_fd = options_.halt->fd();
  request.path = HaltProgram::kPath;
  request.argv = script.until_power;
  if (request.argv.empty()) request.argv = {"halt", "--stage", script.stages};
  if (groups_.fd() >= 0) {
    request.keep.push_back(groups_.fd());
    request.argv.insert(request.argv.end(), {"--spare-fd", std::to_string(groups_.fd())});
  }
  if (options_.heartbeat && *options_.heartbeat) {
    const int fd = options_.heartbeat->fd();
    request.keep.push_back(fd);
    request.argv.insert(request.argv.end(), {"--heartbeat-fd", std::to_string(fd)});
  }
  return request;
}

/// The script keeps rc's process group and its stdin, stdout and stderr where those are the
/// console; else the console is opened for it.
SpawnRequest LinuxLauncher::ConsoleRequest(const Script& script) {
  SpawnRequest request = Request(script);
  request.own_group = false;
  request.in = -1;
  if (isatty(STDIN_FILENO)) return request;
  if (!console_ && options_.root.empty()) {
    console_ = Fd(open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC));
  }
  request.in = console_ ? console_.get() : null_.get();
  if (console_) request.out = console_.get();
  return request;
}

Job& LinuxLauncher::NewJob(int id, const Script& script) {
  DropJob(id);
  return *(jobs_[id] = std::make_shared<Job>(loop_, id, script,
                                             "rc" + options_.level + ":" + script.link, events_));
}

void LinuxLauncher::DropJob(int id) {
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return;
  groups_.Remove(job->second->pid());
  std::erase_if(events_, [&](const RunEvent& event) { return event.id == id; });
  jobs_.erase(job);
}

}  // namespace curfew
