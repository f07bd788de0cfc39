// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/checksum.h"

namespace curfew {
namespace {

/// Bit by bit: a table would cost more than the few blocks of a shutdown do.
std::uint32_t Crc(std::uint32_t polynomial, std::uint32_t crc, std::string_view bytes) {
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return crc;
}

}  // namespace

std::uint32_t Crc32(std::uint32_t seed, std::string_view bytes) {
  return Crc(0xEDB88320, seed, bytes);
}

std::uint32_t Crc32c(std::uint32_t seed, std::string_view bytes) {
  return Crc(0x82F63B78, seed, bytes);
}

}  // namespace curfew
