// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "run/confirm.h"
#include "run/drain.h"
#include "run/halt_program.h"
#include "run/job.h"
#include "run/ledger.h"
#include "run/sessions.h"
#include "run/status.h"

namespace curfew {

/// How a run is done; everything the plan does not decide.
struct RunOptions {
  std::string root;                ///< prefix of every script's path; "" for the machine itself
  std::vector<std::string> env;    ///< the scripts' environment
  int jobs = 1;                    ///< scripts at one time
  bool fork = false;               ///< see SpawnRequest
  std::chrono::seconds limit{90};  ///< how long an adopted start may hold up its service's stop
  std::chrono::seconds budget{
      0};                  ///< for all scripts together, save native stages; 0: no such limit
  rlimit descriptors{};    ///< handed back to the scripts
  winsize console_size{};  ///< all zero: unknown
  const HaltProgram* halt = nullptr;   ///< runs the native stages; null: they are only named
  Confirm* confirm = nullptr;          ///< asked before a script runs; null: each runs
  Asker* asker = nullptr;              ///< who is asked for Enter after a failure; null: nobody
  std::chrono::seconds enter_wait{0};  ///< for how long; 0: not at all (Dialect::enter_wait)
};

/// Runs a plan: each script once, after all it waits for, as many at a time as allowed.
///
/// It decides nothing about order (the plan has) and shows nothing (the status does).
class Runner {
 public:
  enum class End {
    kDone,       ///< every script has ended or was abandoned
    kPreempted,  ///< SIGTERM: what still runs is in the ledger, for the next rc
  };

  /// `loop` is the one event loop of the program; Run() turns it until the run is over.
  Runner(boost::asio::io_context& loop, const Plan& plan, RunOptions options, Status& status,
         Ledger& ledger);

  /// Returns when the last script has ended or was abandoned, or within a second after a SIGTERM.
  End Run();

  /// Services that did not do well, in the order in which they ended.
  std::vector<std::string> With(Outcome outcome) const;

  /// What surviving daemons still hold open; call after Run.
  std::vector<OpenOutput> TakeOutputs();

 private:
  struct Node {
    size_t open = 0;           ///< scripts it still waits for
    std::vector<size_t> next;  ///< scripts that wait for it
  };
  struct Verdict {
    std::string service;
    Outcome outcome;
  };

  /// An earlier rc's start of a service that this run wants to stop.
  struct OldStart {
    explicit OldStart(boost::asio::io_context& loop) : timer(loop) {}
    Process process;
    boost::asio::steady_timer timer;
    bool over = false;
  };

  void Listen();
  void ContinueStopped();
  void BeginPass();
  void StartReady();
  void Begin(size_t index);
  void Ask(size_t index);
  void Launch(size_t index);
  void StartScript(size_t index);
  void LimitJob(size_t index, Job& job);
  bool HasBudget(const Script& script) const;
  /// Rounded up; 0: it is used up.
  std::chrono::seconds BudgetLeft() const;
  bool AdoptStop(size_t index);
  bool WaitForOldStart(size_t index);
  void Ended(size_t index, Job& job, ExitStatus status);
  void WaitForEnter(size_t index, const Script& script);
  void Release(size_t index, const Script& script);
  void Finish(size_t index);
  void RecordStop(const Script& script);
  void Preempt();
  SpawnRequest Request(const Script& script) const;
  void LendConsole(SpawnRequest* request);
  Job& NewJob(const Script& script);
  const Ledger::Running* LeftRunning(const std::string& service, Action action) const;
  const std::vector<Script>& scripts() const { return plan_.passes[pass_].scripts; }
  bool asking() const { return options_.confirm && options_.confirm->asking(); }

  const Plan& plan_;
  const RunOptions options_;
  Status& status_;
  Ledger& ledger_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  const bool shutdown_;  ///< the plan is part of the way down
  std::vector<Ledger::Running> left_running_;

  boost::asio::io_context& loop_;
  boost::asio::signal_set signals_{loop_};

  size_t pass_ = 0;
  std::vector<Node> nodes_;
  std::set<std::pair<int, size_t>> ready_;  ///< most important first, then in plan order
  size_t unfinished_ = 0;
  int running_ = 0;
  bool console_lent_ = false;
  bool preempted_ = false;
  bool ledger_failed_ = false;
  std::list<Job> jobs_;
  std::list<OldStart> old_starts_;
  std::set<Job*> alive_;
  std::set<Job*> abandoned_;
  std::vector<Verdict> verdicts_;
  RunningSessions sessions_;
  Fd null_;
  Fd console_;
};

}  // namespace curfew
