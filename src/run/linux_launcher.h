// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernel/heartbeat.h"
#include "kernel/kernel.h"
#include "run/dead_man_keeper.h"
#include "run/drain.h"
#include "run/event.h"
#include "run/halt_program.h"
#include "run/job.h"
#include "run/running_groups.h"
#include "run/scan_helper.h"
#include "run/signals.h"

namespace curfew {

/// Asks a person. Returns at once; the loop calls `on_reply` once.
using AskPerson =
    std::function<void(const Question& question, std::function<void(const std::string&)> on_reply)>;

/// What every process of a run is started with.
struct LaunchOptions {
  std::string root;                   ///< prefix of every script's path; "" for the machine itself
  std::string level;                  ///< part of a script's name in utmp
  std::vector<std::string> env;       ///< the scripts' environment
  bool fork = false;                  ///< see SpawnRequest
  rlimit descriptors{};               ///< handed back to the scripts
  winsize console_size{};             ///< all zero: unknown
  const HaltProgram* halt = nullptr;  ///< runs the native stages; null: there are none
  const Heartbeat* heartbeat = nullptr;  ///< for the native stages; null or empty: there is none
  /// The way down for good, level 0 and 6: what the scripts leave behind stays below rc, and
  /// FilterCalls holds for them.
  bool ends_machine = false;
  AskPerson ask;  ///< empty: there is no person to ask
};

/// The processes of the machine. Wait() turns rc's event loop; nothing else does.
class LinuxLauncher : public Launcher {
 public:
  /// Takes over rc's signals, and starts the dead-man where there is a heartbeat.
  LinuxLauncher(boost::asio::io_context& loop, Kernel& kernel, LaunchOptions options);

  Time Now() override { return Deadline::Clock::now(); }
  bool MayStart() override;
  pid_t Start(int id, const Script& script, CpuShare share) override;
  void Raise(int id) override;
  void AllowMoreProcesses() override;
  bool Adopt(int id, const Script& script, const ProcessId& process) override;
  void Abandon(int id) override;
  void Continue(const ProcessId& process) override;
  std::uint64_t StartTime(pid_t pid) override { return ReadProcess(kernel_, pid).value.start; }
  bool Descends(pid_t process, const ProcessId& ancestor) override;
  void Scan(std::vector<ScanRequest> requests) override;
  void Ask(const Question& question) override;
  RunEvent Wait(Time until) override;
  bool IsTerminated() override;

  /// Takes a request of a key or of `curfew skip`, from the loop; Wait() returns it.
  void Push(RunEvent event) { events_.push_back(std::move(event)); }
  /// After the run: what is orphaned from here on is init's. Returns the outputs that daemons still
  /// have open. Unfinished lines go to `listener`.
  std::vector<OpenOutput> TakeOutputs(Listener& listener);

 private:
  void StartDeadMan();
  void TellStranger(pid_t sender);
  void ContinueStopped();
  void ReapStrays();
  bool IsOwn(pid_t child) const;
  SpawnRequest Request(const Script& script) const;
  SpawnRequest ConsoleRequest(const Script& script);
  Job& NewJob(int id, const Script& script);
  void DropJob(int id);

  const LaunchOptions options_;
  boost::asio::io_context& loop_;
  Kernel& kernel_;
  Signals signals_;
  std::set<pid_t> strangers_;  ///< who sent SIGTERM, and was told of
  boost::asio::steady_timer timer_{loop_};
  std::optional<Time> wakes_at_;  ///< none: nothing waits for timer_
  std::deque<RunEvent> events_;
  RunningGroups groups_;
  ScanHelper scans_;
  std::map<int, std::shared_ptr<Job>> jobs_;  ///< by id, while the process or the output is there
  Fd null_;
  Fd console_;
  std::optional<DeadManKeeper> dead_man_;
};

}  // namespace curfew
