// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string_view>

namespace curfew {

/// Each function reads one value of a setting. For any other text it returns false and does not
/// change `target`.

/// "yes" or "no".
bool ReadYesNo(std::string_view value, bool* target);

/// A decimal number from `least` to `most`.
bool ReadNumber(std::string_view value, int least, int most, int* target);

/// A number of seconds from `least` to a day.
bool ReadSeconds(std::string_view value, int least, std::chrono::seconds* target);

}  // namespace curfew
