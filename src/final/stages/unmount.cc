// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/mount.h>

#include <algorithm>
#include <map>

#include "config/limits.h"
#include "final/guard/trace_writer.h"
#include "final/processes/busy_report.h"
#include "final/processes/end_unneeded.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/fuse.h"
#include "final/storage/mark_check.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "final/storage/storage_graph.h"
#include "final/storage/swap.h"
#include "final/storage/teardown.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Disks whose servers have their files on served disks: more are unlikely. Ends also where
/// something starts a process each time.
constexpr int kMostRounds = 8;
/// Passes after which no fewer mounts and devices are there than before. Some become read-only in
/// one; an automounter, or a process that is spared, may mount anew what went, for ever.
constexpr int kMostFruitless = 20;

/// Unmounts local file systems, and turns off and takes down the swap areas and devices that stand
/// on them or below them, in passes until a pass changes nothing.
class UnmountPasses {
 public:
  explicit UnmountPasses(StageContext& context)
      : context_(context),
        kernel_(context.kernel),
        dead_(context),
        marks_(context, dead_),
        progress_(context, graph_, "unmounting") {}

  void Run() {
    std::size_t least = SIZE_MAX;
    int fruitless = 0;
    for (std::string before;;) {
      ReadState();
      if (candidates_.empty() && devices_.empty() && swaps_.empty()) break;
      const std::size_t count = graph_.mounts.size() + graph_.swaps.size() + ActiveDevices();
      if (count >= least && ++fruitless > kMostFruitless) break;
      least = std::min(least, count);
      auto now = Fingerprint();
      if (now != before)
        Pass();
      else if (!DetachCovers())
        break;
      before = now;
    }
  }

  /// Whether a mount or device is left that could go. What carries / and /usr, or is dead, is none.
  bool HasLeft() const { return !candidates_.empty() || !devices_.empty(); }

  void Report() {
    for (const std::string& line : swap_left_) context_.report.Say(line);
    ReportLeft();
    if (context_.request.last) ReportDevices();
  }

 private:
  void ReadState() {
    graph_ = ReadStorage(kernel_);
    candidates_ = Unmountable(graph_.mounts);
    const auto needed = CarriersOfRoot();
    std::erase_if(candidates_, [&](const Mount& mount) {
      return needed.contains(mount.device) || given_up_.contains(mount.id) ||
             dead_.Contains(mount.device) || IsSettled(context_, mount);
    });
    if (context_.request.container) return;
    std::erase_if(graph_.swaps, [&](const SwapArea& area) {
      const Mount* mount = graph_.MountOf(area.path);
      return mount && IsSettled(context_, *mount);
    });
    swaps_.clear();
    for (const auto& area : graph_.swaps)
      if (graph_.HoldsStorage(area) && !dead_.Carry(graph_, area)) swaps_.push_back(area.path);
    ReadDevices(needed);
  }

  std::size_t ActiveDevices() const {
    return std::count_if(graph_.devices.begin(), graph_.devices.end(),
                         [](const auto& device) { return device.active && device.IsMade(); });
  }

  /// The devices to take down: not one with a mounted file system, which may stay for ever, as a
  /// live system's image does. Before the last halt only loop devices, because scripts such as
  /// cryptdisks and udev still look after the others. A loop device that another device holds is
  /// detached all the same: the kernel does it when that one goes, maybe by such a script.
  void ReadDevices(const std::set<std::string>& needed) {
    const auto mounted = graph_.Mounted();
    const auto used = graph_.Used();
    devices_.clear();
    for (const BlockDevice& device : graph_.devices) {
      if (!device.active || !device.IsMade() || needed.contains(device.number)) continue;
      const bool loop = device.kind == DeviceKind::kLoop;
      if (loop ? mounted.contains(device.number)
               : !context_.request.last || device.suspended || used.contains(device.number))
        continue;
      if (!IsDead(device)) devices_.push_back(device);
    }
  }

  /// Or stands on one that is dead, for which its flush would wait.
  bool IsDead(const BlockDevice& device) const {
    if (dead_.Empty()) return false;
    const auto carriers = graph_.CarriersOf(device.number);
    return dead_.Contains("/dev/" + device.name) || dead_.Contains(device.number) ||
           (!device.file.empty() && dead_.Carry(graph_, device.file)) ||
           std::any_of(carriers.begin(), carriers.end(),
                       [&](const std::string& number) { return dead_.Contains(number); });
  }

