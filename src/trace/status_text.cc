// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/status_text.h"

#include <algorithm>

#include "console/escape.h"
#include "console/status_line.h"
#include "kernel/process_info.h"
#include "run/script_progress.h"

namespace curfew {
namespace {

/// Of one script, only this many processes are named; the others are counted.
constexpr size_t kMostProcesses = 5;

std::vector<ScannedProcess> GroupOf(Files& files, pid_t group) {
  std::vector<ScannedProcess> processes;
  for (const std::string& name : files.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0) continue;
    const Result<ProcessInfo> process = ReadProcess(files, pid);
    if (!process || process.value.group != group || process.value.Ended()) continue;
    ScannedProcess& scanned = processes.emplace_back();
    scanned.id = {pid, process.value.start};
    scanned.parent = process.value.parent;
    scanned.name = process.value.name;
    scanned.state = process.value.state;
    scanned.wait_channel = files.Read("/proc/" + name + "/wchan").value;
    if (scanned.wait_channel == "0") scanned.wait_channel.clear();
  }
  return processes;
}

std::string Described(const ScannedProcess& process) {
  const std::string label = process.name + "[" + std::to_string(process.id.pid) + "]";
  return ProcessText(label, process.state, process.wait_channel);
}

std::string ScriptText(const RunState::Running& script, Files& files, long long now_us) {
  const long long seconds = std::max(0LL, now_us - script.since_us) / 1000000;
  std::string text = Escaped(script.link) + " " + Escaped(script.action) + ", for " +
                     std::to_string(seconds) + " s";
  if (script.abandoned) {
    text += ", left alone" + (script.reason.empty() ? "" : " (" + Escaped(script.reason) + ")");
  }
  const std::vector<ScannedProcess> group = GroupOf(files, script.pid);
  const std::vector<const ScannedProcess*> processes = ProcessesWaitedFor(group);
  for (size_t i = 0; i < std::min(processes.size(), kMostProcesses); ++i) {
    text += (i == 0 ? ": " : ", ") + Described(*processes[i]);
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

std::string StatusText(const RunState& state, Files& files, long long now_us) {
  std::string text = "level " + Escaped(state.level) + ", from " + Escaped(state.previous) + ": " +
                     std::to_string(state.ended) + " of " + std::to_string(state.scripts) +
                     " scripts have ended\n";
  for (const RunState::Running& script : state.running) text += ScriptText(script, files, now_us);
  return text;
}

}  // namespace curfew
