// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/skip_list.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "kernel/run_files.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// The lists of Debian's sendsigs. "omit" is its word for skip.
constexpr const char* kSendsigsOmit = "/run/sendsigs.omit";

/// Daemons of root that are skipped by name (comm, at most 15 bytes), because file systems need
/// them until the end.
constexpr std::string_view kSkippedNames[] = {
    "mdmon",  // A RAID with external metadata takes no write without it.
    // An iSCSI disk that loses its connection does not come back without it.
    "iscsid",
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
    : context_(context),
      ancestors_(context.kernel),
      fuse_(fuse),
      servers_(context.kernel),
      survivors_(context.kernel) {
  root_is_fuse_ = RootIsFuse(context_.kernel);
  if (context_.request.in_shutdown && !context_.request.last) upstart_jobs_.emplace(context_);
}

void SkipList::Refresh() {
  listed_.clear();
  kept_.clear();
  ancestors_.Refresh();
  TellUnknown();
  servers_.Refresh(fuse_);
  survivors_.Refresh();
  ReadGroups();
  if (!context_.request.last) ReadPidLists();
  if (upstart_jobs_) upstart_jobs_->Refresh();
}

void SkipList::TellUnknown() {
  const auto error = ancestors_.Unknown();
  // Where /proc is not mounted another line says so.
  if (!error || IsGone(error) || std::exchange(told_unknown_, true)) return;
  context_.report.Say("what halt comes from cannot be read: " + error.message() +
                      "; no process of its session is ended");
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
  const bool all = upstart_jobs_.has_value();
  std::vector<std::string> paths;
  if (all) paths.push_back(kSendsigsOmit);
  for (const auto& name : kernel.List(run_files::kOmitDirectory).value)
    if (name.starts_with(run_files::kKeptService) || (all && !name.starts_with(".")))
      paths.push_back(std::string(run_files::kOmitDirectory) + "/" + name);
  // A file of the directory may be a link to a dead disk.
  const auto lists = EachInChild(kernel, paths.size(), limits::kReadPidList,
                                 [&](std::size_t i) { return ReadPids(kernel, paths[i]); });
  const auto own =
      std::string(run_files::kOmitDirectory) + "/" + std::string(run_files::kKeptService);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto& [list, error] = lists[i];
    auto& pids = paths[i].starts_with(own) ? kept_ : listed_;
    if (!error) pids.insert(list.pids.begin(), list.pids.begin() + list.count);
    if (!error || error == std::errc::no_such_file_or_directory) continue;
    const bool late = error == std::errc::timed_out;
    context_.report.Say(paths[i] + (late ? " does not answer" : ": " + error.message()) +
                        "; it is left out");
  }
}

Result<SkipList::Marks> SkipList::ReadMarks(pid_t pid) {
  const auto arguments = context_.kernel.Read("/proc/" + std::to_string(pid) + "/cmdline");
  if (!arguments) return arguments.error;
  return Marks{arguments.value.empty() ? '\0' : arguments.value[0], survivors_.Contain(pid)};
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
  const auto marks = EachInChild(
      kernel, asked.size(), limits::kProcessFiles,
      [&](std::size_t i) { return ReadMarks(processes[asked[i]].pid); },
      [&](std::size_t i) { return processes[asked[i]].state == 'D'; });
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const ProcessInfo& process = processes[asked[i]];
    skipped[asked[i]] = IsStorageDaemon(process, marks[i]);
    const auto error = marks[i].error;
    const bool survivor = marks[i] && marks[i].value.survivor;
    if (skipped[asked[i]])
      spared_[process.pid] = {process.name, survivor ? "its cgroup says so" : "may serve a disk"};
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
  const bool named = process.name == ancestors_.Name() || ancestors_.Name().empty();
  return process.parent == context_.kernel.Self() && named;
}

/// By descent as well: `su` and tools like it give what they run a group of its own.
bool SkipList::IsOfScriptOrService(const ProcessInfo& process) const {
  if (groups_.empty() && kept_.empty()) return false;
  Result<ProcessInfo> ancestor = process;
  std::set<pid_t> passed;  // A number may be used again meanwhile: no circle is followed.
  while (ancestor && !ancestors_.Contain(ancestor.value.pid)) {
    const pid_t pid = ancestor.value.pid;
    if (groups_.contains(ancestor.value.group) || groups_.contains(pid) || kept_.contains(pid))
      return true;
    const pid_t parent = ancestor.value.parent;
    if (ancestors_.Contain(parent) || !passed.insert(parent).second) return false;
    ancestor = ReadProcess(context_.kernel, parent);
  }
  return false;
}

/// nullptr: there is none.
const char* SkipList::SpareReason(const ProcessInfo& process) const {
  if (kept_.contains(process.pid)) return "KILL=no of its service";
  if (listed_.contains(process.pid)) return "listed in sendsigs.omit";
  if (servers_.Contain(process)) return "serves a disk";
  if (upstart_jobs_ && upstart_jobs_->Contain(process.pid)) return "a job of Upstart";
  return nullptr;
}

bool SkipList::Skips(const ProcessInfo& process) const {
  return process.kernel_thread || IsHelper(process) || ancestors_.Contain(process) ||
         SpareReason(process) || IsOfScriptOrService(process);
}

void SkipList::ReportSpared() const {
  for (const auto& [pid, spared] : spared_)
    context_.report.Event(
        "spared",
        {{"pid", std::to_string(pid)}, {"name", spared.first}, {"reason", spared.second, true}});
}

/// iscsid by name as well, because its socket may be in a network namespace of its own.
bool SkipList::IsSkippedName(std::string_view name) const {
  return IsStorageDaemonName(name) && (name != "iscsid" || servers_.IscsiInUse());
}

bool SkipList::IsStorageDaemon(const ProcessInfo& process, const Result<Marks>& marks) {
  const bool unknown = !marks && !IsGone(marks.error);
  const bool marked = unknown || marks.value.first == '@' || marks.value.survivor ||
                      IsSkippedName(process.name) || (root_is_fuse_ && ServesFuse(process.pid));
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
