// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// /etc/adjtime, adjtime_config(5): what is known about the hardware clock.
struct Adjtime {
  double drift = 0;           ///< Seconds a day.
  long last_adjustment = 0;   ///< Seconds since 1970.
  double remainder = 0;       ///< Seconds of drift not yet applied.
  long last_calibration = 0;  ///< Seconds since 1970.
  bool utc = true;            ///< The clock runs in UTC, not in local time.
};

/// Reads the file's text; a line that is missing or garbled leaves its defaults, and without a
/// third line `utc` decides.
Adjtime ParseAdjtime(std::string_view text, bool utc);

/// The file's text, as hwclock(8) writes it.
std::string FormatAdjtime(const Adjtime& adjtime);

}  // namespace curfew
