// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>

#include "final/storage/marks/mark.h"

namespace curfew {

/// The sectors of a disk that are not zero. Counts what is read of it.
class SparseImage {
 public:
  static constexpr std::size_t kSector = 512;

  std::map<std::uint64_t, std::string> sectors{};  ///< By number.
  std::uint64_t size = 0;
  int reads = 0;
  std::uint64_t read_bytes = 0;

  /// A file that tests/vm/sparse-image has made: "size BYTES", then "SECTOR COUNT HEX" for COUNT
  /// sectors that begin with these bytes; zeros follow.
  static SparseImage Load(const std::string& name) {
    const std::string here = __FILE__;
    std::ifstream file(here.substr(0, here.rfind('/') + 1) + "images/" + name);
    SparseImage image;
    (void)image.Read(file);
    return image;
  }
  /// Reads such lines. False: one of them is of another form.
  bool Read(std::istream& lines) {
    for (std::string line; std::getline(lines, line);)
      if (!AddLine(line)) return false;
    return true;
  }
  void Put(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto part = std::min<std::size_t>(bytes.size(), kSector - offset % kSector);
      bytes.copy(&At(offset), part);
      bytes.remove_prefix(part);
      offset += part;
    }
  }
  char& At(std::uint64_t offset) {
    std::string& sector = sectors[offset / kSector];
    sector.resize(kSector);
    return sector[offset % kSector];
  }
  template <typename T>
  void Little(std::uint64_t offset, T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      At(offset + i) = static_cast<char>(std::uint64_t{value} >> 8 * i);
  }
  template <typename T>
  void Big(std::uint64_t offset, T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      At(offset + i) = static_cast<char>(std::uint64_t{value} >> 8 * (sizeof value - 1 - i));
  }
  std::string Get(std::uint64_t offset, std::size_t length) const {
    std::string bytes(length, '\0');
    for (std::size_t done = 0; done < length;) {
      const auto at = (offset + done) % kSector;
      const auto part = std::min<std::size_t>(length - done, kSector - at);
      const auto sector = sectors.find((offset + done) / kSector);
      if (sector != sectors.end()) sector->second.copy(&bytes[done], part, at);
      done += part;
    }
    return bytes;
  }
  /// It must live as long as the reader does.
  MarkReader Reader() {
    const auto read = [this](std::uint64_t offset, std::size_t length) -> Result<std::string> {
      ++reads;
      read_bytes += length;
      if (length > kMostRead || offset > size || length > size - offset)
        return std::make_error_code(std::errc::invalid_argument);
      return Get(offset, length);
    };
    return {read, size};
  }

 private:
  bool AddLine(const std::string& line) {
    constexpr std::uint64_t kMostCount = 4096;
    if (line.starts_with('#')) return true;
    std::istringstream words(line);
    if (line.starts_with("size ")) return static_cast<bool>(words.ignore(5) >> size);
    std::uint64_t first = 0, count = 0;
    std::string hex;
    if (!(words >> first >> count >> hex) || count > kMostCount) return false;
    std::string sector(kSector, '\0');
    for (std::size_t i = 0; i + 1 < hex.size() && i / 2 < kSector; i += 2)
      sector[i / 2] = static_cast<char>(strtol(hex.substr(i, 2).c_str(), nullptr, 16));
    for (std::uint64_t i = 0; i < count; ++i) sectors[first + i] = sector;
    return true;
  }
};

}  // namespace curfew
