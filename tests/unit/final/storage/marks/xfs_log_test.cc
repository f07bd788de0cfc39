// SPDX-License-Identifier: GPL-2.0-or-later
// The log of xfs in all the states that a small image of a real one does not show: any place of its
// head, both versions, records of many blocks, an external log.
#include <random>

#include "check.h"
#include "final/storage/marks/formats.h"
#include "sparse_image.h"

namespace xfs_log_test {
using namespace curfew;

namespace {

constexpr std::uint32_t kBlocks = 4096;  // of 512 bytes
constexpr std::uint64_t kLogStart = 100 * 4096;

/// A file system of version 4 with blocks of 4 KiB, whose log is written record by record.
class XfsImage : public SparseImage {
 public:
  explicit XfsImage(std::uint64_t log_start = kLogStart) : start_(log_start) {
    size = 16 << 20;
    Put(0, "XFSB");
    Big<std::uint32_t>(4, 4096);
    Put(32, "0123456789abcdef");
    Big<std::uint64_t>(48, log_start / 4096);
    Big<std::uint32_t>(84, 4096);
    Big<std::uint32_t>(88, 1);
    Big<std::uint32_t>(96, kBlocks / 8);
    Big<std::uint16_t>(100, 4);
    At(124) = 12;
  }
  /// A record of so many blocks of header and of data.
  void Record(std::uint32_t headers, std::uint32_t data, std::uint32_t operations, bool unmount) {
    const auto record = head_, cycle = cycle_;
    const std::uint32_t size = headers > 1 ? headers * (32 << 10) : 32 << 10;
    Block();
    Big<std::uint32_t>(Place(record), 0xFEEDBABE);
    Big<std::uint32_t>(Place(record) + 4, cycle);
    Big<std::uint32_t>(Place(record) + 8, headers > 1 ? 2 : 1);
    Big<std::uint32_t>(Place(record) + 12, data * 512 - 100);
    Big<std::uint32_t>(Place(record) + 16, cycle);
    Big<std::uint32_t>(Place(record) + 20, record);
    Big<std::uint32_t>(Place(record) + 40, operations);
    Put(Place(record) + 304, "0123456789abcdef");
    Big<std::uint32_t>(Place(record) + 320, size);
    for (std::uint32_t i = 1; i < headers; ++i) Block();
    const auto first = head_;
    for (std::uint32_t i = 0; i < data; ++i) Block();
    At(Place(first) + 9) = unmount ? 0x20 : 0;
  }
  void Unmount() { Record(1, 1, 1, true); }
  void Move(std::uint32_t blocks) {
    for (; blocks > 600; blocks -= 300) Record(1, 299, 7, false);
    for (; blocks > 3; blocks -= 2) Record(1, 1, 2, false);
    if (blocks > 1) Record(1, blocks - 1, 3, false);
  }
  MarkState State() { return XfsMark(Reader()).state; }
  std::uint64_t Place(std::uint32_t block) const {
    return (external ? 0 : start_) + block % kBlocks * 512;
  }

  bool external = false;

 private:
  void Block() {
    Put(Place(head_), std::string(512, '\0'));
    Big<std::uint32_t>(Place(head_), cycle_);
    if (++head_ == kBlocks) head_ = 0, ++cycle_;
  }

  std::uint64_t start_;
  std::uint32_t head_ = 0, cycle_ = 1;
};

}  // namespace

TEST("xfs: a log is clean with an unmount record at its head, at each place and turn of the log") {
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) {
    XfsImage image;
    image.Move(2 + random() % (3 * kBlocks));
    CHECK_EQ(image.State(), MarkState::kDirty);
    image.Unmount();
    CHECK_EQ(image.State(), MarkState::kClean);
    image.Record(1 + random() % 8, 1 + random() % 500, 2, false);
    CHECK_EQ(image.State(), MarkState::kDirty);
    CHECK(image.reads < 3 * 40);
  }
}

TEST("xfs: a record may go around the end of the log, each block of it") {
  for (std::uint32_t before = 1; before < 12; ++before) {
    XfsImage image;
    image.Move(kBlocks - before);
    image.Record(8, 4, 1, true);
    CHECK_EQ(image.State(), MarkState::kClean);
    image.Record(1, 1, 1, false);
    CHECK_EQ(image.State(), MarkState::kDirty);
  }
}

TEST("xfs: an unmount record with a second operation, or written in part, closes nothing") {
  XfsImage two, torn;
  two.Move(100);
  two.Record(1, 1, 2, true);
  CHECK_EQ(two.State(), MarkState::kDirty);
  torn.Move(kBlocks + 100);
  torn.Unmount();
  torn.Big<std::uint32_t>(torn.Place(101), 1);
  CHECK_EQ(torn.State(), MarkState::kDirty);
}

TEST(
    "xfs: the log of another file system, or a record that was written elsewhere, closes nothing") {
  XfsImage image, moved;
  image.Move(100);
  image.Unmount();
  moved = image;
  image.Put(image.Place(100) + 304, "another");
  CHECK_EQ(image.State(), MarkState::kDirty);
  moved.Big<std::uint32_t>(moved.Place(100) + 20, 98);
  CHECK_EQ(moved.State(), MarkState::kDirty);
}

TEST("xfs: an external log is read where it is known, and unknown where not") {
  XfsImage image(0), log(0);
  log.external = true;
  log.Move(100);
  log.Unmount();
  CHECK_EQ(image.State(), MarkState::kUnknown);
  const MarkReader reader = log.Reader();
  CHECK_EQ(XfsMark(image.Reader(), &reader).state, MarkState::kClean);
  log.Record(1, 1, 1, false);
  CHECK_EQ(XfsMark(image.Reader(), &reader).state, MarkState::kDirty);
}

TEST("xfs: random bytes in superblock and log end with few reads") {
  std::mt19937 random(4);
  for (int i = 0; i < 100; ++i) {
    XfsImage image;
    image.Move(2 + random() % 3000);
    for (int n = 0; n < 30; ++n)
      image.At(random() % 2 ? random() % 512 : kLogStart + random() % (kBlocks * 512)) = random();
    image.Put(0, "XFSB");
    (void)image.State();
    CHECK(image.reads < 60 && image.read_bytes < 1 << 20);
  }
}

TEST("xfs: a superblock with wrong sizes is unknown") {
  const auto with = [](std::uint64_t at, std::uint32_t value) {
    XfsImage image;
    image.Move(100);
    image.Unmount();
    CHECK_EQ(image.State(), MarkState::kClean);
    image.Big(at, value);
    return image.State();
  };
  for (const std::uint32_t size : {0U, 1U, 4097U, 1U << 31, ~0U})
    CHECK_EQ(with(4, size), MarkState::kUnknown);
  for (const std::uint32_t blocks : {0U, 1U, 511U, 524289U, ~0U})  // 512 blocks to 2 GiB
    CHECK_EQ(with(96, blocks), MarkState::kUnknown);
  CHECK_EQ(with(52, ~0U), MarkState::kUnknown);         // the start of the log
  CHECK_EQ(with(88, 0), MarkState::kUnknown);           // no groups
  CHECK_EQ(with(124, 32U << 24), MarkState::kUnknown);  // the bits of a block in its group
}

}  // namespace xfs_log_test
