// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/skip_list.h"

#include <algorithm>
#include <array>

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// The lists of Debian's sendsigs. "omit" is its word for skip.
constexpr const char* kSendsigsOmit = "/run/sendsigs.omit";
constexpr const char* kSendsigsOmitDir = "/run/sendsigs.omit.d";

/// Daemons of root that are skipped by name (comm, at most 15 bytes), because file systems need
/// them until the end.
constexpr std::string_view kSkippedNames[] = {
    "mdmon",   // A RAID with external metadata takes no write without it.
    "iscsid",  // An iSCSI disk that loses its connection does not come back without it.
    // A thin pool or a snapshot that is full takes no write until it has grown. SIGTERM does not
    // end this one while it watches a device.
    "dmeventd",
};

/// Bytes of an omit file. Any file of root's may be linked there.
constexpr std::size_t kMostOmit = 8192;

/// The pids in an omit file, as a child hands them over.
struct PidList {
  std::array<pid_t, kMostOmit / 2> pids;
  std::size_t count = 0;
};

Result<PidList> ReadPids(Files& files, const std::string& path) {
  const auto text = files.ReadRegular(path, kMostOmit);
  if (!text) return text.error;
  PidList list;
  for (const auto word : WordViews(text.value)) {
    const pid_t pid = ParsePid(word);
    if (pid == 0) continue;
    if (list.count == list.pids.size()) return std::make_error_code(std::errc::file_too_large);
    list.pids[list.count++] = pid;
  }
  return list;
}

/// The first byte of argv[0]; '\0' if the process has no arguments.
Result<char> FirstByte(Files& files, pid_t pid) {
  const auto arguments = files.Read("/proc/" + std::to_string(pid) + "/cmdline");
  if (!arguments) return arguments.error;
  return arguments.value.empty() ? '\0' : arguments.value[0];
}

bool RootIsFuse(Files& files) {
  auto mounts = ReadMounts(files);
  return std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) {
    return (mount.target == "/" || mount.target == "/usr") && mount.type.starts_with("fuse");
  });
}

}  // namespace

bool IsStorageDaemonName(std::string_view name) {
  return std::find(std::begin(kSkippedNames), std::end(kSkippedNames), name) !=
         std::end(kSkippedNames);
}

SkipList::SkipList(StageContext& context, FuseUse fuse)
    : context_(context), fuse_(fuse), servers_(context.kernel) {
  Kernel& kernel = context_.kernel;
  ancestors_.insert(1);
  // A parent outside this PID namespace has pid 0.
  for (pid_t pid = kernel.Self(); pid > 0 && ancestors_.insert(pid).second;) {
    auto process = ReadProcess(kernel, pid);
    if (!process) break;
    if (pid == kernel.Self()) self_ = process.value;
    pid = process.value.parent;
  }
  root_is_fuse_ = RootIsFuse(kernel);
  if (context_.request.in_shutdown && !context_.request.last) upstart_jobs_.emplace(context_);
}

void SkipList::Refresh() {
  listed_.clear();
  servers_.Refresh(fuse_);
  ReadGroups();
  if (!upstart_jobs_) return;
  ReadPidLists();
  upstart_jobs_->Refresh();
}

void SkipList::ReadGroups() {
  Kernel& kernel = context_.kernel;
  groups_.clear();
  if (context_.request.groups_file.empty()) return;
  auto groups = kernel.Read(context_.request.groups_file).value;
  for (const auto end = kernel.Now() + limits::kGroupList; groups.starts_with('+');) {
    if (kernel.Now() >= end) break;
    kernel.Poll({}, milliseconds(1));
    groups = kernel.Read(context_.request.groups_file).value;
  }
  for (const auto word : WordViews(groups))
    if (pid_t group = ParsePid(word)) groups_.insert(group);
}

void SkipList::ReadPidLists() {
  Kernel& kernel = context_.kernel;
  std::vector<std::string> paths{kSendsigsOmit};
  for (const auto& name : kernel.List(kSendsigsOmitDir).value)
    if (!name.starts_with(".")) paths.push_back(std::string(kSendsigsOmitDir) + "/" + name);
  // A file of the directory may be a link to a dead disk.
  const auto lists = EachInChild(kernel, paths.size(), limits::kReadPidList,
                                 [&](std::size_t i) { return ReadPids(kernel, paths[i]); });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto& [list, error] = lists[i];
    if (!error) listed_.insert(list.pids.begin(), list.pids.begin() + list.count);
    if (!error || error == std::errc::no_such_file_or_directory) continue;
    const bool late = error == std::errc::timed_out;
    context_.report.Say(paths[i] + (late ? " does not answer" : ": " + error.message()) +
                        "; it is left out");
  }
}

