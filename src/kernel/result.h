// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <system_error>
#include <utility>

namespace curfew {

/// The errno of the moment as an error_code.
inline std::error_code LastError() {
  return {errno, std::generic_category()};
}

/// What a system call says that fails with a negative result.
inline std::error_code Status(long result) {
  return result < 0 ? LastError() : std::error_code();
}

/// A value, or the reason why there is none. `value` is meaningful only while `error` is clear.
template <typename T>
struct Result {
  T value{};
  std::error_code error{};

  Result() = default;
  Result(T v) : value(std::move(v)) {}
  Result(std::error_code e) : error(e) {}
  explicit operator bool() const { return !error; }
};

}  // namespace curfew
