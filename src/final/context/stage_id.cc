// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/context/stage_id.h"

#include <algorithm>
#include <iterator>

namespace curfew {
namespace {

constexpr std::string_view kNames[] = {
    "kill",    "record",     "quota",     "accounting", "unmount-network",
    "clock",   "unmount",    "read-only", "sync",       "hooks",
    "drives",  "interfaces", "beep",      "power",      "early-unmount-network",
    "dead-man"};
static_assert(std::size(kNames) == kStageCount);

}  // namespace

std::string_view StageName(StageId id) {
  return kNames[static_cast<std::size_t>(id)];
}

std::optional<StageId> FindStage(std::string_view name) {
  const auto found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<StageId>(found - std::begin(kNames));
}

std::optional<StageId> StageOfNumber(std::uint32_t number) {
  if (number == 0 || number > kStageCount) return std::nullopt;
  return static_cast<StageId>(number - 1);
}

}  // namespace curfew
