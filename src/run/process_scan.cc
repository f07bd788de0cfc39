// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/process_scan.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "kernel/writeback.h"
#include "run/pid_files.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Of a script with more processes only these are scanned.
constexpr size_t kMostProcesses = 64;
/// Bytes. A larger file is no init script.
constexpr size_t kMostScript = 1 << 20;

std::string ProcFile(pid_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

/// The functions of a /proc/PID/stack, innermost first: "nfs_wait < nfs_file_flush < filp_close".
std::string Functions(const std::string& stack) {
  std::string text;
  for (const std::string_view line : Lines(stack)) {
    const size_t begin = line.find("] ");
    if (begin == line.npos) continue;
    if (!text.empty()) text += " < ";
    text += line.substr(begin + 2, line.find('+', begin) - begin - 2);
  }
  return text;
}

}  // namespace

ProcessScan::ProcessScan(Kernel& kernel, std::string root, Unreadable unreadable, Report report)
    : kernel_(kernel),
      root_(std::move(root)),
      unreadable_(std::move(unreadable)),
      report_(std::move(report)) {}

void ProcessScan::Run(const std::vector<ScanRequest>& scripts) {
  ReadTable();
  for (const ScanRequest& script : scripts) {
    const bool only_identity = script.purpose == ScanRequest::Purpose::kDaemons;
    const std::vector<Member> members = Members(script);
    if (script.purpose == ScanRequest::Purpose::kEvidence) {
      TellEvidence(script, members);
    } else {
      for (const Member& m : members) report_.process(script.key, Seen(m, only_identity));
    }
    report_.done(script.key);
  }
}

void ProcessScan::ReadTable() {
  const pid_t self = kernel_.Self();
  for (const std::string& name : kernel_.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0) continue;
    const Result<ProcessInfo> info = ReadProcess(kernel_, pid);
    if (!info || info.value.kernel_thread) continue;
    table_[pid] = info.value;
    children_.emplace(info.value.parent, pid);
  }
  const auto found = table_.find(self);
  if (unreadable_.all)
    rc_ = self;
  else if (found != table_.end())
    rc_ = found->second.parent;
}

/// The known daemons that still live; where none does, those that a pid file names.
std::vector<pid_t> ProcessScan::Daemons(const ScanRequest& script) {
  std::vector<pid_t> daemons;
  for (const ProcessId& known : script.daemons) {
    if (IsLike(known)) daemons.push_back(known.pid);
  }
  if (daemons.empty() && !unreadable_.all && !unreadable_.scripts.contains(script.key))
    daemons = DaemonsOfPidFiles(script);
  return daemons;
}

std::vector<pid_t> ProcessScan::DaemonsOfPidFiles(const ScanRequest& script) {
  report_.reads_script(script.key);
  std::vector<pid_t> daemons;
  for (const std::string& file : PidFilesOf(kernel_, root_, script.service, script.path)) {
    const std::string content = kernel_.ReadRegular(root_ + file, kLongestPidFile).value;
    const pid_t pid = ParsePid(content.substr(0, content.find_first_of(" \t\r\n")));
    // init and rc are the daemons of no service.
    if (pid > 1 && pid != rc_ && table_.contains(pid) && !Contains(daemons, pid) &&
        !IsStranger(table_.at(pid), root_ + file, script))
      daemons.push_back(pid);
  }
  return daemons;
}

/// Whether a younger process has the number by now: it began after its pid file was written, and no
/// word of the script is its name. The age alone does not tell it: a clock that was set since makes
/// daemons look younger than their files.
bool ProcessScan::IsStranger(const ProcessInfo& process, const std::string& file,
                             const ScanRequest& script) {
  constexpr std::chrono::seconds kLate{60};
  const auto written = kernel_.Stat(file);
  if (!written) return false;
  const auto ticks = static_cast<std::uint64_t>(std::max(1L, sysconf(_SC_CLK_TCK)));
  const std::chrono::seconds age = std::chrono::duration_cast<std::chrono::seconds>(kernel_.Now()) -
                                   std::chrono::seconds(process.start / ticks);
  const auto began = std::chrono::duration_cast<std::chrono::seconds>(kernel_.WallClock()) - age;
  if (began <= std::chrono::seconds(written.value.st_mtime) + kLate) return false;
  if (script.service.find(process.name) != std::string::npos ||
      process.name.find(script.service) != std::string::npos)
    return false;
  const auto text = kernel_.ReadRegular(root_ + script.path, kMostScript).value;
  return text.find(process.name) == std::string::npos;
}

