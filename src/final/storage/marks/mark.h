// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "kernel/result.h"

namespace curfew {

enum class MarkState : std::uint8_t {
  kUnknown,  ///< Not this format, torn, not readable, or nothing that a mark is known of.
  kClean,
  kDirty,
};

/// What a file system or an array says of itself on its device: whether it was closed.
struct Mark {
  MarkState state = MarkState::kUnknown;
  /// Of what is not clean: "its journal still has to be replayed". A string literal, so that a
  /// child may pass it to its parent.
  const char* why = "";
  /// The kernel leaves this mark as it found it: after a close it is from before the mount.
  bool from_before = false;
};

constexpr Mark kUnknownMark{};
constexpr Mark kCleanMark{MarkState::kClean};

constexpr Mark Dirty(const char* why) {
  return {MarkState::kDirty, why};
}
constexpr Mark DirtyBefore(const char* why) {
  return {MarkState::kDirty, why, true};
}

/// The bytes of a device.
struct MarkReader {
  /// `length` bytes from `offset`, or an error: never fewer. `length` is at most kMostRead.
  std::function<Result<std::string>(std::uint64_t offset, std::size_t length)> read;
  std::uint64_t size = 0;  ///< In bytes; 0: not known.
};
constexpr std::size_t kMostRead = 64 << 10;

}  // namespace curfew
