// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/load_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "kernel/container.h"
#include "kernel/sysrq.h"

namespace curfew {
namespace {

constexpr std::chrono::seconds kLimit{60};
/// Debian's sendsigs spares a process of root whose name begins with "@".
constexpr char kName[] = "@curfew-guard";

void End(Kernel& kernel, const SysrqFiles& files, bool restart) {
  Sysrq sysrq(kernel, files);
  sysrq.Say("rc has begun nothing for " + std::to_string(kLimit.count()) +
            " s; saving what can be saved, then " + (restart ? "restarting" : "switching off") +
            " through the kernel");
  sysrq.Save([] {});
  if (!restart) sysrq.PowerOff();
  sysrq.Restart();
}

}  // namespace

LoadGuard::LoadGuard(Kernel& kernel, std::string_view level) {
  int ends[2];
  if ((level != "0" && level != "6") || pipe2(ends, O_CLOEXEC) != 0) return;
  const Fd gone(ends[0]);
  alive_ = Fd(ends[1]);
  const SysrqFiles files = OpenSysrqFiles(kernel);
  StartDaemon(kernel, kName, {gone.get(), files.trigger, files.log, files.memory}, [&] {
    pollfd rc{gone.get(), POLLIN, 0};
    const Result<int> ended = kernel.Poll({&rc, 1}, kLimit);
    if ((ended && ended.value > 0) || InContainer(kernel)) return;
    End(kernel, files, level == "6");
  });
  CloseSysrqFiles(kernel, files);
}

}  // namespace curfew