  /// What / and /usr stand on: it can only become read-only.
  std::set<std::string> CarriersOfRoot() const {
    std::set<std::string> numbers;
    for (const Mount& mount : graph_.mounts)
      if (mount.target == "/" || mount.target == "/usr")
        numbers.merge(graph_.CarriersOf(mount.device));
    return numbers;
  }

  /// A text of everything that a pass can change.
  std::string Fingerprint() {
    std::string text;
    for (const auto& mount : candidates_)
      text += std::to_string(mount.id) + (mount.SuperReadOnly() ? "r " : "w ");
    for (const auto& device : devices_) text += device.name + " ";
    for (const auto& swap : swaps_) text += swap + " ";
    return text;
  }

  void Pass() {
    std::vector<const Mount*> memory;
    std::vector<const Mount*> rest;
    for (const auto& mount : candidates_)
      (mount.type == "tmpfs" || mount.type == "ramfs" ? memory : rest).push_back(&mount);
    if (!context_.request.container) MakeReadOnly();
    // tmpfs goes before swap: swapoff would read its pages back, and they may not fit.
    Unmount(memory);
    if (context_.request.last && !swaps_.empty()) DropSharedMemory();
    if (!context_.request.container) swap_left_ = SwapOffWhereNeeded(context_, graph_, &dead_);
    Uncover();
    Unmount(rest);
    marks_.Prove();
    DetachClosed();
    left_ = TakeDown(context_, graph_, devices_, &dead_);
    marks_.Prove(left_, graph_);
  }

  /// Nobody lives who could read it, and what it holds would keep swap on. What is busy all the
  /// same is detached, unless a disk is mounted below it.
  void DropSharedMemory() {
    std::vector<const Mount*> memory;
    const auto found = SharedMemory(graph_.mounts);
    for (const Mount& mount : found) memory.push_back(&mount);
    Unmount(memory);
    std::erase_if(memory, [&](const Mount* mount) {
      return !refused_[mount->id] ||
             std::any_of(graph_.mounts.begin(), graph_.mounts.end(), [&](const Mount& other) {
               return HasDisk(other) && IsWithin(other.target, mount->target);
             });
    });
    Unmount(memory, MNT_DETACH);
  }

  /// Makes `call` for each of `mounts`. Devices do not wait for each other; a device may take any
  /// time while it makes progress.
  std::vector<std::error_code> Each(const std::vector<const Mount*>& mounts,
                                    const std::function<std::error_code(const Mount&)>& call) {
    DeviceLimits device_limits(kernel_, graph_);
    return EachInChild(
        kernel_,
        {.count = mounts.size(),
         .limit = limits::kDisk,
         .limit_of = [&](std::size_t i) { return device_limits.Of(mounts[i]->device); },
         .call = [&](std::size_t i) { return call(*mounts[i]); },
         .resource = [&](std::size_t i) { return mounts[i]->device; },
         .timed_out = [&](std::size_t i) { dead_.Add(*mounts[i]); },
         .made_progress = [&](std::size_t i) { return progress_.Made(mounts[i]->device); }});
  }

  /// Comes before the unmounts, because it also works on what another mount namespace holds, and
  /// makes the data safe if the unmount then fails. The next pass tries again what was refused, for
  /// example because of a loop device or a swap file on it.
  void MakeReadOnly() {
    auto disks = WritableDisks(candidates_, graph_.mounts);
    marks_.Watch(disks, graph_);
    std::erase_if(disks, [&](const Mount& disk) { return CoverOf(disk, graph_.mounts); });
    std::vector<const Mount*> all;
    for (const auto& disk : disks) all.push_back(&disk);
    const auto errors =
        Each(all, [&](const Mount& mount) { return SyncAndMakeReadOnly(kernel_, mount); });
    ReportWriteErrors(context_, disks, errors);
    // A loop device may go with its mount.
    marks_.Prove();
  }

  void Unmount(std::vector<const Mount*> mounts, int flags = 0) {
    std::erase_if(mounts, [&](const Mount* mount) { return dead_.Contains(mount->device); });
    const auto errors =
        Each(mounts, [&](const Mount& mount) { return curfew::Unmount(kernel_, mount, flags); });
    for (std::size_t i = 0; i < mounts.size(); ++i) refused_[mounts[i]->id] = errors[i];
    // EINVAL: the mount belongs to the namespace above and cannot be unmounted here. That of a
    // covered one is about another directory.
    for (std::size_t i = 0; i < mounts.size(); ++i)
      if (errors[i] == std::errc::invalid_argument && !CoverOf(*mounts[i], graph_.mounts))
        given_up_.insert(mounts[i]->id);
  }

