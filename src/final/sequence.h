// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "final/stage.h"

namespace curfew {

/// One row of the table that is the final sequence.
struct Stage {
  std::string_view name;  ///< As in `halt --stage`, the log, the trace and halt(8).
  void (*run)(StageContext&);
  /// Whether it also runs in a container, which owns no device, clock, swap or superblock.
  bool in_container;
  /// Runs once in a shutdown: the file that says it has begun. nullptr: it runs as often as it is
  /// asked.
  const char* marker;
  /// Runs while services still stop: the budgets of the end do not begin with it.
  bool early = false;
};

/// The final sequence, in its order (shutdown-sequence(7)).
std::span<const Stage> Stages();

/// Where in Stages() this one of them is, from 1: as the vitals tell it.
std::uint32_t NumberOf(const Stage& stage);

/// The stage of that name, or nullptr.
const Stage* FindStage(std::string_view name);

/// Runs one stage, unless a container forbids it or it has run in this shutdown.
void RunStage(StageContext& context, const Stage& stage);

/// The end of a machine that is in level 0 or 6: all stages not done yet. Returns only if the
/// kernel refused to end.
void RunSequence(StageContext& context);

/// -f outside level 0 and 6, in sysvinit's order (halt.c): record, sync, interfaces, drives, end.
/// Nothing is killed and nothing is unmounted. Returns only if the kernel refused to end.
void RunForced(StageContext& context);

}  // namespace curfew
