// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "kernel/fd.h"

namespace curfew {

/// What rc and halt tell the dead-man of one shutdown, in memory that all three share. Times are
/// seconds of CLOCK_BOOTTIME.
struct HeartbeatPage {
  using Number = std::atomic<std::uint32_t>;
  static_assert(Number::is_always_lock_free);
  enum Phase : std::uint32_t {
    kStages,  ///< Stages run, or scripts between them.
    kReboot,  ///< reboot(2) was called.
    kDone     ///< The shutdown was given up: the dead-man exits.
  };

  /// Of this layout: an rc and a halt of different versions share no page.
  static constexpr std::uint32_t kVersion = 4;
  std::uint32_t version;

  // The limits, set before the first stage.
  Number budget;    ///< FINAL_BUDGET: seconds without a beat.
  Number hard;      ///< FINAL_HARD: seconds from `begin`.
  Number watchdog;  ///< 1: WATCHDOG=yes.
  Number pstore;    ///< 1: PSTORE=yes.
  Number restart;   ///< 1: the machine restarts; 0: it stays off.

  // Written by rc and halt.
  Number beats;    ///< Counts the steps that are done.
  Number waiting;  ///< Limit of the wait of this moment, in seconds; 0: none.
  Number begin;    ///< CLOCK_MONOTONIC, s, when the first of the last stages began; 0: none has.
  Number main;     ///< Pid of rc, and then of the halt that it executes; 0: none at this moment.
  Number stage;    ///< The stage that runs, by its number from 1; 0: none.
  Number phase;    ///< A Phase.
  Number reboot;   ///< RebootLimit() in seconds; 0 before kReboot.

  // Written by the dead-man.
  Number dead_man;  ///< Its pid; 0: none was started.
  Number feeds;     ///< 1: it holds the hardware watchdog.

  // Written by the trace writer.
  Number trace_writer;  ///< Its pid; 0: none was started.
  Number trace_error;   ///< errno of its last try; 0: the copy on the disk was up to date then.
};

/// A heartbeat page and the descriptor of its memory, which no file system holds. Empty if the
/// kernel gives no such memory: the shutdown then goes on without a dead-man.
class Heartbeat {
 public:
  /// A new page, all zero but its version.
  static Heartbeat Create();
  /// The page behind `fd`, which it then owns. Empty if there is none; `fd` then stays open.
  static Heartbeat Adopt(int fd);
  /// The page that run_files::kHeartbeat leads to.
  static Heartbeat Find();

  explicit operator bool() const { return page_ != nullptr; }
  HeartbeatPage* operator->() const { return page(); }
  /// Null when empty.
  HeartbeatPage* page() const { return page_.get(); }
  /// -1 when empty. Close-on-exec.
  int fd() const { return memory_.get(); }

 private:
  struct Unmap {
    void operator()(HeartbeatPage* page) const;
  };

  Fd memory_;
  std::unique_ptr<HeartbeatPage, Unmap> page_;
};

}  // namespace curfew