std::vector<bool> SkipList::SkipEach(const std::vector<ProcessInfo>& processes) {
  // rc may have started a script or a helper since Refresh().
  if (!processes.empty()) ReadGroups();
  std::vector<bool> skipped(processes.size());
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    skipped[i] = Skips(processes[i]);
    if (!skipped[i])
      asked.push_back(i);
    else if (const char* reason = SpareReason(processes[i]))
      spared_[processes[i].pid] = {processes[i].name, reason};
  }
  Kernel& kernel = context_.kernel;
  // A process in state D may hold the lock that the read waits for.
  const auto first_bytes = EachInChild(
      kernel, asked.size(), limits::kProcessFiles,
      [&](std::size_t i) { return FirstByte(kernel, processes[asked[i]].pid); },
      [&](std::size_t i) { return processes[asked[i]].state == 'D'; });
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const ProcessInfo& process = processes[asked[i]];
    skipped[asked[i]] = IsStorageDaemon(process, first_bytes[i]);
    const auto error = first_bytes[i].error;
    if (skipped[asked[i]]) spared_[process.pid] = {process.name, "may serve a disk"};
    if (skipped[asked[i]] && error && unknown_.insert(process.pid).second)
      context_.report.Say(
          process.Label() +
          " is not ended, it may serve a disk: its name cannot be read: " + error.message());
  }
  return skipped;
}

// The name is compared as well: rc becomes halt by exec, so that rc's abandoned scripts are
// children of this process.
bool SkipList::IsHelper(const ProcessInfo& process) const {
  return process.parent == self_.pid && process.name == self_.name;
}

/// By descent as well: `su` and tools like it give what they run a group of its own.
bool SkipList::IsOfScript(const ProcessInfo& process) const {
  if (groups_.empty()) return false;
  Result<ProcessInfo> ancestor = process;
  std::set<pid_t> passed;  // A number may be used again meanwhile: no circle is followed.
  while (ancestor && !ancestors_.contains(ancestor.value.pid)) {
    if (groups_.contains(ancestor.value.group) || groups_.contains(ancestor.value.pid)) return true;
    const pid_t parent = ancestor.value.parent;
    if (ancestors_.contains(parent) || !passed.insert(parent).second) return false;
    ancestor = ReadProcess(context_.kernel, parent);
  }
  return false;
}

/// nullptr: there is none.
const char* SkipList::SpareReason(const ProcessInfo& process) const {
  if (listed_.contains(process.pid)) return "listed in sendsigs.omit";
  if (servers_.Contain(process)) return "serves a disk";
  if (upstart_jobs_ && upstart_jobs_->Contain(process.pid)) return "a job of Upstart";
  return nullptr;
}

bool SkipList::Skips(const ProcessInfo& process) const {
  return process.kernel_thread || IsHelper(process) || ancestors_.contains(process.pid) ||
         SpareReason(process) || IsOfScript(process);
}

void SkipList::ReportSpared() const {
  for (const auto& [pid, spared] : spared_)
    context_.report.Event(
        "spared",
        {{"pid", std::to_string(pid)}, {"name", spared.first}, {"reason", spared.second, true}});
}

bool SkipList::IsStorageDaemon(const ProcessInfo& process, const Result<char>& first_byte) {
  const bool unknown = !first_byte && !IsGone(first_byte.error);
  bool marked = unknown || first_byte.value == '@' || IsStorageDaemonName(process.name) ||
                (root_is_fuse_ && ServesFuse(process.pid));
  return marked && IsRoots(process.pid);
}

bool SkipList::IsRoots(pid_t pid) {
  const auto dir = "/proc/" + std::to_string(pid);
  const auto status = context_.kernel.Read(dir + "/status");
  if (status) return status.value.find("\nUid:\t0\t") != std::string::npos;
  // Needs no descriptor. Who cannot be asked counts as root.
  const auto owner = context_.kernel.Stat(dir);
  return owner ? owner.value.st_uid == 0 : !IsGone(owner.error);
}

bool SkipList::ServesFuse(pid_t pid) {
  const auto dir = "/proc/" + std::to_string(pid) + "/fd";
  auto descriptors = context_.kernel.List(dir).value;
  return std::any_of(descriptors.begin(), descriptors.end(), [&](const std::string& name) {
    return context_.kernel.ReadLink(dir + "/" + name).value == "/dev/fuse";
  });
}

}  // namespace curfew
