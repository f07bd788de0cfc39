// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"
#include "final/mode.h"
#include "final/options.h"
#include "final/pid1.h"
#include "kernel/kernel.h"

namespace curfew {

/// One call of halt: what is asked, the level and PID 1 that it found, and what it does.
struct Call {
  const Options& options;
  char level;
  Pid1 pid1;
  Mode mode;
};

/// What the stages of `call` are to know. Where they need the settings a child reads the files,
/// since /etc may lie on a disk that is dead by now.
FinalRequest RequestOf(Kernel& kernel, const Call& call);

}  // namespace curfew
