// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace curfew {

/// The stages. First those of the final sequence in its order (the table in sequence.cc), then the
/// three that only rc starts, while services still stop.
enum class StageId : std::uint8_t {
  kKill,
  kRecord,
  kQuota,
  kAccounting,
  kUnmountNetwork,
  kClock,
  kUnmount,
  kReadOnly,
  kSync,
  kFlush,
  kHooks,
  kSeal,
  kDrives,
  kInterfaces,
  kBeep,
  kPower,
  kEarlyUnmountNetwork,
  kDeadMan,
  kTrace
};

constexpr std::size_t kSequenceLength = static_cast<std::size_t>(StageId::kPower) + 1;
constexpr std::size_t kStageCount = static_cast<std::size_t>(StageId::kTrace) + 1;

/// The stage's name for people and files: `halt --stage`, log, trace, man pages.
std::string_view StageName(StageId id);

/// The stage of that name; nothing: there is none.
std::optional<StageId> FindStage(std::string_view name);

/// The number that stands for a stage in the dead-man's page: 1 for the first. 0 means no stage.
constexpr std::uint32_t StageNumber(StageId id) {
  return static_cast<std::uint32_t>(id) + 1;
}

/// The stage that StageNumber() gave this number; nothing: 0, or no number of a stage.
std::optional<StageId> StageOfNumber(std::uint32_t number);

}  // namespace curfew
