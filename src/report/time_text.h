// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace curfew {

// Microseconds of CLOCK_REALTIME in local time.

/// "Sat 2026-11-28"
std::string DateText(long long wall_us);
/// "21:59:41.123"
std::string ClockText(long long wall_us);
/// "2026-11-28T21:59:41.123+0100"
std::string IsoText(long long wall_us);

/// Microseconds as "3.03 s".
std::string DurationText(long long us);

}  // namespace curfew
