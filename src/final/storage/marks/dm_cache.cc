// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/checksum.h"
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint64_t kCacheMagic = 06142003;  // Octal, as the kernel has it.
constexpr std::uint32_t kChecksumXor = 9031977;
constexpr std::size_t kCacheSuperSize = 4096;

}  // namespace

Mark DmCacheMark(const MarkReader& metadata) {
  const Fields super = Fields::At(metadata, 0, kCacheSuperSize);
  if (super.Little<std::uint64_t>(32) != kCacheMagic) return kUnknownMark;
  const auto sum = Crc32c(~0U, super.Text(4, kCacheSuperSize - 4)) ^ kChecksumXor;
  if (sum != super.Little<std::uint32_t>(0)) return kUnknownMark;
  const bool clean = super.Little<std::uint32_t>(4) & 1;
  return clean ? kCleanMark : Dirty("it was not suspended; it takes all its blocks for dirty");
}

}  // namespace curfew
