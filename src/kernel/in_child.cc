// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/in_child.h"

#include <cstring>

namespace curfew {
namespace {

constexpr std::size_t kMostBytes = 256 << 10;

/// Writes the number of bytes in use, then each string as its length and its bytes.
std::error_code Put(const std::vector<std::string>& strings, char* bytes) {
  std::size_t at = sizeof at;
  for (const std::string& text : strings) {
    const std::size_t size = text.size();
    if (size + sizeof size > kMostBytes - at)
      return std::make_error_code(std::errc::file_too_large);
    std::memcpy(bytes + at, &size, sizeof size);
    std::memcpy(bytes + at + sizeof size, text.data(), size);
    at += sizeof size + size;
  }
  std::memcpy(bytes, &at, sizeof at);
  return {};
}

std::vector<std::string> Get(const char* bytes) {
  std::vector<std::string> strings;
  std::size_t end = 0, size = 0;
  std::memcpy(&end, bytes, sizeof end);
  for (std::size_t at = sizeof end; at < end; at += sizeof size + size) {
    std::memcpy(&size, bytes + at, sizeof size);
    strings.emplace_back(bytes + at + sizeof size, size);
  }
  return strings;
}

}  // namespace

Result<std::vector<std::string>> StringsFromChild(
    Kernel& kernel, std::chrono::milliseconds limit,
    const std::function<std::vector<std::string>()>& call) {
  const SharedArray<char> bytes(kMostBytes);
  if (!bytes) return call();
  if (auto error = InChild(kernel, limit, [&] { return Put(call(), bytes.data()); })) return error;
  return Get(bytes.data());
}

}  // namespace curfew
