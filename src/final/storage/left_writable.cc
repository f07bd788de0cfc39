// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/left_writable.h"

#include <algorithm>
#include <set>
#include <utility>

#include "final/storage/dead_devices.h"
#include "final/storage/flush.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "final/storage/storage_graph.h"

namespace curfew {
namespace {

constexpr const char* kWhatNow = "; processes are ended and disks made read-only again";

}  // namespace

void LeftWritable::Look(const std::string& hook) {
  auto now = Read();
  if (now == now_) return;
  now_ = std::move(now);
  std::map<std::string, Left> left;
  for (const Mount& mount : Opened()) {
    const auto known = left_.find(mount.device);
    left[mount.device] = {mount.target, known == left_.end() ? hook : known->second.hook};
  }
  left_ = std::move(left);
}

bool LeftWritable::Tell() {
  const bool unknown = now_.empty() && !before_.empty();
  if (unknown)
    context_.report.Say(std::string("/proc/self/mountinfo cannot be read after the hooks") +
                        kWhatNow);
  for (const auto& [device, left] : left_) {
    context_.report.Say("hook " + left.hook + " left " + left.target + " writable" + kWhatNow);
    context_.report.Event("writable", {{"target", left.target}, {"hook", left.hook}});
  }
  const bool hidden = TellHidden();
  if (!unknown && left_.empty() && !hidden && !LivingDiskIsWritable()) return false;
  Settle(context_, ParseMountInfo(before_));
  return true;
}

/// Empty if mountinfo could not be read before the hooks.
std::vector<Mount> LeftWritable::Opened() {
  if (before_.empty()) return {};
  std::set<std::string> before;
  for (const Mount& mount : WritableMounts(context_.kernel, ParseMountInfo(before_)))
    before.insert(mount.device);
  auto opened = WritableMounts(context_.kernel, ParseMountInfo(now_));
  std::erase_if(opened, [&](const Mount& mount) { return before.contains(mount.device); });
  return opened;
}

/// Those from before the hooks have been forced, and are settled by their names.
bool LeftWritable::TellHidden() {
  auto hidden = HiddenFileSystems(context_.kernel, ReadStorage(context_.kernel));
  std::erase_if(hidden, [&](const auto& found) { return context_.settled.contains(found.name); });
  for (const HiddenFileSystem& found : hidden)
    context_.report.Say("a hook left " + found.name + " in use where halt cannot see it" +
                        kWhatNow);
  return !hidden.empty();
}

/// A hook may have written to a disk that could not be made read-only before it.
bool LeftWritable::LivingDiskIsWritable() {
  auto disks = ParseMountInfo(now_);
  std::erase_if(disks, [](const Mount& mount) { return !HasDisk(mount) || mount.SuperReadOnly(); });
  if (disks.empty()) return false;
  const DeadDevices dead(context_);
  return std::any_of(disks.begin(), disks.end(),
                     [&](const Mount& disk) { return !dead.Contains(disk.device); });
}

}  // namespace curfew
