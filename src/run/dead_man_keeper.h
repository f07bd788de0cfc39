// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "kernel/files.h"
#include "kernel/heartbeat.h"
#include "run/process.h"

namespace curfew {

/// Has a stage of halt start the dead-man, and start it again when it dies: a script may have
/// killed it.
class DeadManKeeper {
 public:
  /// Runs the stage as `process`; its end is reported as Process::Start() says.
  using RunStage = std::function<void(Process& process, Process::OnEnd on_end)>;

  DeadManKeeper(boost::asio::io_context& loop, Files& files, const HeartbeatPage& page,
                RunStage run_stage);

  /// Returns when the dead-man lives, at the latest after 2 s, so that no script runs without it.
  /// Handlers of the loop run meanwhile.
  void Start();
  /// Whether it is the process of the stage.
  bool Has(pid_t pid) const { return stage_.pid() == pid; }

 private:
  void TryStart();
  void Follow();
  void StartLater();

  boost::asio::io_context& loop_;
  Files& files_;
  const HeartbeatPage& page_;
  const RunStage run_stage_;
  Process stage_;
  Process dead_man_;
  boost::asio::steady_timer timer_;
  bool in_stage_ = false;
  int failures_ = 0;  ///< of the stage, one after the other
};

}  // namespace curfew
