// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/spared.h"

#include <algorithm>

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/each_in_child.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// What rc needs from before a fork until it has noted the child, many times over; an rc that was
/// killed in between shall not hold us up.
constexpr milliseconds kForkLimit{50};
constexpr const char* kOmitFile = "/run/sendsigs.omit";
constexpr const char* kOmitDir = "/run/sendsigs.omit.d";

void AddPids(std::string_view text, std::set<pid_t>* pids) {
  constexpr std::string_view kBlank = " \t\n\r\f\v";
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
    if (text.empty()) return;
    auto word = text.substr(0, text.find_first_of(kBlank));
    if (pid_t pid = ParsePid(word)) pids->insert(pid);
    text.remove_prefix(word.size());
  }
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
  if (context_.request.final_level && !context_.request.without_rc) jobs_.emplace(context_);
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
  AddPids(sessions, &sessions_);
}

void Spared::ReadOmitFiles() {
  Kernel& kernel = context_.kernel;
  std::vector<std::string> paths{kOmitFile};
  for (const auto& name : kernel.List(kOmitDir).value)
    if (!name.starts_with(".")) paths.push_back(std::string(kOmitDir) + "/" + name);
  // An entry may be a link to a pid file on a disk that is gone: a child looks first.
  auto answers = EachInChild(
      kernel, paths.size(), limits::kOmitFile,
      [&](std::size_t i) { return kernel.Read(paths[i]).error.value(); },
      [&](std::size_t i) { context_.report.Say(paths[i] + " does not answer; it is left out"); });
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (answers[i] == 0) AddPids(kernel.Read(paths[i]).value, &omitted_);
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
  auto first_bytes =
      EachInChild(context_.kernel, strangers.size(), limits::kProcessFiles, [&](std::size_t i) {
        auto path = "/proc/" + std::to_string(processes[strangers[i]].pid) + "/cmdline";
        auto arguments = context_.kernel.Read(path).value;
        return arguments.empty() ? 0 : static_cast<unsigned char>(arguments[0]);
      });
  for (std::size_t i = 0; i < strangers.size(); ++i)
    spared[strangers[i]] = IsRootDaemon(processes[strangers[i]], static_cast<char>(first_bytes[i]));
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

bool Spared::IsRootDaemon(const ProcessInfo& process, char first_byte) {
  bool marked = first_byte == '@' || process.name == "mdmon" || process.name == "iscsid" ||
                (root_is_fuse_ && ServesFuse(process.pid));
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
