// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/checksum.h"
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint32_t kF2fsMagic = 0xF2F52010;
constexpr std::uint64_t kSuperblocks[] = {1024, 4096 + 1024};
constexpr std::size_t kF2fsSuperSize = 512;
constexpr std::uint32_t kUnmounted = 0x1, kCheckpointErrors = 0x8, kNeedsFsck = 0x10;  // ckpt_flags

struct F2fsLayout {
  std::size_t block = 0;          ///< In bytes; 0: there is no superblock.
  std::uint32_t segment = 0;      ///< In blocks.
  std::uint64_t checkpoints = 0;  ///< Number of a block.
};

F2fsLayout ReadLayout(const MarkReader& device) {
  for (const std::uint64_t place : kSuperblocks) {
    const Fields super = Fields::At(device, place, kF2fsSuperSize);
    const auto block = super.Little<std::uint32_t>(16), segment = super.Little<std::uint32_t>(20);
    const auto checkpoints = super.Little<std::uint32_t>(76);
    // The checkpoints are the first area, and that of the segments' table follows.
    const bool in_order =
        super.Little<std::uint32_t>(72) == checkpoints &&
        std::uint64_t{checkpoints} + (std::uint64_t{super.Little<std::uint32_t>(52)} << 9) ==
            super.Little<std::uint32_t>(80);
    // 4 KiB, or 16 KiB where a page has that size; the segment is 512 blocks.
    if (super.Little<std::uint32_t>(0) != kF2fsMagic || block < 12 || block > 14 || segment != 9 ||
        !in_order)
      continue;
    return {std::size_t{1} << block, 1U << segment, checkpoints};
  }
  return {};
}

/// One block of a checkpoint; empty if its checksum is wrong.
Fields Block(const MarkReader& device, const F2fsLayout& layout, std::uint64_t number) {
  const Fields block = Fields::At(device, number * layout.block, layout.block);
  const std::size_t at = block.Little<std::uint32_t>(164);  // checksum_offset
  // The fields end at 192; the checksum has four bytes.
  if (!block || at < 192 || at > layout.block - 4 || at % 4 != 0) return {};
  auto sum = Crc32(kF2fsMagic, block.Text(0, at));
  if (at < 4092) sum = Crc32(sum, block.Text(at + 4, layout.block - at - 4));
  return sum == block.Little<std::uint32_t>(at) ? block : Fields();
}

std::uint64_t Version(const Fields& checkpoint) {
  return checkpoint.Little<std::uint64_t>(0);
}

/// A checkpoint is whole if its first and its last block have one version.
Fields Checkpoint(const MarkReader& device, const F2fsLayout& layout, std::uint64_t number) {
  const Fields first = Block(device, layout, number);
  const auto blocks = first.Little<std::uint32_t>(136);
  if (!first || blocks <= 2 || blocks > layout.segment) return {};
  const Fields last = Block(device, layout, number + blocks - 1);
  return last && Version(last) == Version(first) ? first : Fields();
}

}  // namespace

Mark F2fsMark(const MarkReader& device) {
  const F2fsLayout layout = ReadLayout(device);
  if (layout.block == 0) return kUnknownMark;
  const Fields first = Checkpoint(device, layout, layout.checkpoints);
  const Fields second = Checkpoint(device, layout, layout.checkpoints + layout.segment);
  if (!first && !second) return kUnknownMark;
  // The version wraps around.
  const bool second_is_newer =
      !first || (second && static_cast<std::int64_t>(Version(second) - Version(first)) > 0);
  const Fields& newest = second_is_newer ? second : first;
  const auto flags = newest.Little<std::uint32_t>(132);
  if (flags & kCheckpointErrors) return Dirty("the kernel has found errors in it");
  if (!(flags & kUnmounted)) return Dirty("its last checkpoint is not that of an unmount");
  // Of a torn one nobody knows whether it was the newest.
  if (!first || !second) return kUnknownMark;
  return flags & kNeedsFsck ? DirtyBefore("fsck has to look at it") : kCleanMark;
}

}  // namespace curfew
