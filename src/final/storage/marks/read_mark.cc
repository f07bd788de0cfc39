// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marks/read_mark.h"

#include "final/storage/marks/formats.h"

namespace curfew {
namespace {

struct Format {
  std::string_view type;
  Mark (*read)(const MarkReader& device, const MarkReader* log);
};

template <Mark (*kRead)(const MarkReader&)>
Mark WithoutLog(const MarkReader& device, const MarkReader*) {
  return kRead(device);
}

constexpr Format kFormats[] = {
    {"ext2", WithoutLog<ExtMark>},    {"ext3", WithoutLog<ExtMark>},
    {"ext4", WithoutLog<ExtMark>},    {"xfs", XfsMark},
    {"btrfs", WithoutLog<BtrfsMark>}, {"vfat", WithoutLog<VfatMark>},
    {"msdos", WithoutLog<VfatMark>},  {"f2fs", WithoutLog<F2fsMark>},
    {"md", WithoutLog<MdMark>},       {"dm-cache", WithoutLog<DmCacheMark>},
};

const Format* Find(std::string_view type) {
  for (const Format& format : kFormats)
    if (format.type == type) return &format;
  return nullptr;
}

}  // namespace

bool HasMark(std::string_view type) {
  return Find(type) != nullptr;
}

Mark ReadMark(std::string_view type, const MarkReader& device, const MarkReader* log) {
  const Format* format = Find(type);
  return format ? format->read(device, log) : kUnknownMark;
}

}  // namespace curfew
