// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/status_text.h"

#include <algorithm>
#include <boost/json.hpp>

#include "console/escape.h"
#include "kernel/process_info.h"
#include "run/script_progress.h"
#include "run/usual_durations.h"

namespace curfew {
namespace {

/// So many processes or services are named; the others are counted.
constexpr size_t kMostNames = 5;

long long SecondsSince(long long since_us, long long now_us) {
  return std::max(0LL, now_us - since_us) / 1000000;
}

std::string For(long long since_us, long long now_us) {
  return std::to_string(SecondsSince(since_us, now_us)) + " s";
}

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

/// As rc named them at its last scan; before that scan, and after rc, those of the script's group.
std::vector<std::string> Processes(const RunState::Running& script, Files& files) {
  if (!script.processes.empty()) return script.processes;
  std::vector<std::string> texts;
  const std::vector<ScannedProcess> group = GroupOf(files, script.pid);
  for (const ScannedProcess* process : ProcessesWaitedFor(group))
    texts.push_back(Described(*process));
  return texts;
}

/// "a, b and 3 more"
std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    text += (i == 0 ? "" : ", ") + Escaped(names[i]);
  if (names.size() > kMostNames)
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  return text;
}

std::string ScriptText(const RunState::Running& script, Files& files, long long now_us) {
  std::string text =
      Escaped(script.link) + " " + Escaped(script.action) + ", for " + For(script.since_us, now_us);
  if (script.usual_us) text += ", " + UsuallyText(std::chrono::microseconds(*script.usual_us));
  if (script.abandoned)
    text += ", left alone" + (script.reason.empty() ? "" : " (" + Escaped(script.reason) + ")");
  const std::vector<std::string> processes = Processes(script, files);
  text += ": " + (processes.empty() ? "no process is left" : Listed(processes)) + "\n";
  if (!script.behind.empty()) text += "  wait for it: " + Listed(script.behind) + "\n";
  if (!script.last_line.empty()) text += "  last line: " + Escaped(script.last_line) + "\n";
  if (script.abandoned) return text;
  if (script.left_s) {
    text += "  left alone in " + std::to_string(*script.left_s) + " s, unless it makes progress\n";
  } else if (script.limit_s > 0) {
    text += "  left alone after " + std::to_string(script.limit_s) + " s without progress\n";
  }
  return text;
}

}  // namespace

std::string StatusText(const RunState& state, Files& files, long long now_us) {
  std::string text = "level " + Escaped(state.level) + ", from " + Escaped(state.previous) + ": " +
                     std::to_string(state.ended) + " of " + std::to_string(state.scripts) +
                     " scripts have ended";
  if (state.left_alone > 0) text += ", " + std::to_string(state.left_alone) + " left alone";
  text += "\n";
  if (!state.stage.empty())
    text += "stage " + Escaped(state.stage) + ", for " + For(state.stage_since_us, now_us) + "\n";
  for (const RunState::Running& script : state.running) text += ScriptText(script, files, now_us);
  return text;
}

std::string StatusJson(const RunState& state, long long now_us) {
  boost::json::array running;
  for (const RunState::Running& script : state.running) {
    boost::json::object one{{"service", script.service},
                            {"link", script.link},
                            {"action", script.action},
                            {"running_s", SecondsSince(script.since_us, now_us)},
                            {"processes", boost::json::value_from(script.processes)},
                            {"behind", boost::json::value_from(script.behind)},
                            {"last_line", script.last_line},
                            {"left_alone", script.abandoned},
                            {"reason", script.reason}};
    if (script.left_s) one["left_s"] = *script.left_s;
    if (script.usual_us) one["usual_us"] = *script.usual_us;
    running.push_back(std::move(one));
  }
  boost::json::object all{{"level", state.level},           {"previous", state.previous},
                          {"scripts", state.scripts},       {"ended", state.ended},
                          {"left_alone", state.left_alone}, {"running", std::move(running)}};
  if (!state.stage.empty())
    all["stage"] = {{"name", state.stage},
                    {"running_s", SecondsSince(state.stage_since_us, now_us)}};
  return boost::json::serialize(all) + "\n";
}

}  // namespace curfew
