// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/pid1.h"

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/limits.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

constexpr std::array<std::string_view, 8> kInits{"init",       "systemd",   "openrc-init", "runit",
                                                 "runit-init", "s6-svscan", "dinit",       "finit"};

/// Whether an init reads requests: sysvinit's FIFO has a reader, or systemd runs.
bool InitListens(Files& files) {
  // Opening a FIFO for writing fails if it has no reader.
  for (const char* path : {"/run/initctl", "/dev/initctl"})
    if (!files.Write(path, "")) return true;
  return static_cast<bool>(files.List("/run/systemd/system"));
}

}  // namespace

Pid1::Pid1(Files& files) {
  if (auto process = ReadProcess(files, 1)) name_ = process.value.name;
  caught_ = BitSet(files.Read("/proc/1/status").value, "SigCgt");
  const std::string exe = files.ReadLink("/proc/1/exe").value;
  const bool busybox = exe.substr(exe.rfind('/') + 1).starts_with("busybox");
  const bool init = name_ == "init" || name_ == "linuxrc";
  // `busybox init` has the name busybox, as `busybox httpd` has.
  busybox_init_ = (busybox && init) || ((busybox || init) && CatchesAsBusyboxInit());
}

/// Busybox 1.35 catches SIGTSTP alone, and SIGCONT while that has stopped it; it waits for the
/// other signals in sigtimedwait(2). Older versions catch all of them. No other init does either:
/// sysvinit ignores SIGTERM; Upstart, finit and openrc-init leave out one or more of the others.
bool Pid1::CatchesAsBusyboxInit() const {
  std::uint64_t orders = Bit(SIGTSTP);
  if ((caught_ & ~Bit(SIGCONT)) == orders) return true;
  for (int signal : {SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM}) orders |= Bit(signal);
  return (caught_ & orders) == orders;
}

bool Pid1::IsInit() const {
  return busybox_init_ || std::find(kInits.begin(), kInits.end(), name_) != kInits.end();
}

Result<bool> ShutdownReachesInit(Kernel& kernel, const Pid1& pid1) {
  return InChild(kernel, limits::kShutdownProgram, [&] {
    const bool program = std::any_of(kShutdownPrograms.begin(), kShutdownPrograms.end(),
                                     [&](const char* path) { return IsProgram(kernel, path); });
    return InitListens(kernel) || (pid1.IsInit() && program);
  });
}

}  // namespace curfew
