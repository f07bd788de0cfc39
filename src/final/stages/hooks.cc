// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <optional>

#include "config/limits.h"
#include "final/context/background.h"
#include "final/context/slow_wait.h"
#include "final/stages/stages.h"
#include "final/storage/left_writable.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

constexpr const char* kDirectory = "/etc/curfew/final.d";
constexpr const char* kUpsMonitor = "/etc/init.d/ups-monitor";

const char* Action(StageContext& context) {
  switch (context.request.ending) {
    case Ending::kHalt:
      return "halt";
    case Ending::kPowerOff:
      return "poweroff";
    case Ending::kKexec:
      return KexecLoaded(context.kernel) ? "kexec" : "reboot";
    default:
      return "reboot";
  }
}

/// Whether the name is a hook's: files that editors and dpkg leave are none.
bool IsHookName(const std::string& name) {
  return !name.starts_with('.') && !name.ends_with('~') && name.find(".dpkg-") == name.npos;
}

/// The paths of the programs to run, without HALT_POWERDOWN_INSERT.
std::vector<std::string> Find(Files& files) {
  std::vector<std::string> found;
  for (const std::string& name : files.List(kDirectory).value)
    if (IsHookName(name)) found.push_back(std::string(kDirectory) + "/" + name);
  std::sort(found.begin(), found.end());
  found.push_back(kUpsMonitor);
  std::erase_if(found, [&](const std::string& path) { return !IsProgram(files, path); });
  return found;
}

/// ups-monitor waits as long as its administrator asks (POWEROFF_WAIT of nut.conf(5), 15 minutes in
/// the example there), and then restarts a machine whose mains came back before the UPS switched
/// off. A machine whose ups-monitor is killed before stays off. Red Hat's is a hook of that name.
std::chrono::seconds LimitOf(const StageContext& context, const std::string& path) {
  if (!path.ends_with("/ups-monitor")) return limits::kHook;
  auto limit = context.request.settings.final_hard;
  if (!context.heartbeat || !*context.heartbeat) return limit;
  // The dead-man counts FINAL_HARD from the first of the last stages; the stages behind this one
  // are to end the machine before it does.
  if (const std::uint32_t begin = (*context.heartbeat)->begin; begin != 0)
    limit -= std::chrono::ceil<std::chrono::seconds>(context.kernel.Monotonic()) -
             std::chrono::seconds(begin) + limits::kAfterHooks;
  return std::max(limit, limits::kLeastMonitor);
}

/// How a hook failed; empty: it did not.
std::string Complaint(const Result<int>& end, std::chrono::seconds limit) {
  if (end.error == std::errc::timed_out)
    return "does not end within " + Seconds(limit) + "; it is killed";
  if (!end) return end.error.message();
  if (WIFSIGNALED(end.value)) return std::string("killed: ") + strsignal(WTERMSIG(end.value));
  const int status = WEXITSTATUS(end.value);
  return status == 0 ? std::string() : "exit status " + std::to_string(status);
}

void RunHook(StageContext& context, const std::vector<std::string>& argv) {
  Kernel& kernel = context.kernel;
  const auto start = kernel.Now();
  const auto limit = LimitOf(context, argv[0]);
  SlowWait wait(start);
  const auto tell = [&] {
    Beat(context);  // The limit of the hook bounds this wait, not the dead-man.
    if (wait.IsDue(kernel.Now()))
      context.report.Say("hook " + argv[0] + ": " + wait.Waited(kernel.Now()) + " of " +
                         Seconds(limit));
  };
  const auto complaint = Complaint(RunProgram(kernel, argv, limit, nullptr, tell), limit);
  if (!complaint.empty()) context.report.Say("hook " + argv[0] + ": " + complaint);
  context.report.Event("hook", {{"name", argv[0]},
                                {"end", complaint.empty() ? "exit status 0" : complaint},
                                {"took_us", std::to_string((kernel.Now() - start).count())}});
}

/// All commands to run, in order.
std::vector<std::vector<std::string>> Commands(StageContext& context,
                                               std::vector<std::string> paths) {
  const FinalRequest& request = context.request;
  std::vector<std::vector<std::string>> commands;
  const bool monitored = std::erase(paths, kUpsMonitor) != 0;
  // After a script only ups-monitor is left to call.
  if (request.finished) paths.clear();
  for (const std::string& path : paths) commands.push_back({path, Action(context)});
  // The other commands are about the host's power, which a container does not own.
  if (request.container) return commands;
  const auto& insert = request.settings.powerdown_insert;
  if (!insert.empty() && !request.finished) commands.push_back(insert);
  if (monitored && request.ups && request.ending == Ending::kPowerOff)
    commands.push_back({kUpsMonitor, "poweroff"});
  return commands;
}

}  // namespace

void HooksStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto paths = StringsFromChild(kernel, limits::kHookList, [&] { return Find(kernel); });
  if (!paths)
    context.report.Say(std::string("hooks: ") + kDirectory + ": " + paths.error.message() +
                       "; none of it is run");
  const auto commands = Commands(context, paths.value);
  // A hook may switch the power off: background work has to be done before.
  if (commands.empty()) return;
  FinishBackground(context);
  // Before the last halt all stages follow. What a container has mounted the kernel unmounts when
  // its processes are gone.
  std::optional<LeftWritable> left;
  if (context.request.last && !context.request.container) left.emplace(context);
  for (const auto& command : commands) {
    RunHook(context, command);
    if (left) left->Look(command[0]);
  }
  context.writable_after_hooks = left && left->Tell();
}

}  // namespace curfew
