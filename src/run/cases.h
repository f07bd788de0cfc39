// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <list>

#include "plan/plan.h"
#include "run/event.h"
#include "run/probe.h"

namespace curfew {

/// The scripts that were left alone and whose processes have yet to be told.
class Cases {
 public:
  struct Case {
    int key;  ///< of the look
    const Script* script;
    pid_t leader;
    int cut = 0;  ///< looks that did not get past it
  };

  void Add(int key, const Script& script, pid_t leader) { open_.push_back({key, &script, leader}); }
  const std::list<Case>& open() const { return open_; }

  /// Tells `status` what the look at the open ones found. One that was not reached stays open; for
  /// one that the look did not get past, time and again, what was heard of it last is all.
  void Hear(const Probe::Answer& answer, Listener& listener);

 private:
  std::list<Case> open_;
};

}  // namespace curfew