std::vector<ProcessScan::Member> ProcessScan::Members(const ScanRequest& script) {
  std::vector<Member> members;
  std::set<pid_t> known;
  for (const pid_t daemon : Daemons(script)) AddTree(daemon, true, &known, &members);
  if (script.leader == 0) return members;
  AddTree(script.leader, false, &known, &members);
  for (const auto& [pid, process] : table_) {
    if (process.group == script.leader) AddTree(pid, false, &known, &members);
  }
  // These may have left both group and parent since: rc, or init, is their parent now.
  for (const ProcessId& own : script.own)
    if (IsLike(own)) AddTree(own.pid, false, &known, &members);
  return members;
}

/// Whether the process still lives: its number may be another's by now.
bool ProcessScan::IsLike(const ProcessId& known) const {
  const auto found = table_.find(known.pid);
  return found != table_.end() && found->second.start == known.start;
}

/// Adds a process, and then its descendants. rc may itself come from a daemon: rc and its
/// other scripts are not added.
void ProcessScan::AddTree(pid_t root, bool daemon, std::set<pid_t>* known,
                          std::vector<Member>* members) {
  if (members->size() >= kMostProcesses || root == rc_ || !table_.contains(root)) return;
  if (!known->insert(root).second) return;
  members->push_back({root, daemon});
  const auto [begin, end] = children_.equal_range(root);
  for (auto child = begin; child != end; ++child) AddTree(child->second, daemon, known, members);
}

ScannedProcess ProcessScan::Seen(const Member& member, bool only_identity) {
  const ProcessInfo& process = table_.at(member.pid);
  ScannedProcess seen;
  seen.id = {member.pid, process.start};
  seen.parent = process.parent;
  seen.state = process.Ended() ? 'Z' : process.state;
  seen.daemon = member.daemon;
  seen.cpu_ms = static_cast<long long>(process.cpu) * 1000 / std::max(1L, sysconf(_SC_CLK_TCK));
  seen.name = process.name;
  seen.wait_channel = WaitChannel(member.pid);
  if (only_identity) return seen;
  if (!process.Ended()) seen.io = StorageBytes(member.pid);
  if (seen.state == 'D') seen.waits = WaitsBegun(kernel_, member.pid);
  return seen;
}

/// Bytes read from and written to storage; rchar and wchar would count tmpfs and terminals as well.
/// -1: not known.
long long ProcessScan::StorageBytes(pid_t pid) {
  if (unreadable_.all || unreadable_.processes.contains(pid)) return -1;
  report_.reads_process(pid);
  const Result<std::string> io = kernel_.Read(ProcFile(pid, "io"));
  if (!io) return -1;
  return static_cast<long long>(NumberAfter(io.value, "read_bytes").value_or(0) +
                                NumberAfter(io.value, "write_bytes").value_or(0));
}

std::string ProcessScan::WaitChannel(pid_t pid) {
  const std::string function = kernel_.Read(ProcFile(pid, "wchan")).value;
  return function == "0" ? "" : function;
}

std::string ProcessScan::Stack(pid_t pid) {
  if (unreadable_.all) return "";
  if (unreadable_.processes.contains(pid)) return "does not answer";
  report_.reads_process(pid);
  return Functions(kernel_.Read(ProcFile(pid, "stack")).value);
}

void ProcessScan::TellEvidence(const ScanRequest& script, const std::vector<Member>& members) {
  std::map<pid_t, size_t> depth;
  for (const Member& member : members) {
    const ProcessInfo& info = table_.at(member.pid);
    const auto parent = depth.find(info.parent);
    depth[member.pid] = parent == depth.end() ? 0 : parent->second + 1;
    std::string line(2 * depth[member.pid], ' ');
    line += info.Label() + " " + info.state;
    const std::string wait = WaitChannel(member.pid);
    if (!wait.empty()) line += " " + wait;
    const std::string stack = Stack(member.pid);
    if (!stack.empty()) line += "\n" + stack;
    report_.evidence(script.key, line);
  }
}

}  // namespace curfew
