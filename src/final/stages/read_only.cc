// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "config/limits.h"
#include "final/context/say.h"
#include "final/guard/trace_writer.h"
#include "final/processes/end_unneeded.h"
#include "final/processes/hidden_holders.h"
#include "final/processes/mount_holders.h"
#include "final/processes/stop_writers.h"
#include "final/stages/clean_mark.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "final/storage/mark_check.h"
#include "final/storage/mount_calls.h"
#include "final/storage/mount_plan.h"
#include "final/storage/settled_mounts.h"
#include "final/storage/storage_graph.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// Time between two looks at the libraries of PID 1.
constexpr milliseconds kLibraryPoll{10};

/// A request as sysvinit's <initreq.h> has it: 384 bytes on /run/initctl.
struct InitRequest {
  std::int32_t magic = 0x03091969;
  std::int32_t command = 1;  ///< INIT_CMD_RUNLVL
  std::int32_t runlevel = 'U';
  std::int32_t sleep_time = 3;  ///< Seconds; init's own default.
  char data[368] = {};
};
static_assert(sizeof(InitRequest) == 384);

/// Whether the text of /proc/PID/maps names a deleted file, which keeps its file system writable.
/// Memory that only looks like a file (memfd, SysV shared memory, /dev/zero) does not.
bool MapsDeletedFile(std::string_view maps) {
  constexpr std::array<std::string_view, 4> kNoFiles{"/memfd:", "/SYSV", "/dev/", "/[aio]"};
  for (const std::string_view line : Lines(maps)) {
    auto slash = line.find('/');
    if (slash == std::string_view::npos || !line.ends_with(" (deleted)")) continue;
    bool file = true;
    for (auto prefix : kNoFiles) file = file && !line.substr(slash).starts_with(prefix);
    if (file) return true;
  }
  return false;
}

/// Whether PID 1 maps a deleted file. A child reads /proc/1/maps, which waits for PID 1's memory
/// lock.
Result<bool> InitMapsDeleted(Kernel& kernel) {
  return InChild(kernel, limits::kInitReexec, [&] {
    const auto maps = kernel.Read("/proc/1/maps");
    return maps ? Result<bool>(MapsDeletedFile(maps.value)) : maps.error;
  });
}

/// An upgraded libc leaves PID 1 with deleted files. Asks sysvinit to execute itself anew (`telinit
/// u`) and waits up to 1 s until PID 1 maps none.
void RenewInit(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto stale = InitMapsDeleted(kernel);
  if (!stale && !IsGone(stale.error))
    context.report.Say("init's libraries cannot be checked: " + stale.error.message());
  if (!stale.value) return;
  InitRequest request;
  std::string bytes(sizeof request, '\0');
  std::memcpy(bytes.data(), &request, sizeof request);
  if (InChild(kernel, limits::kInitReexec, [&] { return kernel.Write("/run/initctl", bytes); }))
    return;
  // --fast has stopped PID 1. An init that does not read the FIFO stays stopped.
  (void)kernel.Kill(1, SIGCONT);
  const auto end = kernel.Now() + limits::kInitReexec;
  while (!stale || stale.value) {
    if (kernel.Now() >= end) {
      context.report.Say("init still uses deleted files; / may stay writable");
      return;
    }
    kernel.Poll({}, kLibraryPoll);
    stale = InitMapsDeleted(kernel);
  }
}

/// The mount that the path reaches, which is the last one there. Null: none.
const Mount* Top(const std::vector<Mount>& mounts, const std::string& target) {
  auto found = std::find_if(mounts.rbegin(), mounts.rend(),
                            [&](const Mount& mount) { return mount.target == target; });
  return found == mounts.rend() ? nullptr : &*found;
}

/// Makes what is still writable read-only, the carried before the carrier.
class ReadOnlyPass {
 public:
  explicit ReadOnlyPass(StageContext& context)
      : context_(context),
        kernel_(context.kernel),
        graph_(ReadStorage(kernel_)),
        dead_(context),
        marks_(context, dead_),
        progress_(context, graph_, "making read-only"),
        limits_(kernel_, graph_) {}

  void Run() {
    for (const auto& step : Steps()) MakeReadOnly(step);
    Look();
    for (Try& tried : tries_)
      if (!tried.safe && MayFreeze(tried)) tried.frozen = tried.safe = Freeze(tried.mount);
    NameHolders();
    if (context_.request.last && !context_.request.container) Force();
    for (const Try& tried : tries_)
      if (!WaitsForLast(tried)) Tell(tried);
    std::set<std::string> frozen;
    for (const Try& tried : tries_)
      if (tried.frozen) frozen.insert(tried.mount.device);
    marks_.Prove(frozen);
  }

 private:
  /// One file system, and what became of it.
  struct Try {
    Mount mount;
    std::error_code error;
    bool safe = false;  ///< No later write can be lost: it is read-only, or frozen.
    bool frozen = false;
    bool forced = false;
    std::string holders = {};
    std::vector<ProcessInfo> writers = {};  ///< The processes of `holders`.
    std::string cover = {};  ///< Mount point of what keeps calls by its path from it.
  };