  /// What is busy and covers a writable disk is detached, so that the disk can be made read-only
  /// and unmounted. Returns whether something went.
  bool DetachCovers() {
    bool went = false;
    for (const Mount& disk : WritableDisks(candidates_, graph_.mounts)) {
      const Mount* cover = CoverOf(disk, graph_.mounts);
      if (!cover || !MayDetach(*cover) || !detached_.insert(cover->id).second) continue;
      Unmount({cover}, MNT_DETACH);
      went = went || !refused_[cover->id];
    }
    return went;
  }

  /// Whether nothing is at stake on this mount, nor on what would go with it, and a call by its
  /// path reaches it.
  bool MayDetach(const Mount& mount) const {
    auto at_stake = [&](const Mount& other) {
      return HasDisk(other) && !other.SuperReadOnly() && StandsOn(other, mount.id, graph_.mounts);
    };
    return std::any_of(candidates_.begin(), candidates_.end(),
                       [&](const Mount& other) { return other.id == mount.id; }) &&
           std::none_of(graph_.mounts.begin(), graph_.mounts.end(), at_stake) &&
           !CoverOf(mount, graph_.mounts);
  }

  /// Root may not look into a user's FUSE file system: what is mounted in there goes with it.
  void DetachClosed() {
    for (const Mount& mount : candidates_) {
      const bool closed = std::any_of(candidates_.begin(), candidates_.end(), [&](const Mount& m) {
        return m.parent == mount.id && refused_[m.id] == std::errc::permission_denied;
      });
      if (closed && IsFuse(mount)) Unmount({&mount}, MNT_DETACH);
    }
  }

  /// Forces dead mounts off that lie on a mount whose device answers, but no disk: it may answer
  /// later.
  void Uncover() {
    for (const auto& dead : Unmountable(graph_.mounts)) {
      if (HasDisk(dead)) continue;
      const bool covers = std::any_of(candidates_.begin(), candidates_.end(), [&](const Mount& m) {
        return m.id == dead.parent && !dead_.Contains(m.device);
      });
      if (covers && dead_.Contains(dead.device) && given_up_.insert(dead.id).second)
        ForceOff(context_, {dead});
    }
  }

  void ReportLeft() {
    std::vector<BusyMount> left;
    for (const Mount& mount : candidates_) left.push_back({mount, refused_[mount.id]});
    ReportBusy(context_, graph_, std::move(left));
  }

  /// What carries something that stays is not told: that is.
  void ReportDevices() {
    const auto used = graph_.Used();
    for (const auto& [device, error] : left_) {
      const bool stays = std::any_of(
          devices_.begin(), devices_.end(),
          [&, &device = device](const auto& other) { return other.name == device.name; });
      if (!stays || used.contains(device.number)) continue;
      context_.report.Say("busy: " + device.Title() + ": " + error.message());
      context_.report.Event("attached", {{"device", device.Title()}, {"error", error.message()}});
    }
  }

  StageContext& context_;
  Kernel& kernel_;
  StorageGraph graph_;
  std::vector<Mount> candidates_;
  std::vector<BlockDevice> devices_;
  std::vector<Teardown> left_;  ///< What the last pass tried to take down.
  std::vector<std::string> swaps_;
  std::vector<std::string> swap_left_;  ///< A line for each area that stayed on in the last pass.
  std::map<int, std::error_code> refused_;  ///< By mount id: the last answer.
  std::set<int> given_up_;                  ///< Mount ids that no pass tries again.
  std::set<int> detached_;                  ///< Ids of covers: each is tried once.
  DeadDevices dead_;
  MarkCheck marks_;
  DeviceProgress progress_;
};

}  // namespace

void UnmountStage(StageContext& context) {
  CloseKeptTrace(context, /*before_unmount=*/true);
  UnmountNetwork(context);
  UnmountPasses passes(context);
  passes.Run();
  // Who served what is unmounted by now may hold what that lay on: an nbd server its file.
  for (int round = 0; round < kMostRounds && passes.HasLeft() && EndUnneeded(context); ++round)
    passes.Run();
  passes.Report();
}

}  // namespace curfew
