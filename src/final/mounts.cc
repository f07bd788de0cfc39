// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/mounts.h"

#include <sys/mount.h>

#include <algorithm>

#include "final/each_in_child.h"
#include "final/loop.h"
#include "final/mount_plan.h"
#include "final/network_mounts.h"
#include "final/remount.h"
#include "final/swap.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLocalLimit{10000};

/// One run of the unmount stage: passes over what is left, until a pass changes nothing.
class Unmounter {
 public:
  explicit Unmounter(StageContext& context)
      : context_(context), kernel_(context.kernel), netdev_(ReadNetdevTargets(context.kernel)) {}

  void Run() {
    for (std::string before;;) {
      Look();
      if (candidates_.empty() && loops_.empty() && swaps_.empty()) return;
      auto now = Fingerprint();
      if (now == before) break;
      before = now;
      Pass();
    }
    ReportLeft();
  }

 private:
  void Look() {
    mounts_ = ReadMounts(kernel_);
    candidates_ = Unmountable(mounts_);
    std::erase_if(candidates_, [&](const Mount& mount) {
      return given_up_.contains(mount.id) || dead_.contains(mount.device);
    });
    if (context_.request.container) return;
    swaps_.clear();
    for (const auto& area : ParseSwaps(kernel_.Read("/proc/swaps").value))
      if (area.Pins()) swaps_.push_back(area.path);
    loops_ = AttachedLoops(kernel_);
    // What carries a mount that stays (a live system's image, say) is left as it is.
    std::erase_if(loops_, [&](const std::string& loop) {
      return dead_.contains(loop) ||
             std::any_of(mounts_.begin(), mounts_.end(),
                         [&](const Mount& mount) { return mount.source == "/dev/" + loop; });
    });
  }

  /// Everything that a pass could change.
  std::string Fingerprint() {
    std::string text;
    for (const auto& mount : candidates_)
      text += std::to_string(mount.id) + (mount.SuperReadOnly() ? "r " : "w ");
    for (const auto& loop : loops_) text += loop + " ";
    for (const auto& swap : swaps_) text += swap + " ";
    return text;
  }

  void Pass() {
    std::vector<const Mount*> memory;
    std::vector<const Mount*> rest;
    for (const auto& mount : candidates_)
      (mount.type == "tmpfs" || mount.type == "ramfs" ? memory : rest).push_back(&mount);
    if (!context_.request.container) MakeReadOnly();
    // tmpfs before swap: its pages would be swapped in, and may not fit.
    Unmount(memory);
    if (!context_.request.container) SwapOffPinning(context_);
    Unmount(rest);
    DetachLoops(context_, loops_, &dead_);
  }

  /// First of all: it also reaches what other mount namespaces still hold, and makes the data safe
  /// even where the unmount then fails. A refusal (a loop or swap file inside) is tried again in
  /// the next pass.
  void MakeReadOnly() {
    auto disks = WritableDisks(candidates_, mounts_, netdev_);
    EachInChild(
        kernel_, disks.size(), kLocalLimit,
        [&](std::size_t i) {
          if (dead_.contains(disks[i].device)) return ECANCELED;
          return RemountReadOnly(kernel_, disks[i]).value();
        },
        [&](std::size_t i) { MarkDead(disks[i]); });
  }

  void Unmount(const std::vector<const Mount*>& mounts) {
    auto answers = EachInChild(
        kernel_, mounts.size(), kLocalLimit,
        [&](std::size_t i) {
          if (dead_.contains(mounts[i]->device)) return ECANCELED;
          return kernel_.Umount(mounts[i]->target, UMOUNT_NOFOLLOW).value();
        },
        [&](std::size_t i) { MarkDead(*mounts[i]); });
    // EINVAL: locked, because the mount belongs to the namespace above. It stays so.
    for (std::size_t i = 0; i < mounts.size(); ++i)
      if (answers[i] == EINVAL) given_up_.insert(mounts[i]->id);
  }

  void MarkDead(const Mount& mount) {
    dead_.insert(mount.device);
    context_.report.Say(mount.source + " (" + mount.target + ") does not answer; it is left alone");
    context_.report.Event("dead", {{"device", mount.device}, {"target", mount.target}});
  }

  void ReportLeft() {
    for (const auto& mount : candidates_) {
      context_.report.Say(mount.target + " is not unmounted: in use" +
                          (mount.ReadOnly() ? "; it is read-only" : ""));
      context_.report.Event("busy", {{"target", mount.target}, {"source", mount.source}});
    }
  }

  StageContext& context_;
  Kernel& kernel_;
  std::set<std::string> netdev_;
  std::vector<Mount> mounts_;
  std::vector<Mount> candidates_;
  std::vector<std::string> loops_;
  std::vector<std::string> swaps_;
  std::set<int> given_up_;
  std::set<std::string> dead_;  ///< Devices and loops that missed their limit.
};

}  // namespace

void UnmountStage(StageContext& context) {
  UnmountNetwork(context);
  Unmounter(context).Run();
}

bool UnmountFuse(StageContext& context) {
  auto mounts = Unmountable(ReadMounts(context.kernel));
  std::erase_if(mounts, [](const Mount& mount) { return !mount.type.starts_with("fuse"); });
  EachInChild(context.kernel, mounts.size(), kLocalLimit, [&](std::size_t i) {
    return context.kernel.Umount(mounts[i].target, UMOUNT_NOFOLLOW).value();
  });
  return !mounts.empty();
}

}  // namespace curfew
