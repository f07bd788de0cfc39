// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>

#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::size_t kLeastSector = 512;
constexpr std::uint8_t kDirty = 1;           // of the state byte
constexpr std::uint16_t kClean16 = 1 << 15;  // of FAT[1]
constexpr std::uint32_t kClean32 = 1 << 27;
constexpr std::uint32_t kMost12 = 4085;  // Clusters: from here on it is FAT16.

struct FatLayout {
  bool valid = false;
  bool is_fat32 = false, is_fat12 = false;
  std::uint64_t fat = 0;  ///< In bytes from the beginning of the device.
};

FatLayout ReadFatLayout(const Fields& boot) {
  const std::uint32_t sector = boot.Little<std::uint16_t>(11), cluster = boot.Byte(13);
  const std::uint32_t reserved = boot.Little<std::uint16_t>(14), fats = boot.Byte(16);
  const std::uint32_t entries = boot.Little<std::uint16_t>(17);
  const std::uint32_t small = boot.Little<std::uint16_t>(19),
                      large = boot.Little<std::uint32_t>(32);
  const std::uint32_t length16 = boot.Little<std::uint16_t>(22);
  const std::uint8_t media = boot.Byte(21);
  if (!std::has_single_bit(sector) || sector < kLeastSector || sector > 4096) return {};
  if (!std::has_single_bit(cluster) || reserved == 0 || fats == 0) return {};
  if (media < 0xF8 && media != 0xF0) return {};
  const std::uint64_t length = length16 != 0 ? length16 : boot.Little<std::uint32_t>(36);
  const std::uint64_t sectors = small != 0 ? small : large;
  const std::uint64_t before = reserved + fats * length + (entries * 32 + sector - 1) / sector;
  if (length == 0 || sectors <= before) return {};
  // FAT32 keeps its root directory in a chain of clusters, the others in so many entries.
  if ((length16 == 0) != (entries == 0)) return {};
  FatLayout layout{.valid = true, .fat = std::uint64_t{reserved} * sector};
  layout.is_fat32 = length16 == 0;
  layout.is_fat12 = !layout.is_fat32 && (sectors - before) / cluster < kMost12;
  return layout;
}

}  // namespace

Mark VfatMark(const MarkReader& device) {
  const Fields boot = Fields::At(device, 0, kLeastSector);
  if (boot.Little<std::uint16_t>(510) != 0xAA55) return kUnknownMark;
  const FatLayout layout = ReadFatLayout(boot);
  if (!layout.valid) return kUnknownMark;
  const bool boot_dirty = boot.Byte(layout.is_fat32 ? 65 : 37) & kDirty;
  if (boot_dirty) return DirtyBefore("its dirty bit is set");
  if (layout.is_fat12) return kCleanMark;
  const Fields fat = Fields::At(device, layout.fat, kLeastSector);
  if (!fat) return kUnknownMark;
  const bool clean = layout.is_fat32 ? fat.Little<std::uint32_t>(4) & kClean32
                                     : fat.Little<std::uint16_t>(2) & kClean16;
  return clean ? kCleanMark : DirtyBefore("another system left its table marked as in use");
}

}  // namespace curfew
