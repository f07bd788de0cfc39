// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/status_text.h"

#include <algorithm>

#include "console/escape.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

/// Of one script, only this many processes are named; the others are counted.
constexpr size_t kMostProcesses = 5;

std::vector<ProcessInfo> SessionOf(Kernel& kernel, pid_t session) {
  std::vector<ProcessInfo> processes;
  for (const std::string& name : kernel.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0) continue;
    Result<ProcessInfo> process = ReadProcess(kernel, pid);
    if (process && process.value.session == session && !process.value.Ended()) {
      processes.push_back(std::move(process.value));
    }
  }
  return processes;
}

/// The processes without children: a shell only waits for its children.
std::vector<ProcessInfo> Leaves(std::vector<ProcessInfo> processes) {
  std::vector<pid_t> parents;
  for (const ProcessInfo& process : processes) parents.push_back(process.parent);
  std::erase_if(processes, [&](const ProcessInfo& process) {
    return std::find(parents.begin(), parents.end(), process.pid) != parents.end();
  });
  return processes;
}

std::string Described(Kernel& kernel, const ProcessInfo& process) {
  std::string text = Escaped(process.Label()) + " " + process.state;
  const std::string wait = kernel.Read("/proc/" + std::to_string(process.pid) + "/wchan").value;
  return wait.empty() || wait == "0" ? text : text + " " + Escaped(wait);
}

std::string Script(const RunState::Running& script, Kernel& kernel, long long now_us) {
  const long long seconds = std::max(0LL, now_us - script.since_us) / 1000000;
  std::string text = Escaped(script.link) + " " + Escaped(script.action) + ", for " +
                     std::to_string(seconds) + " s";
  if (script.abandoned) {
    text += ", left alone" + (script.reason.empty() ? "" : " (" + Escaped(script.reason) + ")");
  }
  const std::vector<ProcessInfo> processes = Leaves(SessionOf(kernel, script.pid));
  for (size_t i = 0; i < std::min(processes.size(), kMostProcesses); ++i) {
    text += (i == 0 ? ": " : ", ") + Described(kernel, processes[i]);
  }
  if (processes.empty()) text += ": no process is left";
  if (processes.size() > kMostProcesses) {
    text += " and " + std::to_string(processes.size() - kMostProcesses) + " more";
  }
  text += "\n";
  if (!script.last_line.empty()) text += "  last line: " + Escaped(script.last_line) + "\n";
  if (!script.abandoned && script.limit_s > 0) {
    text += "  left alone after " + std::to_string(script.limit_s) + " s without progress\n";
  }
  return text;
}

}  // namespace

std::string StatusText(const RunState& state, Kernel& kernel, long long now_us) {
  std::string text = "level " + Escaped(state.level) + ", from " + Escaped(state.previous) + ": " +
                     std::to_string(state.ended) + " of " + std::to_string(state.scripts) +
                     " scripts have ended\n";
  for (const RunState::Running& script : state.running) text += Script(script, kernel, now_us);
  return text;
}

}  // namespace curfew
