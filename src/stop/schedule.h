// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace curfew {

/// One step of `--retry` (start-stop-daemon(8)).
struct ScheduleItem {
  enum class Kind {
    kSignal,   ///< Send the signal `value`.
    kTimeout,  ///< Wait at most `value` seconds.
    kGoto,     ///< Go on with the item number `value`: what `forever` repeats.
  };
  Kind kind = Kind::kSignal;
  int value = 0;

  bool operator==(const ScheduleItem&) const = default;
};
using Schedule = std::vector<ScheduleItem>;

/// A decimal number as dpkg takes it, 0 to INT_MAX, without the blanks and signs that dpkg would
/// take as well.
std::optional<int> ParseCount(std::string_view text);

/// A signal by number or by one of dpkg's names: "TERM", not "SIGTERM".
std::optional<int> ParseSignalName(std::string_view text);

/// The schedule that `text` of --retry is; a timeout alone is signal/timeout/KILL/timeout. Nothing
/// for one that dpkg refuses or takes in an odd way, and for one that repeats without a pause:
/// these are left to dpkg.
std::optional<Schedule> ParseSchedule(std::string_view text, int signal);

}  // namespace curfew
