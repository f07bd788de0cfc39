// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/reboot.h>
#include <signal.h>

#include "final/context/background.h"
#include "final/guard/dead_man.h"
#include "final/stages/stages.h"

namespace curfew {
namespace {

void ReportRefusal(StageContext& context, const char* what, std::error_code error) {
  if (error) context.report.Say(std::string(what) + " refused: " + error.message());
}

/// Calls reboot(2), which returns only if the kernel refused. The dead-man watches the call.
std::error_code EndMachine(StageContext& context, unsigned command,
                           const std::string& argument = {}) {
  AnnounceReboot(context);
  const auto error = context.kernel.Reboot(command, argument);
  RecallReboot(context);
  return error;
}

// The words that SysV's halt scripts have before the machine halts or restarts. After the first a
// person may switch the power off.
constexpr const char* kHalted = "The system is halted";
constexpr const char* kRebooting = "Please stand by while rebooting the system...";

/// PID 1 is not stopped and Ctrl-Alt-Del stays as it is: the machine restarts at once.
void Restart(StageContext& context) {
  Kernel& kernel = context.kernel;
  const FinalRequest& request = context.request;
  context.report.Say(kRebooting);
  if (request.ending == Ending::kKexec) {
    if (KexecLoaded(kernel))
      ReportRefusal(context, "kexec", EndMachine(context, LINUX_REBOOT_CMD_KEXEC));
    else
      context.report.Say("no kernel is loaded for kexec; restarting through the firmware");
  }
  if (!request.restart_argument.empty())
    ReportRefusal(context, "restart with argument",
                  EndMachine(context, LINUX_REBOOT_CMD_RESTART2, request.restart_argument));
  ReportRefusal(context, "restart", EndMachine(context, LINUX_REBOOT_CMD_RESTART));
}

/// A machine that halts can still be restarted by Ctrl-Alt-Del, and PID 1 must not start processes
/// again.
void Halt(StageContext& context) {
  Kernel& kernel = context.kernel;
  kernel.Reboot(LINUX_REBOOT_CMD_CAD_ON);
  kernel.Kill(1, SIGTSTP);
  if (context.request.ending == Ending::kPowerOff)
    ReportRefusal(context, "power-off", EndMachine(context, LINUX_REBOOT_CMD_POWER_OFF));
  context.report.Say(kHalted);
  ReportRefusal(context, "halt", EndMachine(context, LINUX_REBOOT_CMD_HALT));
}

}  // namespace

bool KexecLoaded(Files& files) {
  auto loaded = files.Read("/sys/kernel/kexec_loaded");
  return !loaded || !loaded.value.starts_with('0');
}

void PowerStage(StageContext& context) {
  FinishBackground(context);
  const Ending ending = context.request.ending;
  if (ending == Ending::kRestart || ending == Ending::kKexec)
    Restart(context);
  else
    Halt(context);
  context.kernel.Reboot(LINUX_REBOOT_CMD_CAD_OFF);
  context.kernel.Kill(1, SIGCONT);
}

}  // namespace curfew
