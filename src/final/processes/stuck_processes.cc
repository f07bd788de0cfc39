// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/stuck_processes.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// After so many processes whose files could not be read in time no others are read.
constexpr int kMostUnanswered = 3;
/// Of more targets only the number is reported.
constexpr std::size_t kMostNamed = 20;
/// Levels of dm devices below a mount that are looked at; no real stack is higher.
constexpr int kMostLevels = 8;

/// Whether the kernel function `wait` is part of the code of this mount's file system.
bool WaitsIn(const std::string& wait, const Mount& mount) {
  struct Code {
    const char* prefix;
    const char* type;
  };
  constexpr Code kCodes[] = {{"nfs", "nfs"},   {"rpc", "nfs"},
                             {"cifs", "cifs"}, {"smb", "cifs"},
                             {"smb", "smb"},   {"ceph", "ceph"},
                             {"p9_", "9p"},    {"v9fs", "9p"},
                             {"fuse", "fuse"}, {"request_wait_answer", "fuse"}};
  // "nfsd" begins with "nfs", too, but is served by the kernel itself.
  if (!IsNetwork(mount, {}) && !IsFuse(mount)) return false;
  return std::any_of(std::begin(kCodes), std::end(kCodes), [&](const Code& code) {
    return wait.starts_with(code.prefix) && mount.type.starts_with(code.type);
  });
}

const Mount* MountOf(const std::vector<Mount>& mounts, const std::string& path) {
  const Mount* found = nullptr;
  for (const auto& mount : mounts) {
    if (IsWithin(path, mount.target) && (!found || mount.target.size() >= found->target.size()))
      found = &mount;
  }
  return found;
}

/// The mount points of `mounts` with the file systems that `places` lie on in the mount namespace
/// of the process, whose paths are not ours.
std::vector<std::string> PlacesHere(const std::vector<Mount>& theirs,
                                    const std::vector<Mount>& mounts,
                                    const std::vector<std::string>& places) {
  std::vector<std::string> here;
  for (const auto& place : places) {
    const Mount* there = MountOf(theirs, place);
    const auto same = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& mount) {
      return there && mount.device == there->device;
    });
    if (same != mounts.end()) here.push_back(same->target);
  }
  return here;
}

/// The names of all that a process has open. readlink(2) on these links asks no file system.
std::vector<std::string> PlacesOf(Files& files, pid_t pid, const std::vector<Mount>& mounts) {
  const auto dir = "/proc/" + std::to_string(pid);
  std::vector<std::string> places;
  for (const char* link : {"/cwd", "/root", "/exe"})
    places.push_back(files.ReadLink(dir + link).value);
  for (const auto& name : files.List(dir + "/fd").value)
    places.push_back(files.ReadLink(dir + "/fd/" + name).value);
  if (ForeignMountNamespace(files, pid).empty()) return places;
  return PlacesHere(ParseMountInfo(files.Read(dir + "/mountinfo").value), mounts, places);
}

bool IsSuspended(Files& files, const std::string& dir, int levels = kMostLevels) {
  if (files.Read(dir + "/dm/suspended").value.starts_with('1')) return true;
  if (levels == 0) return false;
  const auto below = files.List(dir + "/slaves").value;
  return std::any_of(below.begin(), below.end(), [&](const std::string& name) {
    return IsSuspended(files, "/sys/block/" + name, levels - 1);
  });
}

}  // namespace

const Mount* StuckProcesses::GuessMount(const std::vector<Mount>& mounts, const std::string& wait,
                                        pid_t pid) {
  std::vector<std::string> places;
  if (unanswered_ < kMostUnanswered) {
    auto answer = StringsFromChild(context_.kernel, limits::kProcessFiles,
                                   [&] { return PlacesOf(context_.kernel, pid, mounts); });
    if (!answer) ++unanswered_;
    places = std::move(answer.value);
  }
  const Mount* likely = nullptr;
  for (const auto& place : places) {
    const Mount* mount = MountOf(mounts, place);
    if (!mount) continue;
    if (WaitsIn(wait, *mount)) return mount;
    const bool stored = HasDisk(*mount) || IsFuse(*mount) || IsNetwork(*mount, {});
    // Nearly every process has a file open on /, which says little.
    if (stored && (!likely || likely->target == "/")) likely = mount;
  }
  std::vector<const Mount*> only;
  for (const auto& mount : mounts)
    if (WaitsIn(wait, mount)) only.push_back(&mount);
  return only.size() == 1 ? only[0] : likely;
}

bool StuckProcesses::GiveUp(const Mount& mount, const std::string& wait) {
  if (mount.target == "/" || mount.target == "/usr") return false;
  if (WaitsIn(wait, mount) && IsFuse(mount)) {
    if (!AbortFuse(context_.kernel, mount)) {
      context_.report.Say(mount.target + " is cut off from its daemon, which does not answer");
      return true;
    }
  } else if (!WaitsIn(wait, mount) &&
             !IsSuspended(context_.kernel, "/sys/dev/block/" + mount.device)) {
    return false;
  }
  DeadDevices(context_).Add(mount);
  return false;
}

StuckProcesses::Cause StuckProcesses::FindCause(const ProcessInfo& process,
                                                const std::vector<Mount>& mounts, bool* freed) {
  Cause cause;
  cause.wait = context_.kernel.Read("/proc/" + std::to_string(process.pid) + "/wchan").value;
  if (cause.wait.empty() || cause.wait == "0") cause.wait = "?";
  if (process.state != 'D') return cause;
  const Mount* mount = GuessMount(mounts, cause.wait, process.pid);
  if (!mount) return cause;
  cause.target = mount->target;
  if (GiveUp(*mount, cause.wait)) *freed = true;
  return cause;
}

bool StuckProcesses::Free(const std::map<pid_t, Target>& targets) {
  if (targets.empty()) return false;
  const auto mounts = ReadMounts(context_.kernel);
  bool freed = false;
  for (const auto& [pid, target] : targets) {
    if (causes_.size() >= kMostNamed) break;
    causes_[pid] = FindCause(target.process, mounts, &freed);
  }
  return freed;
}

void StuckProcesses::Report(const std::map<pid_t, Target>& targets) {
  std::size_t named = 0;
  for (const auto& [pid, target] : targets) {
    if (named == kMostNamed) break;
    ++named;
    const auto& cause = causes_[pid];
    const std::string state(1, target.process.state);
    context_.report.Say(
        target.process.Label() + " does not end: " + state + " " + cause.wait +
        (cause.target.empty() ? "" : " on " + cause.target) +
        (target.refused ? "; signals are refused: " + target.refused.message() : ""));
    context_.report.Event("survivor", {{"pid", std::to_string(pid)},
                                       {"name", target.process.name},
                                       {"state", state},
                                       {"wchan", cause.wait},
                                       {"target", cause.target}});
  }
  if (targets.size() > named)
    context_.report.Say(std::to_string(targets.size() - named) + " more do not end");
}

}  // namespace curfew
