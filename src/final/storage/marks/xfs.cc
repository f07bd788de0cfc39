// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <bit>
#include <optional>
#include <string>

#include "final/storage/marks/checksum.h"
#include "final/storage/marks/fields.h"
#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

constexpr std::uint32_t kXfsMagic = 0x58465342;     // "XFSB"
constexpr std::uint32_t kRecordMagic = 0xFEEDBABE;  // of a record's header
constexpr std::uint64_t kBlock = 512;               // The log counts in these.
constexpr std::uint64_t kMostLog = std::uint64_t{2} << 30;
constexpr std::uint32_t kMostRecord = 256 << 10;
constexpr std::uint32_t kHeaderCovers = 32 << 10;  ///< Bytes of a record for one block of header.
/// A record of the greatest length, with its header: no header is further from its end.
constexpr std::uint32_t kFarthest = (kMostRecord + kMostRecord / kHeaderCovers * kBlock) / kBlock;
constexpr std::uint64_t kFewestBlocks = 512;  ///< Of a log, in blocks of the file system.
constexpr std::uint8_t kUnmount = 0x20;       // oh_flags
constexpr std::uint32_t kChunk = kMostRead / kBlock;

/// A log as a ring of blocks. Numbers of blocks may go around once.
class Log {
 public:
  Log(const MarkReader& reader, std::uint64_t start, std::uint64_t bytes, std::string_view uuid)
      : reader_(reader), start_(start), blocks_(bytes / kBlock), uuid_(uuid) {}

  Mark Read() const {
    const auto head = Head();
    if (!head) return kUnknownMark;
    const auto record = LastRecord(*head);
    if (!record) return kUnknownMark;
    return IsUnmount(*record, *head) ? kCleanMark : Dirty("its log still has to be replayed");
  }

 private:
  Fields Blocks(std::uint32_t number, std::uint32_t count = 1) const {
    return Fields::At(reader_, start_ + number * kBlock, count * kBlock);
  }

  /// The number of the turn around the log in which the block was written.
  static std::uint32_t Cycle(const Fields& block) {
    const auto first = block.Big<std::uint32_t>(0);
    return first == kRecordMagic ? block.Big<std::uint32_t>(4) : first;
  }

  /// The block that is written next: the first one of an older turn. 0 also if there is none.
  std::optional<std::uint32_t> Head() const {
    const Fields first_block = Blocks(0), last_block = Blocks(blocks_ - 1);
    if (!first_block || !last_block) return {};
    const auto first = Cycle(first_block), last = Cycle(last_block);
    if (first == 0) return {};
    if (first == last) return 0;
    std::uint32_t newer = 0, older = blocks_ - 1;
    while (older - newer > 1) {
      const std::uint32_t middle = newer + (older - newer) / 2;
      const Fields block = Blocks(middle);
      if (!block) return {};
      (Cycle(block) == last ? older : newer) = middle;
    }
    return older;
  }

  /// The header that is nearest before `head`.
  std::optional<std::uint32_t> LastRecord(std::uint32_t head) const {
    const std::uint32_t most = std::min(blocks_, kFarthest);
    for (std::uint32_t back = 0; back < most;) {
      const std::uint32_t end = back < head ? head - back : head + blocks_ - back;
      const std::uint32_t count = std::min({kChunk, end, most - back});
      const Fields chunk = Blocks(end - count, count);
      if (!chunk) return {};
      for (std::uint32_t i = count; i-- > 0;)
        if (chunk.Big<std::uint32_t>(i * kBlock) == kRecordMagic) return end - count + i;
      back += count;
    }
    return {};
  }

  /// Whether the record is written in full, ends at `head`, and has one operation, the unmount.
  bool IsUnmount(std::uint32_t record, std::uint32_t head) const {
    const Fields header = Blocks(record);
    const auto number = [&](std::size_t at) { return header.Big<std::uint32_t>(at); };
    const std::uint32_t version = number(8), length = number(12), size = number(320);
    const bool is_here = number(16) == number(4) && number(20) == record;  // h_lsn
    if (!is_here || length == 0 || length > kMostRecord || header.Text(304, 16) != uuid_)
      return false;
    std::uint32_t headers = 1;
    if (version & 2 && size > kHeaderCovers && size <= kMostRecord)
      headers = (size + kHeaderCovers - 1) / kHeaderCovers;
    const auto end = record + headers + (length + kBlock - 1) / kBlock;
    if (end % blocks_ != head || number(40) != 1) return false;
    const Fields operation = Blocks((record + headers) % blocks_);
    return operation && operation.Byte(9) & kUnmount;
  }

  const MarkReader& reader_;
  const std::uint64_t start_;
  const std::uint32_t blocks_;
  const std::string uuid_;
};

/// Version 5 has a checksum of its superblock.
bool IsWhole(const MarkReader& device, const Fields& super) {
  constexpr std::size_t kPlace = 224;
  if ((super.Big<std::uint16_t>(100) & 15) < 5) return true;
  const std::size_t sector = super.Big<std::uint16_t>(102);
  if (!std::has_single_bit(sector) || sector < kBlock || sector > 32768) return false;
  const Fields all = Fields::At(device, 0, sector);
  if (!all) return false;
  auto sum = Crc32c(~0U, all.Text(0, kPlace));
  sum = Crc32c(sum, std::string_view("\0\0\0\0", 4));
  sum = ~Crc32c(sum, all.Text(kPlace + 4, sector - kPlace - 4));
  return sum == all.Little<std::uint32_t>(kPlace);
}

}  // namespace

Mark XfsMark(const MarkReader& device, const MarkReader* log) {
  const Fields super = Fields::At(device, 0, kBlock);
  const std::uint64_t block = super.Big<std::uint32_t>(4),
                      bytes = super.Big<std::uint32_t>(96) * block;
  if (super.Big<std::uint32_t>(0) != kXfsMagic || !std::has_single_bit(block) || block < kBlock ||
      block > 65536 || bytes < kFewestBlocks * block || bytes > kMostLog || !IsWhole(device, super))
    return kUnknownMark;
  const auto start = super.Big<std::uint64_t>(48);
  const auto uuid = super.Text(32, 16);
  if (start == 0) return log ? Log(*log, 0, bytes, uuid).Read() : kUnknownMark;
  const unsigned group_bits = super.Byte(124);
  const std::uint64_t groups = super.Big<std::uint32_t>(88), group = super.Big<std::uint32_t>(84);
  if (group_bits > 31 || start >> group_bits >= groups) return kUnknownMark;
  const std::uint64_t in_group = start & ((std::uint64_t{1} << group_bits) - 1);
  return Log(device, ((start >> group_bits) * group + in_group) * block, bytes, uuid).Read();
}

}  // namespace curfew
