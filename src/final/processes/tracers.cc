// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/tracers.h"

#include <csignal>
#include <set>
#include <string>

#include "config/limits.h"
#include "final/processes/ancestors.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr std::chrono::milliseconds kLook{20};

/// PID 1, this process, its ancestors and the dead-man.
std::set<pid_t> Needed(Kernel& kernel, pid_t dead_man) {
  std::set<pid_t> needed = Ancestors(kernel).Pids();
  if (dead_man != 0) needed.insert(dead_man);
  return needed;
}

std::set<pid_t> TracersOf(Kernel& kernel, const std::set<pid_t>& processes) {
  std::set<pid_t> tracers;
  for (const pid_t pid : processes) {
    const auto status = kernel.Read("/proc/" + std::to_string(pid) + "/status").value;
    if (const auto tracer = NumberAfter(status, "TracerPid"); tracer && *tracer != 0)
      tracers.insert(static_cast<pid_t>(*tracer));
  }
  return tracers;
}

/// Those of `tracers` that are to end.
std::vector<ProcessInfo> Choose(Kernel& kernel, const std::set<pid_t>& tracers, SkipRule& rule) {
  std::vector<ProcessInfo> processes;
  for (const pid_t pid : tracers)
    if (const auto process = ReadProcess(kernel, pid)) processes.push_back(process.value);
  if (processes.empty()) return {};
  const auto skipped = rule.SkipEach(processes);
  std::vector<ProcessInfo> chosen;
  for (std::size_t i = 0; i < processes.size(); ++i)
    if (!skipped[i]) chosen.push_back(processes[i]);
  return chosen;
}

}  // namespace

ProcessNames EndTracers(StageContext& context, SkipRule& rule, pid_t dead_man) {
  Kernel& kernel = context.kernel;
  const auto needed = Needed(kernel, dead_man);
  const auto chosen = Choose(kernel, TracersOf(kernel, needed), rule);
  ProcessNames ended;
  for (const ProcessInfo& tracer : chosen) {
    kernel.Kill(tracer.pid, SIGTERM);
    const auto end = kernel.Now() + limits::kTracer;
    while (kernel.Now() < end && TracersOf(kernel, needed).contains(tracer.pid))
      kernel.Poll({}, kLook);
    if (TracersOf(kernel, needed).contains(tracer.pid)) kernel.Kill(tracer.pid, SIGKILL);
    context.report.Say(tracer.Label() + " is ended first: it traces what ends the machine");
    context.report.Event("killed", {{"pid", std::to_string(tracer.pid)}, {"name", tracer.name}});
    ended.Add(tracer.name);
  }
  return ended;
}

}  // namespace curfew
