// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>

#include "config/settings.h"
#include "kernel/heartbeat.h"

namespace curfew {

/// FINAL_BUDGET, but never shorter than what the stages themselves wait without a word: KILL_WAIT,
/// and 10 s for a disk, or for a process that was killed.
inline std::chrono::seconds FinalBudget(const Settings& settings) {
  return std::max(settings.final_budget, settings.kill_wait + std::chrono::seconds(10));
}

/// Writes into new heartbeat what the settings say of the end.
inline void SetRules(const Settings& settings, HeartbeatPage* page) {
  page->budget = static_cast<std::uint32_t>(FinalBudget(settings).count());
  page->hard = static_cast<std::uint32_t>(settings.final_hard.count());
  page->watchdog = settings.watchdog;
  page->pstore = settings.pstore;
}

}  // namespace curfew
