// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/unwritten.h"

#include <sys/mount.h>

#include <algorithm>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "final/storage/stack.h"
#include "kernel/in_child.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kDebugfs = "/sys/kernel/debug";
constexpr const char* kFigures = "/sys/kernel/debug/bdi";
/// Sectors of stat are of 512 bytes, whatever the disk's are (Linux Documentation/block/stat.rst).
constexpr std::uint64_t kSectorsInKib = 2;
constexpr std::size_t kSectorsWritten = 6;

/// The disk of a partition; another device itself. The kernel counts dirty pages by disk.
const BlockDevice* WholeDisk(const StorageGraph& graph, const std::string& number) {
  const BlockDevice* device = graph.FindNumber(number);
  if (!device || device->below.size() != 1) return device;
  const BlockDevice* below = graph.FindDevice(device->below[0]);
  return below && device->name.starts_with(below->name) ? below : device;
}

/// mm/backing-dev.c: "BdiWriteback: N kB", and dirty pages as "BdiReclaimable: N kB".
std::optional<std::uint64_t> Figure(Files& files, const std::string& number) {
  const auto stats = files.Read(kFigures + ("/" + number) + "/stats");
  if (!stats) return std::nullopt;
  const auto writeback = NumberAfter(stats.value, "BdiWriteback");
  const auto dirty = NumberAfter(stats.value, "BdiReclaimable");
  if (!writeback || !dirty) return std::nullopt;
  return *writeback + *dirty;
}

/// Whether another file system than `device` is on a partition of this disk.
bool IsShared(const StorageGraph& graph, const BlockDevice& disk, const std::string& device) {
  return std::any_of(graph.mounts.begin(), graph.mounts.end(), [&](const Mount& mount) {
    return mount.device != device && HasDisk(mount) && WholeDisk(graph, mount.device) == &disk;
  });
}

std::optional<std::uint64_t> SectorsWritten(Files& files, const std::string& number) {
  const std::string stat = files.Read("/sys/dev/block/" + number + "/stat").value;
  const auto fields = WordViews(stat);
  if (fields.size() <= kSectorsWritten) return std::nullopt;
  return ParseNumber<std::uint64_t>(fields[kSectorsWritten]);
}

}  // namespace

Unwritten UnwrittenOf(Files& files, const StorageGraph& graph, const std::string& device) {
  if (const auto own = Figure(files, device)) {
    const BlockDevice* disk = graph.FindNumber(device);
    if (!disk || !IsShared(graph, *disk, device)) return {*own, Unwritten::kOwn};
    return {*own, Unwritten::kDisk, disk->name};
  }
  if (const BlockDevice* disk = WholeDisk(graph, device)) {
    if (const auto all = Figure(files, disk->number)) {
      if (!IsShared(graph, *disk, device)) return {*all, Unwritten::kOwn};
      return {*all, Unwritten::kDisk, disk->name};
    }
  }
  return {UnwrittenKib(files), Unwritten::kMachine};
}

std::optional<std::uint64_t> WrittenKib(Files& files, const StorageGraph& graph,
                                        const std::string& device) {
  if (const auto sectors = SectorsWritten(files, device)) return *sectors / kSectorsInKib;
  std::optional<std::uint64_t> sum;
  for (const std::string& number : graph.Below(device))
    if (const auto sectors = SectorsWritten(files, number))
      sum = sum.value_or(0) + *sectors / kSectorsInKib;
  return sum;
}

void EnsureDebugfs(Kernel& kernel) {
  // The directory is there without the file system, and then it is empty.
  const auto names = kernel.List(kDebugfs);
  if (!names || !names.value.empty()) return;
  (void)InChild(kernel, limits::kDebugfs, [&] {
    return kernel.Mount("debugfs", kDebugfs, "debugfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "");
  });
}

}  // namespace curfew
