// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/read_mark.h"

#include <algorithm>
#include <random>
#include <vector>

#include "check.h"
#include "sparse_image.h"

namespace read_mark_test {
using namespace curfew;

namespace {

/// Images of tests/vm/mark-images: taken in use (".dirty") and after the end (".clean").
struct Format {
  std::string name;
  std::string type;
  /// The bytes that are the mark itself, where no checksum covers them.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> mark = {};
};

const std::vector<Format>& Formats() {
  static const std::vector<Format> formats{
      {"ext2", "ext2", {{1024 + 58, 1024 + 60}, {1024 + 96, 1024 + 104}}},
      {"ext4", "ext4", {{1024 + 58, 1024 + 60}, {1024 + 96, 1024 + 104}}},
      {"xfs", "xfs"},
      {"xfs-v4", "xfs"},
      {"btrfs", "btrfs"},
      {"f2fs", "f2fs"},
      {"fat32", "vfat", {{65, 66}}},
      {"fat16", "vfat", {{37, 38}}},
      {"fat12", "msdos", {{37, 38}}},
      {"md-0.90", "md"},
      {"md-1.0", "md"},
      {"md-1.1", "md"},
      {"md-1.2", "md"},
      {"dm-cache", "dm-cache"},
  };
  return formats;
}

MarkState StateOf(const std::string& name, const std::string& type) {
  SparseImage image = SparseImage::Load(name);
  return ReadMark(type, image.Reader()).state;
}

/// Changes a few runs of bytes: one bit, random bytes, or zeros.
void Spoil(SparseImage& image, const Format& format, std::mt19937& random) {
  std::vector<std::uint64_t> known;
  for (const auto& [number, bytes] : image.sectors) known.push_back(number);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t runs = 1 + below(3); runs > 0; --runs) {
    const auto start = known[below(known.size())] * SparseImage::kSector + below(512);
    const auto kind = below(3), length = std::size_t{1} << below(10);
    for (auto at = start; at < std::min(start + length, image.size); ++at) {
      const bool is_mark =
          std::any_of(format.mark.begin(), format.mark.end(),
                      [&](const auto& range) { return at >= range.first && at < range.second; });
      if (is_mark) continue;
      char& byte = image.At(at);
      byte = kind == 0 ? static_cast<char>(byte ^ 1 << below(8)) : kind == 1 ? random() : 0;
    }
  }
}

}  // namespace

TEST("marks: each format that the kernel has closed is clean, each one in use is dirty") {
  for (const Format& format : Formats()) {
    CHECK_EQ(format.name + (StateOf(format.name + ".clean", format.type) == MarkState::kClean
                                ? " clean"
                                : " NOT clean"),
             format.name + " clean");
    CHECK_EQ(format.name + (StateOf(format.name + ".dirty", format.type) == MarkState::kDirty
                                ? " dirty"
                                : " NOT dirty"),
             format.name + " dirty");
  }
}

TEST("marks: what the kernel has made read-only is clean") {
  for (const Format& format : Formats()) {
    if (format.type == "md" || format.type == "dm-cache") continue;
    CHECK_EQ(format.name + (StateOf(format.name + ".ro", format.type) == MarkState::kClean
                                ? " clean"
                                : " NOT clean"),
             format.name + " clean");
  }
}

TEST("marks: ext4 that the kernel has found errors in is not clean after its unmount") {
  SparseImage image = SparseImage::Load("ext4-errors.clean");
  const Mark mark = ReadMark("ext4", image.Reader());
  CHECK_EQ(mark.state, MarkState::kDirty);
  CHECK_EQ(std::string(mark.why), "the kernel has found errors in it");
}

TEST("marks: an array that was not stopped is told from one whose resync is not finished") {
  for (const char* name : {"md-0.90", "md-1.0", "md-1.1", "md-1.2"}) {
    const Mark mark = ReadMark("md", SparseImage::Load(std::string(name) + ".dirty").Reader());
    CHECK_EQ(std::string(mark.why), "it was not stopped; its members may differ");
    CHECK(!mark.from_before);
  }
}

TEST("marks: spoiled bytes never make a dirty image clean, and cost few reads") {
  std::mt19937 random(1);
  for (const Format& format : Formats()) {
    // The mark of xfs is the whole log; xfs_log_test.cc spoils that.
    if (format.type == "xfs") continue;
    const SparseImage dirty = SparseImage::Load(format.name + ".dirty");
    CHECK(!dirty.sectors.empty());
    if (dirty.sectors.empty()) continue;
    int clean = 0;
    for (int i = 0; i < 150; ++i) {
      SparseImage image = dirty;
      Spoil(image, format, random);
      clean += ReadMark(format.type, image.Reader()).state == MarkState::kClean;
      CHECK(image.reads < 100 && image.read_bytes < 1 << 20);
    }
    CHECK_EQ(format.name + " " + std::to_string(clean), format.name + " 0");
  }
}

TEST("marks: each image read as each format, cut off anywhere, ends with few reads") {
  std::mt19937 random(2);
  for (const Format& format : Formats())
    for (const Format& other : Formats()) {
      SparseImage image = SparseImage::Load(format.name + ".clean");
      const Mark mark = ReadMark(other.type, image.Reader());
      const bool same = other.type == format.type ||
                        (other.type == "ext2" && format.type == "ext4") ||
                        (other.type == "ext4" && format.type == "ext2") ||
                        (other.type == "msdos" && format.type == "vfat") ||
                        (other.type == "vfat" && format.type == "msdos");
      if (!same) CHECK_EQ(mark.state, MarkState::kUnknown);
      image.size = random() % (image.size + 1);
      (void)ReadMark(other.type, image.Reader());
      CHECK(image.reads < 150);
    }
}

TEST("marks: a disk that cannot be read, or another type, is unknown") {
  const MarkReader broken{[](std::uint64_t, std::size_t) -> Result<std::string> {
                            return std::make_error_code(std::errc::io_error);
                          },
                          1 << 30};
  const MarkReader zeros{
      [](std::uint64_t, std::size_t length) { return Result<std::string>(std::string(length, 0)); },
      1 << 30};
  for (const Format& format : Formats()) {
    CHECK_EQ(ReadMark(format.type, broken).state, MarkState::kUnknown);
    CHECK_EQ(ReadMark(format.type, zeros).state, MarkState::kUnknown);
    CHECK(HasMark(format.type));
  }
  CHECK(!HasMark("jfs"));
  CHECK_EQ(ReadMark("jfs", zeros).state, MarkState::kUnknown);
}

}  // namespace read_mark_test
