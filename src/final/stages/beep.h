// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "final/context/stage_context.h"

namespace curfew {

/// The PC's timer chip, whose ticks a tone is counted in (console_ioctl(2), KIOCSOUND).
constexpr unsigned long kTimerHz = 1193180;

/// HALT_SOUND: begins to play one beep, two tones a fifth apart, or the eight of an octave, on the
/// PC's speaker. The power stage waits for the end. Silent, and without cost, where there is none.
void BeepStage(StageContext& context);

}  // namespace curfew
