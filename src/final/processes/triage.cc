// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/triage.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/fuse.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// After so many that did not answer no more are looked at.
constexpr int kMostLate = 3;
/// More are counted, and neither looked at nor named.
constexpr std::size_t kMostNamed = 20;
/// No real stack of devices is deeper.
constexpr int kMostLevels = 8;

/// Which file systems the function of the kernel belongs to in which a process waits.
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
  // Not nfsd and the like, which are of the kernel's own.
  if (!IsNetwork(mount, {}) && !IsFuse(mount)) return false;
  return std::any_of(std::begin(kCodes), std::end(kCodes), [&](const Code& code) {
    return wait.starts_with(code.prefix) && mount.type.starts_with(code.type);
  });
}

/// Everything that a process has open by name. readlink(2) on these touches no file system.
std::vector<std::string> PlacesOf(Kernel& kernel, pid_t pid) {
  const auto dir = "/proc/" + std::to_string(pid);
  std::vector<std::string> places;
  for (const char* link : {"/cwd", "/root", "/exe"})
    places.push_back(kernel.ReadLink(dir + link).value);
  for (const auto& name : kernel.List(dir + "/fd").value)
    places.push_back(kernel.ReadLink(dir + "/fd/" + name).value);
  return places;
}

const Mount* MountOf(const std::vector<Mount>& mounts, const std::string& path) {
  const Mount* found = nullptr;
  for (const auto& mount : mounts) {
    const bool holds = mount.target == "/" ? path.starts_with("/") : IsWithin(path, mount.target);
    if (holds && (!found || mount.target.size() >= found->target.size())) found = &mount;
  }
  return found;
}

bool IsSuspended(Kernel& kernel, const std::string& dir, int levels = kMostLevels) {
  if (kernel.Read(dir + "/dm/suspended").value.starts_with('1')) return true;
  if (levels == 0) return false;
  const auto below = kernel.List(dir + "/slaves").value;
  return std::any_of(below.begin(), below.end(), [&](const std::string& name) {
    return IsSuspended(kernel, "/sys/block/" + name, levels - 1);
  });
}

}  // namespace

const Mount* Triage::Guess(const std::vector<Mount>& mounts, const std::string& wait, pid_t pid) {
  std::vector<std::string> places;
  if (late_ < kMostLate) {
    auto answer = StringsFromChild(context_.kernel, limits::kProcessFiles,
                                   [&] { return PlacesOf(context_.kernel, pid); });
    if (!answer) ++late_;
    places = std::move(answer.value);
  }
  const Mount* likely = nullptr;
  for (const auto& place : places) {
    const Mount* mount = MountOf(mounts, place);
    if (!mount) continue;
    if (WaitsIn(wait, *mount)) return mount;
    const bool stored = HasDisk(*mount) || IsFuse(*mount) || IsNetwork(*mount, {});
    // Nearly everybody has something open on the root.
    if (stored && (!likely || likely->target == "/")) likely = mount;
  }
  std::vector<const Mount*> only;
  for (const auto& mount : mounts)
    if (WaitsIn(wait, mount)) only.push_back(&mount);
  return only.size() == 1 ? only[0] : likely;
}

/// Whether somebody may end by it.
bool Triage::GiveUp(const Mount& mount, const std::string& wait) {
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

Triage::Finding Triage::Find(const ProcessInfo& process, const std::vector<Mount>& mounts,
                             bool* freed) {
  Finding finding;
  finding.wait = context_.kernel.Read("/proc/" + std::to_string(process.pid) + "/wchan").value;
  if (finding.wait.empty() || finding.wait == "0") finding.wait = "?";
  if (process.state != 'D') return finding;
  const Mount* mount = Guess(mounts, finding.wait, process.pid);
  if (!mount) return finding;
  finding.target = mount->target;
  if (GiveUp(*mount, finding.wait)) *freed = true;
  return finding;
}

bool Triage::Judge(const std::map<pid_t, Victim>& living) {
  if (living.empty()) return false;
  const auto mounts = ReadMounts(context_.kernel);
  bool freed = false;
  for (const auto& [pid, victim] : living) {
    if (findings_.size() >= kMostNamed) break;
    findings_[pid] = Find(victim.process, mounts, &freed);
  }
  return freed;
}

void Triage::Report(const std::map<pid_t, Victim>& living) {
  std::size_t named = 0;
  for (const auto& [pid, victim] : living) {
    if (named == kMostNamed) break;
    ++named;
    const auto& finding = findings_[pid];
    const std::string state(1, victim.process.state);
    context_.report.Say(victim.process.Label() + " does not end: " + state + " " + finding.wait +
                        (finding.target.empty() ? "" : " on " + finding.target));
    context_.report.Event("survivor", {{"pid", std::to_string(pid)},
                                       {"name", victim.process.name},
                                       {"state", state},
                                       {"wchan", finding.wait},
                                       {"target", finding.target}});
  }
  if (living.size() > named)
    context_.report.Say(std::to_string(living.size() - named) + " more do not end");
}

}  // namespace curfew
