// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "run/confirm.h"
#include "run/drain.h"
#include "run/event.h"
#include "run/halt_program.h"
#include "run/job.h"
#include "run/ledger.h"
#include "run/old_start.h"
#include "run/schedule.h"
#include "run/sessions.h"
#include "run/watch.h"

namespace curfew {

/// How a run is done; everything the plan does not decide.
struct RunOptions {
  std::string root;                ///< prefix of every script's path; "" for the machine itself
  std::vector<std::string> env;    ///< the scripts' environment
  int jobs = 1;                    ///< scripts at one time
  bool fork = false;               ///< see SpawnRequest
  std::chrono::seconds limit{90};  ///< how long an adopted start may hold up its service's stop
  /// For the scripts without their native stages (STOP_BUDGET): see BudgetOver. 0: no such limit.
  std::chrono::seconds budget{0};
  rlimit descriptors{};                ///< handed back to the scripts
  winsize console_size{};              ///< all zero: unknown
  const HaltProgram* halt = nullptr;   ///< runs the native stages; null: they are only named
  int vitals = -1;                     ///< Vitals::fd, for the native stages; -1: there are none
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
  Runner(boost::asio::io_context& loop, const Plan& plan, RunOptions options, Listener& listener,
         Ledger& ledger);

  /// Returns when the last script has ended or was abandoned, or within a second after a SIGTERM.
  End Run();

  /// Services that did not do well, in the order in which they ended.
  std::vector<std::string> With(Outcome outcome) const;

  /// Leaves the script of `service` alone at once, for `reason` ("skipped by a key"); empty: the
  /// one that WaitsFor names, which the script that has the console never is. False if no such
  /// script runs, and for a native stage, which has limits of its own. Call it from the loop.
  bool Skip(const std::string& service, const std::string& reason);

  /// Ends the script phase: all that run are left alone, none begins any more. Native stages still
  /// run, and so does a script that has the console. Call it from the loop.
  void SkipAll(const std::string& reason);

  /// What surviving daemons still hold open; call after Run.
  std::vector<OpenOutput> TakeOutputs();

 private:
  struct Verdict {
    std::string service;
    Outcome outcome;
  };

  /// A script that has begun and not ended.
  struct Alive {
    size_t index;  ///< in its pass
    bool abandoned = false;
  };
  /// One that has not begun, because its service is still being started.
  struct Delayed {
    Delayed(size_t i, boost::asio::io_context& loop) : index(i), start(loop) {}
    size_t index;
    OldStart start;
  };

  void Listen();
  void StartDeadMan();
  void ContinueStopped();
  void BeginPass();
  void StartReady();
  void Begin(size_t index);
  void Ask(size_t index);
  void Launch(size_t index);
  void StartScript(size_t index);
  void Abandon(Job& job, const std::string& reason);
  void SkipUnbegun(size_t index);
  bool AdoptStop(size_t index);
  bool WaitForOldStart(size_t index);
  void FoundEnded(size_t index, Job& job);
  void Ended(Job& job, ExitStatus status);
  void WaitForEnter(size_t index, const Script& script);
  void Release(size_t index, const Script& script);
  void Finish(size_t index);
  void RecordStop(const Script& script);
  bool IsOver(const Script& script) const;
  void Preempt();
  SpawnRequest Request(const Script& script) const;
  void LendConsole(SpawnRequest* request);
  Job& NewJob(size_t index);
  const Ledger::Running* LeftRunning(const std::string& service, Action action) const;
  const std::vector<Script>& scripts() const { return plan_.passes[pass_].scripts; }
  bool asking() const { return options_.confirm && options_.confirm->asking(); }

  const Plan& plan_;
  const RunOptions options_;
  Listener& listener_;
  Ledger& ledger_;
  const bool shutdown_;  ///< the plan is part of the way down
  std::vector<Ledger::Running> left_running_;

  boost::asio::io_context& loop_;
  boost::asio::signal_set signals_{loop_};

  size_t pass_ = 0;
  Schedule schedule_;
  int running_ = 0;
  bool console_lent_ = false;
  bool preempted_ = false;
  bool skips_all_ = false;
  bool ledger_failed_ = false;
  std::list<Job> jobs_;
  std::map<Job*, Alive> alive_;
  std::list<Delayed> delayed_;
  std::vector<Verdict> verdicts_;
  RunningSessions sessions_;
  Watch watch_;
  Fd null_;
  Process dead_man_;  ///< the stage that starts it
  Fd console_;
};

}  // namespace curfew
