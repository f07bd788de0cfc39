// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/context/stage_id.h"

#include <algorithm>
#include <iterator>

namespace curfew {
namespace {

struct Name {
  StageId id;
  std::string_view name;
};

constexpr Name kNames[] = {
    {StageId::kKill, "kill"},
    {StageId::kRecord, "record"},
    {StageId::kQuota, "quota"},
    {StageId::kAccounting, "accounting"},
    {StageId::kUnmountNetwork, "unmount-network"},
    {StageId::kClock, "clock"},
    {StageId::kUnmount, "unmount"},
    {StageId::kReadOnly, "read-only"},
    {StageId::kSync, "sync"},
    {StageId::kFlush, "flush"},
    {StageId::kHooks, "hooks"},
    {StageId::kSeal, "seal"},
    {StageId::kDrives, "drives"},
    {StageId::kInterfaces, "interfaces"},
    {StageId::kBeep, "beep"},
    {StageId::kPower, "power"},
    {StageId::kEarlyUnmountNetwork, "early-unmount-network"},
    {StageId::kDeadMan, "dead-man"},
    {StageId::kTrace, "trace"},
};

/// Whether an id is the index of its row.
constexpr bool InOrder() {
  std::size_t index = 0;
  return std::all_of(std::begin(kNames), std::end(kNames),
                     [&](const Name& row) { return row.id == static_cast<StageId>(index++); });
}
static_assert(std::size(kNames) == kStageCount && InOrder());

}  // namespace

std::string_view StageName(StageId id) {
  return kNames[static_cast<std::size_t>(id)].name;
}

std::optional<StageId> FindStage(std::string_view name) {
  for (const Name& row : kNames)
    if (row.name == name) return row.id;
  return std::nullopt;
}

std::optional<StageId> StageOfNumber(std::uint32_t number) {
  if (number == 0 || number > kStageCount) return std::nullopt;
  return static_cast<StageId>(number - 1);
}

}  // namespace curfew
