// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/values.h"

#include "text/text.h"

namespace curfew {

bool ReadYesNo(std::string_view value, bool* target) {
  if (value != "yes" && value != "no") return false;
  *target = value == "yes";
  return true;
}

bool ReadNumber(std::string_view value, int least, int most, int* target) {
  const std::optional<int> number = ParseNumber<int>(value);
  if (!number || *number < least || *number > most) return false;
  *target = *number;
  return true;
}

bool ReadSeconds(std::string_view value, int least, std::chrono::seconds* target) {
  int number = 0;
  if (!ReadNumber(value, least, 86400, &number)) return false;
  *target = std::chrono::seconds(number);
  return true;
}

}  // namespace curfew
