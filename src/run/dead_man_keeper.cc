// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/dead_man_keeper.h"

#include <chrono>

#include "kernel/process_info.h"

namespace curfew {
namespace {

/// Before the next start, so that a dead-man that dies each time costs next to nothing.
constexpr std::chrono::seconds kBeat{1};
constexpr int kMostFailures = 30;
/// The stage takes milliseconds; seconds on a machine that is short of CPU.
constexpr std::chrono::seconds kStart{2};

}  // namespace

DeadManKeeper::DeadManKeeper(boost::asio::io_context& loop, Files& files, const HeartbeatPage& page,
                             RunStage run_stage)
    : loop_(loop), files_(files), page_(page), run_stage_(std::move(run_stage)), timer_(loop) {}

void DeadManKeeper::Start() {
  const auto end = std::chrono::steady_clock::now() + kStart;
  TryStart();
  while (in_stage_ && loop_.run_one_until(end) > 0) continue;
}

void DeadManKeeper::TryStart() {
  in_stage_ = true;
  run_stage_(stage_, [this](ExitStatus) {
    in_stage_ = false;
    Follow();
  });
}

/// The kernel may have had no process for it, or this is a container, which has no dead-man. The
/// first stage of halt tries again, and says why it cannot.
void DeadManKeeper::Follow() {
  const auto pid = static_cast<pid_t>(page_.dead_man.load());
  if (pid == 0) return ++failures_ < kMostFailures ? StartLater() : void();
  failures_ = 0;
  const ProcessId dead_man{pid, ReadProcess(files_, pid).value.start};
  if (dead_man_.Adopt(loop_, files_, dead_man, [this](ExitStatus) { StartLater(); })) StartLater();
}

void DeadManKeeper::StartLater() {
  timer_.expires_after(kBeat);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) TryStart();
  });
}

}  // namespace curfew
