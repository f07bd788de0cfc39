// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "kernel/fd.h"

namespace curfew {

/// What the processes of one shutdown tell its dead-man. Each number is written at once, whoever
/// reads meanwhile; times are seconds of CLOCK_BOOTTIME.
struct VitalsPage {
  using Number = std::atomic<std::uint32_t>;
  static_assert(Number::is_always_lock_free);
  enum Phase : std::uint32_t {
    kStages,  ///< Stages run, or scripts between them.
    kReboot,  ///< reboot(2) was called.
    kDone     ///< Nothing ends any more: the dead-man goes.
  };

  /// Of this layout: an rc and a halt of different age share nothing.
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t version;

  // The rules, set before the first stage.
  Number budget;    ///< FINAL_BUDGET: seconds without a tick.
  Number hard;      ///< FINAL_HARD: seconds from `begin`.
  Number watchdog;  ///< 1: WATCHDOG=yes.
  Number restart;   ///< 1: the machine comes up again; 0: it stays off.

  // What happens.
  Number ticks;    ///< One more for each step that is done.
  Number waiting;  ///< Seconds that the wait of this moment may take by its own limit; 0: none.
  Number begin;    ///< When the first of the last stages began; 0: none has.
  Number main;     ///< The process that must live: rc, and the halt it becomes. 0: none just now.
  Number stage;    ///< Its place in Stages(), from 1; 0: between stages.
  Number phase;    ///< A Phase.

  // The dead-man's own words.
  Number dead_man;  ///< Its pid; 0: none was started.
  Number feeds;     ///< 1: it holds the hardware watchdog.
};

/// A page of vitals in memory that belongs to no file system, shared by whoever has its descriptor.
/// Empty where the kernel gives none: the shutdown then goes on without a dead-man.
class Vitals {
 public:
  /// Leads to the page of the shutdown that goes on, as long as its dead-man lives, who makes it.
  static constexpr char kLink[] = "/run/curfew/vitals";

  /// A new page, all zero but its version.
  static Vitals Create();
  /// The page behind `fd`, which it then owns. Empty, and `fd` left alone, if that is none.
  static Vitals Adopt(int fd);
  /// The page that kLink leads to.
  static Vitals Find();

  explicit operator bool() const { return page_ != nullptr; }
  VitalsPage* operator->() const { return page(); }
  /// Null when empty.
  VitalsPage* page() const { return page_.get(); }
  /// -1 when empty. Close-on-exec.
  int fd() const { return memory_.get(); }

 private:
  struct Unmap {
    void operator()(VitalsPage* page) const;
  };

  Fd memory_;
  std::unique_ptr<VitalsPage, Unmap> page_;
};

}  // namespace curfew