  /// Whether the mount takes writes. A container owns its mounts, but no superblock. Elsewhere the
  /// superblock alone counts: its journal is open also below a mount that is read-only.
  bool Writable(const Mount& mount) const {
    return context_.request.container ? !mount.ReadOnly() : !mount.SuperReadOnly();
  }

  /// The writable disks that no stage may unmount or could, /usr, and /, which holds the other
  /// mount points and goes after all that does not carry it.
  std::vector<std::vector<Mount>> Steps() const {
    const Mount* root = Top(graph_.mounts, "/");
    const Mount* usr = Top(graph_.mounts, "/usr");
    const auto below_root = root ? graph_.CarriersOf(root->device) : std::set<std::string>();
    std::vector<Mount> first, last;
    auto wanted = [&](const Mount& mount) {
      return Writable(mount) && !IsSettled(context_, mount);
    };
    auto add = [&](const Mount& mount) {
      (below_root.contains(mount.device) ? last : first).push_back(mount);
    };
    if (!context_.request.container)
      for (const Mount& mount : WritableDisks(graph_.mounts, graph_.mounts))
        if (wanted(mount) && !(root && mount.device == root->device) &&
            !(usr && mount.device == usr->device))
          add(mount);
    if (usr && wanted(*usr) && !(root && usr->device == root->device)) add(*usr);
    auto steps = graph_.CarriedFirst(std::move(first));
    if (root && wanted(*root)) steps.push_back({*root});
    for (auto& step : graph_.CarriedFirst(std::move(last))) steps.push_back(std::move(step));
    return steps;
  }

  /// Remounts the file systems of one step; those on different devices beside each other. Not one
  /// that is covered: the call would be about another.
  void MakeReadOnly(const std::vector<Mount>& step) {
    marks_.Watch(step, graph_);
    std::vector<Mount> asked;
    for (const Mount& mount : step) {
      const Mount* cover = CoverOf(mount, graph_.mounts);
      if (dead_.Contains(mount.device))
        tries_.push_back({mount, std::make_error_code(std::errc::timed_out)});
      else if (cover)
        tries_.push_back({.mount = mount,
                          .error = std::make_error_code(std::errc::no_such_file_or_directory),
                          .cover = cover->target});
      else
        asked.push_back(mount);
    }
    const auto errors = EachInChild(
        kernel_, {.count = asked.size(),
                  .limit = limits::kDisk,
                  .limit_of = [&](std::size_t i) { return limits_.Of(asked[i].device); },
                  .call = [&](std::size_t i) { return Remount(asked[i]); },
                  .resource = [&](std::size_t i) { return asked[i].device; },
                  .timed_out = [&](std::size_t i) { dead_.Add(asked[i]); },
                  .made_progress = [&](std::size_t i) { return progress_.Made(asked[i].device); }});
    ReportWriteErrors(context_, asked, errors);
    for (std::size_t i = 0; i < asked.size(); ++i) tries_.push_back({asked[i], errors[i]});
  }

  std::error_code Remount(const Mount& mount) const {
    const auto error = curfew::MakeReadOnly(kernel_, mount);
    const bool refused = error == std::errc::operation_not_permitted;
    return refused && context_.request.container ? BindReadOnly(kernel_, mount) : error;
  }

  /// What counts is what the kernel shows now, not what the call returned.
  void Look() {
    for (const Mount& mount : ReadMounts(kernel_)) {
      if (!Writable(mount)) context_.left_writable.erase(mount.target);
      for (Try& tried : tries_)
        if (tried.mount.id == mount.id) tried.safe = tried.frozen || !Writable(mount);
    }
  }

  /// Whether a device keeps it busy that only the last halt takes down, such as device mapper on a
  /// loop file of it.
  bool WaitsForLast(const Try& tried) const {
    return !context_.request.last && !tried.safe &&
           tried.error == std::errc::device_or_resource_busy &&
           graph_.HasDeviceOn(tried.mount.device);
  }

  /// A disk that is busy, for example by a swap file that stays on. Not / and /usr, and not what
  /// carries them: this process needs them. Not what carries something that is writable still: what
  /// that has yet to write would wait for ever.
  bool MayFreeze(const Try& tried) const {
    if (context_.request.container || WaitsForLast(tried) ||
        tried.error != std::errc::device_or_resource_busy)
      return false;
    const auto& number = tried.mount.device;
    auto carries = [&](const Mount& mount) {
      return mount.device == number || graph_.CarriersOf(mount.device).contains(number);
    };
    for (const char* target : {"/", "/usr"})
      if (const Mount* mount = Top(graph_.mounts, target); mount && carries(*mount)) return false;
    return std::none_of(tries_.begin(), tries_.end(), [&](const Try& other) {
      return !other.safe && other.mount.device != number && carries(other.mount);
    });
  }

