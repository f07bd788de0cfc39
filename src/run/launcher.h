// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "run/control_message.h"
#include "run/deadline.h"
#include "run/exit_status.h"
#include "run/process_scan.h"

namespace curfew {

/// One question to the person at the console.
struct Question {
  std::string text;   ///< ends where the answer is typed
  bool line = false;  ///< the answer is a line with Enter; else one key
  /// After this time there is no answer; none: the question waits for ever.
  std::optional<std::chrono::seconds> limit;
  std::string shown = {};  ///< whole lines that are shown before the question
};

/// What Launcher::Wait returns.
struct RunEvent {
  enum class Kind {
    kTime,           ///< no event: the time may have come
    kLine,           ///< `id` wrote the line `text`
    kEnded,          ///< the process of `id` ended with `status` and is reaped
    kScanned,        ///< Scan found `scan`
    kAnswer,         ///< Ask got `text`; empty: only Enter, no answer in time, or no person
    kSkipWaitedFor,  ///< a key skips the script that the run waits for; `text` is the reason
    kSkipAll,        ///< a key ends the script phase; `text` is the reason
    kRequest,        ///< `curfew` has a `request`, and gets a `reply`
    kTerminate,      ///< SIGTERM of init's: another rc takes over, see state_files.h
    kNote,           ///< something for people: `text`
  };

  Kind kind = Kind::kTime;
  int id = -1;
  std::string text = {};
  ExitStatus status = ExitStatus::Unknown();
  ScanResult scan = {};
  ControlRequest request = {};
  std::function<void(const ControlAnswer&)> reply = nullptr;  ///< of kRequest
};

/// How much CPU a script gets where there is not enough for all.
enum class CpuShare {
  kFull,
  kLeft,  ///< what the others leave
};

/// The processes of a run and the person at its console, as the runner sees them. The real one is
/// LinuxLauncher; unit tests of the runner bring a fake without a process.
///
/// `id` is ScriptRun::id. Only Wait() waits.
class Launcher {
 public:
  using Time = Deadline::Time;

  virtual ~Launcher() = default;
  virtual Time Now() = 0;
  /// False while a halt that a script has called, or another rc, ends the machine: what would be
  /// stopped now is ended by that one.
  virtual bool MayStart() = 0;
  /// Starts the script and returns its pid, -1 where the start failed; kEnded follows in both
  /// cases. Forgets a process that was adopted under the same `id`.
  virtual pid_t Start(int id, const Script& script, CpuShare share) = 0;
  /// From now on the script has a full share of the CPU.
  virtual void Raise(int id) = 0;
  /// On the way down: asks the kernel to allow more processes than it does.
  virtual void AllowMoreProcesses() = 0;
  /// Waits for the end of a process that an earlier rc started: kEnded. False if it is gone.
  virtual bool Adopt(int id, const Script& script, const ProcessId& process) = 0;
  /// The script gets the CPU that others leave, its output is read slowly, and the kill stage ends
  /// it.
  virtual void Abandon(int id) = 0;
  /// Sends SIGCONT to a process that stopped itself.
  virtual void Continue(const ProcessId& process) = 0;
  /// ProcessId::start of the process; 0 if there is none.
  virtual std::uint64_t StartTime(pid_t pid) = 0;
  /// Whether `process` is `ancestor` or descends from it. A parent that has ended breaks the line.
  virtual bool Descends(pid_t process, const ProcessId& ancestor) = 0;
  /// One scan at a time; kScanned follows.
  virtual void Scan(std::vector<ScanRequest> requests) = 0;
  /// One question at a time; kAnswer follows.
  virtual void Ask(const Question& question) = 0;
  /// Waits for one event, until `until`; may return early with kTime.
  virtual RunEvent Wait(Time until) = 0;
  /// Whether kTerminate is on its way, without waiting for it.
  virtual bool IsTerminated() = 0;
};

}  // namespace curfew
