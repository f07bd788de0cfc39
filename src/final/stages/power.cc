// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/reboot.h>
#include <signal.h>

#include "final/guard/dead_man.h"
#include "final/helpers.h"
#include "final/stages/stages.h"

namespace curfew {
namespace {

void Refused(StageContext& context, const char* what, std::error_code error) {
  if (error) context.report.Say(std::string(what) + " refused: " + error.message());
}

std::error_code End(StageContext& context, unsigned command, const std::string& argument = {}) {
  AnnounceReboot(context);
  const auto error = context.kernel.Reboot(command, argument);
  RecallReboot(context);
  return error;
}

/// No signal to PID 1 and no change of Ctrl-Alt-Del: the machine restarts at once.
void Restart(StageContext& context) {
  Kernel& kernel = context.kernel;
  const FinalRequest& request = context.request;
  if (request.ending == Ending::kKexec) {
    if (KexecLoaded(kernel))
      Refused(context, "kexec", End(context, LINUX_REBOOT_CMD_KEXEC));
    else
      context.report.Say("no kernel is loaded for kexec; restarting through the firmware");
  }
  if (!request.restart_argument.empty())
    Refused(context, "restart with argument",
            End(context, LINUX_REBOOT_CMD_RESTART2, request.restart_argument));
  Refused(context, "restart", End(context, LINUX_REBOOT_CMD_RESTART));
}

/// A machine that only halts can be restarted by Ctrl-Alt-Del, and PID 1 must start nothing more.
void Halt(StageContext& context) {
  Kernel& kernel = context.kernel;
  kernel.Reboot(LINUX_REBOOT_CMD_CAD_ON);
  kernel.Kill(1, SIGTSTP);
  if (context.request.ending == Ending::kPowerOff)
    Refused(context, "power-off", End(context, LINUX_REBOOT_CMD_POWER_OFF));
  Refused(context, "halt", End(context, LINUX_REBOOT_CMD_HALT));
}

}  // namespace

bool KexecLoaded(Kernel& kernel) {
  auto loaded = kernel.Read("/sys/kernel/kexec_loaded");
  return !loaded || !loaded.value.starts_with('0');
}

void PowerStage(StageContext& context) {
  Settle(context);
  const Ending ending = context.request.ending;
  if (ending == Ending::kRestart || ending == Ending::kKexec)
    Restart(context);
  else
    Halt(context);
  context.kernel.Reboot(LINUX_REBOOT_CMD_CAD_OFF);
  context.kernel.Kill(1, SIGCONT);
}

}  // namespace curfew