  /// The kernel closes the journal as for a snapshot, and later writes wait.
  bool Freeze(const Mount& mount) {
    const auto error =
        EachInChild(kernel_,
                    {.count = 1,
                     .limit = limits_.Of(mount.device),
                     .call = [&](std::size_t) { return FreezeMount(kernel_, mount); },
                     .made_progress = [&](std::size_t) { return progress_.Made(mount.device); }})
            .at(0);
    return !error;
  }

  /// Before force makes them harmless.
  void NameHolders() {
    std::vector<Mount> busy;
    for (const Try& tried : tries_)
      if ((!tried.safe || tried.frozen) && !dead_.Contains(tried.mount.device))
        busy.push_back(tried.mount);
    const MountHolders holders(context_, graph_, busy, HolderUse::kWriting);
    for (Try& tried : tries_) {
      tried.holders = holders.Of(tried.mount);
      tried.writers = holders.Processes(tried.mount);
    }
  }

  /// The last rung: no script follows that could end whoever keeps a file system writable. A device
  /// that does not answer is no reason: the kernel would wait for it.
  void Force() {
    auto hidden = HiddenFileSystems(kernel_, graph_);
    std::erase_if(hidden, [&](const auto& found) {
      return !context_.settled.insert(found.name).second;  // Forced before the hooks.
    });
    auto left = [&](const Try& tried) {
      return !tried.safe && !dead_.Contains(tried.mount.device);
    };
    if (hidden.empty() && std::none_of(tries_.begin(), tries_.end(), left)) return;
    for (Try& tried : tries_) {
      tried.forced = left(tried);
      if (tried.forced) StopWriters(context_, tried.writers);
    }
    const bool forced = ForceReadOnly(context_);
    Look();
    for (const auto& [name, number] : hidden) {
      const auto holders = HiddenHolders(context_, graph_, number);
      context_.report.Say(name + " is in use where halt cannot see it" +
                          (holders.empty() ? "; " : ", by " + holders + "; ") +
                          (forced ? "it is made read-only by force" : "it is left alone"));
      context_.report.Event("hidden", {{"name", name}, {"forced", forced ? "1" : "0"}});
      if (!forced)
        context_.left_writable[name] = "in use" + (holders.empty() ? "" : " by " + holders);
    }
    if (forced) marks_.Prove(hidden);
  }

  void Tell(const Try& tried) const {
    const auto& target = tried.mount.target;
    const bool done = tried.safe && !tried.frozen;
    std::string reason = "the kernel still shows it writable";
    // EROFS: a file system may refuse every change once it has found an error in itself.
    const bool refused = tried.error == std::errc::read_only_file_system;
    if (dead_.Contains(tried.mount.device))
      reason = "its device does not answer";
    else if (!tried.cover.empty())
      reason = "the mount " + tried.cover + " covers it";
    else if (tried.error)
      reason = refused ? "its file system refuses every change" : tried.error.message();
    if (!tried.holders.empty()) reason += ", by " + tried.holders;
    if (tried.frozen) reason += "; it is frozen";
    if (done && !tried.forced)
      SayWell(context_, target + " is read-only");
    else
      context_.report.Say(target + (done ? " is read-only, by force: " : " is NOT read-only: ") +
                          reason);
    context_.report.Event("read-only", {{"target", target}, {"done", done ? "1" : "0"}});
    if (!done) context_.left_writable.emplace(target, reason);
  }

  StageContext& context_;
  Kernel& kernel_;
  const StorageGraph graph_;
  DeadDevices dead_;
  MarkCheck marks_;
  DeviceProgress progress_;
  DeviceLimits limits_;
  std::vector<Try> tries_;
};

/// Without /proc nothing shows the mounts: / alone is remounted, and only the call's answer tells.
void RemountUnseen(StageContext& context) {
  Kernel& kernel = context.kernel;
  Mount root;
  root.target = "/";
  const auto error = InChild(kernel, limits::kDisk, [&] {
    return context.request.container ? BindReadOnly(kernel, root) : RemountReadOnly(kernel, root);
  });
  context.report.Say("/proc/self/mountinfo cannot be read; / is " +
                     (error ? "NOT read-only: " + error.message() : "read-only"));
  context.report.Event("read-only", {{"target", "/"}, {"done", error ? "0" : "1"}});
  if (error) context.left_writable["/"] = error.message();
  context.left_writable["other file systems"] = "/proc/self/mountinfo cannot be read";
}

}  // namespace

void ReadOnlyStage(StageContext& context) {
  LeaveCleanMark(context);
  CloseKeptTrace(context, /*before_unmount=*/false);
  EndUnneeded(context);
  RenewInit(context);
  if (ReadMounts(context.kernel).empty()) return RemountUnseen(context);
  ReadOnlyPass(context).Run();
}

}  // namespace curfew
