// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "stop/match.h"

namespace curfew {

/// Where messages go, each with its newline.
class StopOutput {
 public:
  virtual ~StopOutput() = default;
  virtual void Tell(const std::string& text) = 0;  ///< To standard output.
  virtual void Warn(const std::string& text) = 0;  ///< To standard error, after the program's name.
};

/// Stops the processes that the options mean, step by step of the schedule, and waits for their end
/// by pidfd. Messages, order of signals and exit status are those of start-stop-daemon in dpkg
/// 1.21, which looks for the processes again and again.
class Stop {
 public:
  static constexpr int kDone = 0;
  static constexpr int kNothingDone = 1;
  static constexpr int kStillRuns = 2;
  static constexpr int kFatal = 2;  ///< dpkg's, though its page says 3.

  Stop(Kernel& kernel, const StopOptions& options, StopOutput& output);
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  /// The exit status. Nothing: this cannot be done here, and nothing has been done yet.
  std::optional<int> Run();

 private:
  struct Target {
    pid_t pid;
    int pidfd;              ///< -1: the process is gone, or the kernel gave none.
    std::error_code error;  ///< Why there is none.
    bool reached = false;   ///< It took the last signal.
  };

  void DropTargets();
  std::error_code Look();
  std::error_code FindTargets();
  std::error_code Signal(const Target& target, int number);
  std::error_code SignalAll(int number);
  Result<bool> WaitForEnd(std::chrono::seconds limit);
  void Pause(std::chrono::microseconds end);
  std::optional<int> Fail(std::error_code error);
  int Finish();
  void TellStopped();

  Kernel& kernel_;
  const StopOptions& options_;
  StopOutput& output_;
  const std::string what_;
  Match match_;
  std::vector<Target> targets_;  ///< That matched at the last look.
  bool all_ended_ = false;  ///< All that took the last signal have ended, as far as it is known.
  bool just_signalled_ = false;   ///< No time has passed since they were looked for.
  std::vector<pid_t> signalled_;  ///< At the last look that found any, the last one first.
  std::size_t reached_ = 0;       ///< How many of the targets took the last signal.
  int signals_sent_ = 0;          ///< Items of the schedule, for people.
  bool stopped_any_ = false;
  bool acted_ = false;  ///< A signal has been tried: too late for another program.
  std::chrono::milliseconds reap_pause_;
};

}  // namespace curfew
