// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/checksum.h"
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint64_t kFirstSuper = 64 << 10, kSecondSuper = 64 << 20;
constexpr std::size_t kBtrfsSuperSize = 4096;

/// The superblock at `place`; empty: there is none that is whole.
Fields Superblock(const MarkReader& device, std::uint64_t place) {
  const Fields super = Fields::At(device, place, kBtrfsSuperSize);
  if (super.Text(64, 8) != "_BHRfS_M" || super.Little<std::uint64_t>(48) != place) return {};
  // Type 0 is crc32c. The others are not computed here.
  const bool is_crc32c = super.Little<std::uint16_t>(196) == 0;
  if (is_crc32c &&
      ~Crc32c(~0U, super.Text(32, kBtrfsSuperSize - 32)) != super.Little<std::uint32_t>(0))
    return {};
  return super;
}

std::uint64_t Generation(const Fields& super) {
  return super.Little<std::uint64_t>(72);
}

}  // namespace

Mark BtrfsMark(const MarkReader& device) {
  const Fields super = Superblock(device, kFirstSuper);
  if (!super) return kUnknownMark;
  if (super.Little<std::uint64_t>(96) != 0)
    return Dirty("its log of fsync still has to be replayed");
  // A newer copy: the last write of the first one is lost.
  const Fields copy = Superblock(device, kSecondSuper);
  return copy && Generation(copy) > Generation(super) ? kUnknownMark : kCleanMark;
}

}  // namespace curfew
