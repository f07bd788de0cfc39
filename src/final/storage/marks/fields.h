// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "final/storage/marks/mark.h"

namespace curfew {

/// Numbers at fixed places of a block that comes from a disk. What is not there is 0.
class Fields {
 public:
  Fields() = default;
  explicit Fields(std::string bytes) : bytes_(std::move(bytes)) {}

  /// Empty if the bytes cannot be read.
  static Fields At(const MarkReader& reader, std::uint64_t offset, std::size_t length) {
    auto bytes = reader.read(offset, length);
    return bytes && bytes.value.size() == length ? Fields(std::move(bytes.value)) : Fields();
  }

  explicit operator bool() const { return !bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  std::string_view Text(std::size_t offset, std::size_t length) const {
    return offset + length <= bytes_.size() ? bytes().substr(offset, length) : std::string_view();
  }
  template <std::unsigned_integral T>
  T Little(std::size_t offset) const {
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
      value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | Byte(offset + i));
    return value;
  }
  template <std::unsigned_integral T>
  T Big(std::size_t offset) const {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 | Byte(offset + i));
    return value;
  }
  std::uint8_t Byte(std::size_t offset) const {
    return offset < bytes_.size() ? static_cast<std::uint8_t>(bytes_[offset]) : 0;
  }

 private:
  std::string bytes_;
};

}  // namespace curfew
