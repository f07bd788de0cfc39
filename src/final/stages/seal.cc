// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "config/limits.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/flush.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/stack.h"
#include "final/storage/storage_graph.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr const char* kFrozen = "it is frozen";
constexpr const char* kShutDown = "it is shut down, its log is on the disk";

/// Ends the writing to what no stage could make read-only.
class Sealing {
 public:
  explicit Sealing(StageContext& context)
      : context_(context),
        kernel_(context.kernel),
        graph_(ReadStorage(kernel_)),
        dead_(context),
        progress_(context, graph_, "sealing"),
        limits_(kernel_, graph_) {}

  /// Whether a file system was changed.
  bool Run() {
    Force();
    for (const auto& step : graph_.CarriedFirst(Writable())) Seal(step);
    return changed_;
  }

 private:
  /// One mount of each file system on a disk that takes writes and whose device answers.
  std::vector<Mount> Writable() const {
    auto disks = WritableDisks(graph_.mounts, graph_.mounts);
    std::erase_if(disks, [&](const Mount& mount) { return dead_.Contains(mount.device); });
    return disks;
  }

  /// The read-only stage has forced all that it saw, and lists what resisted. What is not on its
  /// list became writable since.
  void Force() {
    auto fresh = Writable();
    std::erase_if(
        fresh, [&](const Mount& mount) { return context_.left_writable.contains(mount.target); });
    if (fresh.empty()) return;
    const bool asked = ForceReadOnly(context_);
    graph_ = ReadStorage(kernel_);
    for (const Mount& mount : fresh) {
      const auto now = std::find_if(graph_.mounts.begin(), graph_.mounts.end(),
                                    [&](const Mount& other) { return other.id == mount.id; });
      const bool done = now == graph_.mounts.end() || now->SuperReadOnly();
      changed_ = changed_ || done;
      if (done)
        context_.report.Say(mount.target + " was writable again; it is read-only, by force");
      else
        context_.left_writable[mount.target] =
            asked ? "the kernel cannot make it read-only" : "the kernel cannot be asked by force";
      context_.report.Event("read-only", {{"target", mount.target}, {"done", done ? "1" : "0"}});
    }
  }

  void Seal(std::vector<Mount> step) {
    std::erase_if(step, [&](const Mount& mount) { return !MayEnd(mount); });
    const auto frozen = Each(step, [&](const Mount& mount) { return FreezeMount(kernel_, mount); });
    std::vector<Mount> refused;
    for (std::size_t i = 0; i < step.size(); ++i) {
      if (frozen[i])
        refused.push_back(step[i]);
      else
        Sealed(step[i], kFrozen, "frozen");
    }
    if (!refused.empty()) ShutDown(std::move(refused));
  }

  /// What cannot be frozen: its type has no freeze, or a process is stuck in a write. Pages that
  /// the shutdown would drop are written first.
  void ShutDown(std::vector<Mount> mounts) {
    Beat(context_);  // A freeze that had its limit was a step, too.
    (void)SyncEach(context_, graph_, mounts, &dead_,
                   [](const Mount&) { return std::error_code(); });
    std::erase_if(mounts, [&](const Mount& mount) { return dead_.Contains(mount.device); });
    const auto errors =
        Each(mounts, [&](const Mount& mount) { return ShutDownMount(kernel_, mount); });
    for (std::size_t i = 0; i < mounts.size(); ++i) {
      if (!errors[i])
        Sealed(mounts[i], kShutDown, "shut down");
      else if (errors[i] == std::errc::timed_out)
        dead_.Add(mounts[i]);
      else
        Tell(mounts[i], "stays writable", "it can neither be frozen nor shut down");
    }
  }

  /// Whether nothing that goes on needs this file system.
  bool MayEnd(const Mount& mount) const {
    const auto carries = [&](const std::string& number) {
      return number != mount.device && graph_.CarriersOf(number).contains(mount.device);
    };
    if (CoverOf(mount, graph_.mounts)) return false;
    for (const Mount& other : graph_.mounts) {
      // This process and PID 1 read from there, and may have to write.
      const bool needed = other.target == "/" || other.target == "/usr";
      if (needed && (other.device == mount.device || carries(other.device))) return false;
      if (carries(other.device) && !other.SuperReadOnly() && !safe_.contains(other.device))
        return false;
    }
    // At reboot(2) the kernel writes to an array once more, and waits for that; other devices that
    // still stand on it may do so, too.
    return std::none_of(graph_.devices.begin(), graph_.devices.end(),
                        [&](const BlockDevice& device) {
                          return carries(device.number) && !device.name.starts_with("loop");
                        });
  }

  std::vector<std::error_code> Each(const std::vector<Mount>& mounts,
                                    const std::function<std::error_code(const Mount&)>& call) {
    return EachInChild(
        kernel_, {.count = mounts.size(),
                  .limit = limits::kDisk,
                  .limit_of = [&](std::size_t i) { return limits_.Of(mounts[i].device); },
                  .call = [&](std::size_t i) { return call(mounts[i]); },
                  .resource = [&](std::size_t i) { return mounts[i].device; },
                  .made_progress = [&](std::size_t i) { return progress_.Made(mounts[i].device); },
                  .needs_child = [](std::size_t) { return true; }});
  }

  void Sealed(const Mount& mount, const std::string& how, const char* event) {
    safe_.insert(mount.device);
    changed_ = true;
    Tell(mount, "takes no more writes", how);
    context_.report.Event("sealed", {{"target", mount.target}, {"how", event}});
  }

  /// It is not clean in the sense of read-only, and the closing line says what it is. What the
  /// read-only stage has said is not said again.
  void Tell(const Mount& mount, const std::string& what, const std::string& why) {
    std::string& known = context_.left_writable[mount.target];
    if (known.ends_with(why)) return;
    known += (known.empty() ? "" : "; ") + why;
    context_.report.Say(DeviceText(graph_, mount) + " (" + mount.target + ") " + what + ": " + why);
  }

  StageContext& context_;
  Kernel& kernel_;
  StorageGraph graph_;
  DeadDevices dead_;
  DeviceProgress progress_;
  DeviceLimits limits_;
  std::set<std::string> safe_;  ///< Devices whose file systems take no more writes.
  bool changed_ = false;
};

}  // namespace

void SealStage(StageContext& context) {
  if (!context.request.last) return;
  // What was changed may be in the write cache of a disk.
  if (Sealing(context).Run()) FlushStage(context);
}

}  // namespace curfew
