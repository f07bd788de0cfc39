// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string_view>

#include "text/text.h"

namespace curfew {

/// Each function reads one value of a setting. For any other text it returns false and does not
/// change `target`.

/// "yes" or "no".
inline bool ReadYesNo(std::string_view value, bool* target) {
  if (value != "yes" && value != "no") return false;
  *target = value == "yes";
  return true;
}

/// A decimal number from `least` to `most`.
inline bool ReadNumber(std::string_view value, int least, int most, int* target) {
  const std::optional<int> number = ParseNumber<int>(value);
  if (!number || *number < least || *number > most) return false;
  *target = *number;
  return true;
}

/// A number of seconds from `least` to a day.
inline bool ReadSeconds(std::string_view value, int least, std::chrono::seconds* target) {
  int number = 0;
  if (!ReadNumber(value, least, 86400, &number)) return false;
  *target = std::chrono::seconds(number);
  return true;
}

}  // namespace curfew
