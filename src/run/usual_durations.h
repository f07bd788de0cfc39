// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/files.h"
#include "plan/plan.h"

namespace curfew {

/// How long services usually take, each in one direction.
using UsualDurations = std::map<std::pair<std::string, Action>, std::chrono::microseconds>;

/// What /run/curfew/usual holds: a line "stop MICROSECONDS SERVICE" for each. `curfew next-boot`
/// writes it from the traces of earlier shutdowns, so that rc reads no disk.
std::string UsualText(const UsualDurations& usual);

/// Reads that file. A line that is torn or no such line counts for nothing.
UsualDurations ReadUsual(Files& files, const std::string& root);

std::optional<std::chrono::microseconds> UsualOf(const UsualDurations& usual, const Script& script);

/// "12 s", "under 1 s"
std::string RoughText(std::chrono::microseconds time);
/// "usually 12 s"
std::string UsuallyText(std::chrono::microseconds usual);

}  // namespace curfew
