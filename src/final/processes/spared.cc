// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/spared.h"

#include <algorithm>
#include <array>

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// What rc needs from before a fork until it has noted the child, many times over; an rc that was
/// killed in between shall not hold us up.
constexpr milliseconds kForkLimit{50};
constexpr const char* kOmitFile = "/run/sendsigs.omit";
constexpr const char* kOmitDir = "/run/sendsigs.omit.d";

/// What an omit file names, as a child hands it over.
struct PidList {
  std::array<pid_t, 1000> pids;
  std::size_t count = 0;
};

Result<PidList> ReadPids(Kernel& kernel, const std::string& path) {
  const auto text = kernel.Read(path);
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

/// The first byte of argv[0]; '\0' where there are no arguments.
Result<char> FirstByte(Kernel& kernel, pid_t pid) {
  const auto arguments = kernel.Read("/proc/" + std::to_string(pid) + "/cmdline");
  if (!arguments) return arguments.error;
  return arguments.value.empty() ? '\0' : arguments.value[0];
}

bool IsRefusedFork(std::error_code error) {
  return error == std::errc::resource_unavailable_try_again ||
         error == std::errc::not_enough_memory;
}

bool RootIsFuse(Kernel& kernel) {
  auto mounts = ReadMounts(kernel);
  return std::any_of(mounts.begin(), mounts.end(), [](const Mount& mount) {
    return (mount.target == "/" || mount.target == "/usr") && mount.type.starts_with("fuse");
  });
}

}  // namespace

Spared::Spared(StageContext& context) : context_(context) {
  Kernel& kernel = context_.kernel;
  family_.insert(1);
  // A parent outside this PID namespace reads as 0.
  for (pid_t pid = kernel.Self(); pid > 0 && family_.insert(pid).second;) {
    auto process = ReadProcess(kernel, pid);
    if (!process) break;
    if (pid == kernel.Self()) self_ = process.value;
    pid = process.value.parent;
  }
  root_is_fuse_ = RootIsFuse(kernel);
  if (context_.request.in_shutdown && !context_.request.without_rc) jobs_.emplace(context_);
}

void Spared::Refresh() {
  omitted_.clear();
  ReadSessions();
  if (!jobs_) return;
  ReadOmitFiles();
  jobs_->Refresh();
}

void Spared::ReadSessions() {
  Kernel& kernel = context_.kernel;
  sessions_.clear();
  if (context_.request.sessions_file.empty()) return;
  auto sessions = kernel.Read(context_.request.sessions_file).value;
  for (const auto end = kernel.Now() + kForkLimit; sessions.starts_with('+');) {
    if (kernel.Now() >= end) break;
    kernel.Poll({}, milliseconds(1));
    sessions = kernel.Read(context_.request.sessions_file).value;
  }
  for (const auto word : WordViews(sessions))
    if (pid_t session = ParsePid(word)) sessions_.insert(session);
}

void Spared::ReadOmitFiles() {
  Kernel& kernel = context_.kernel;
  std::vector<std::string> paths{kOmitFile};
  for (const auto& name : kernel.List(kOmitDir).value)
    if (!name.starts_with(".")) paths.push_back(std::string(kOmitDir) + "/" + name);
  // An entry may be a link to a pid file on a disk that is gone.
  const auto lists = EachInChild(kernel, paths.size(), limits::kOmitFile,
                                 [&](std::size_t i) { return ReadPids(kernel, paths[i]); });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto& [list, error] = lists[i];
    if (!error) omitted_.insert(list.pids.begin(), list.pids.begin() + list.count);
    if (!error || error == std::errc::no_such_file_or_directory) continue;
    const bool late = error == std::errc::timed_out;
    context_.report.Say(paths[i] + (late ? " does not answer" : ": " + error.message()) +
                        "; it is left out");
  }
}

std::vector<bool> Spared::Choose(const std::vector<ProcessInfo>& processes) {
  // Once more: among these may be a script or helper that rc has started a moment ago.
  if (!processes.empty()) ReadSessions();
  std::vector<bool> spared(processes.size());
  std::vector<std::size_t> strangers;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    spared[i] = Protects(processes[i]);
    if (!spared[i]) strangers.push_back(i);
  }
  Kernel& kernel = context_.kernel;
  auto first_bytes =
      EachInChild(kernel, strangers.size(), limits::kProcessFiles,
                  [&](std::size_t i) { return FirstByte(kernel, processes[strangers[i]].pid); });
  for (std::size_t i = 0; i < strangers.size(); ++i) {
    const ProcessInfo& process = processes[strangers[i]];
    // Without a child only what is in no uninterruptible wait is asked.
    if (IsRefusedFork(first_bytes[i].error) && process.state != 'D')
      first_bytes[i] = FirstByte(kernel, process.pid);
    spared[strangers[i]] = IsRootDaemon(process, first_bytes[i]);
  }
  return spared;
}

// A child alone is not enough: after rc has executed halt, its abandoned scripts are our children.
bool Spared::IsHelper(const ProcessInfo& process) const {
  return process.parent == self_.pid && process.name == self_.name;
}

bool Spared::Protects(const ProcessInfo& process) const {
  return process.kernel_thread || IsHelper(process) || family_.contains(process.pid) ||
         omitted_.contains(process.pid) || sessions_.contains(process.session) ||
         (jobs_ && jobs_->Contain(process.pid));
}

bool Spared::IsRootDaemon(const ProcessInfo& process, const Result<char>& first_byte) {
  const bool unknown = !first_byte && !IsGone(first_byte.error);
  bool marked = unknown || first_byte.value == '@' || process.name == "mdmon" ||
                process.name == "iscsid" || (root_is_fuse_ && ServesFuse(process.pid));
  return marked && RunByRoot(process.pid);
}

bool Spared::RunByRoot(pid_t pid) {
  auto status = context_.kernel.Read("/proc/" + std::to_string(pid) + "/status");
  return status.value.find("\nUid:\t0\t") != std::string::npos;
}

bool Spared::ServesFuse(pid_t pid) {
  const auto dir = "/proc/" + std::to_string(pid) + "/fd";
  auto descriptors = context_.kernel.List(dir).value;
  return std::any_of(descriptors.begin(), descriptors.end(), [&](const std::string& name) {
    return context_.kernel.ReadLink(dir + "/" + name).value == "/dev/fuse";
  });
}

}  // namespace curfew
