// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint32_t kMdMagic = 0xA92B4EFC;
constexpr std::size_t kMdSuperSize = 4096, kMdSector = 512;
constexpr std::size_t kHeader = 256;  ///< Of version 1: before the roles of the members.

/// A sum of 32-bit words with its carries added.
std::uint32_t Folded(std::uint64_t sum) {
  return static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(sum >> 32);
}

/// Whether version 1 is at byte `place`, whole or not. No other one counts then: an array may have
/// been made anew in another version.
bool HasMagic(const MarkReader& member, std::uint64_t place) {
  const Fields super = Fields::At(member, place, kMdSector);
  return super.Little<std::uint32_t>(0) == kMdMagic && super.Little<std::uint32_t>(4) == 1;
}

/// Version 1 at byte `place`.
Mark MarkOfVersion1(const MarkReader& member, std::uint64_t place) {
  const Fields super = Fields::At(member, place, kMdSuperSize);
  const auto little = [&](std::size_t at) { return super.Little<std::uint32_t>(at); };
  if (little(0) != kMdMagic || little(4) != 1) return kUnknownMark;
  const std::size_t members = little(220);
  if (super.Little<std::uint64_t>(144) != place / kMdSector ||
      members > (kMdSuperSize - kHeader) / 2)
    return kUnknownMark;
  const std::size_t bytes = kHeader + 2 * members;
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 4 <= bytes; at += 4)
    if (at != 216) sum += little(at);
  if (bytes % 4 == 2) sum += super.Little<std::uint16_t>(bytes - 2);
  if (Folded(sum) != little(216)) return kUnknownMark;
  const auto resync = super.Little<std::uint64_t>(208);
  if (resync == ~std::uint64_t{0}) return kCleanMark;
  return resync == 0 ? Dirty("it was not stopped; its members may differ")
                     : DirtyBefore("a resync of its members is not finished");
}

/// Version 0.90 in the byte order of the machine that made it, which is this one.
Mark MarkOfVersion0(const MarkReader& member) {
  constexpr std::uint64_t kReserved = 64 << 10;
  if (member.size < 2 * kReserved) return kUnknownMark;
  const Fields super =
      Fields::At(member, member.size / kReserved * kReserved - kReserved, kMdSuperSize);
  const auto word = [&](std::size_t number) {
    const std::size_t at = 4 * number;
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? super.Little<std::uint32_t>(at)
                                                     : super.Big<std::uint32_t>(at);
  };
  if (word(0) != kMdMagic || word(1) != 0 || word(2) < 90) return kUnknownMark;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kMdSuperSize / 4; ++i)
    if (i != 38) sum += word(i);
  if (Folded(sum) != word(38)) return kUnknownMark;
  return word(33) & 1 ? kCleanMark : Dirty("it was not stopped; its members may differ");
}

}  // namespace

Mark MdMark(const MarkReader& member) {
  // 1.2, 1.1, then those at the end.
  for (const std::uint64_t place : {4096, 0})
    if (HasMagic(member, place)) return MarkOfVersion1(member, place);
  const std::uint64_t sectors = member.size / kMdSector;
  const std::uint64_t last = sectors < 24 ? 0 : ((sectors - 16) & ~std::uint64_t{7}) * kMdSector;
  return last != 0 && HasMagic(member, last) ? MarkOfVersion1(member, last)
                                             : MarkOfVersion0(member);
}

}  // namespace curfew
