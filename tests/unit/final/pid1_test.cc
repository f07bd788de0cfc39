// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/pid1.h"

#include "check.h"
#include "pid1_test.h"

namespace pid1_test {
using namespace curfew;

namespace {

Pid1 Meet(const FirstProcess& process) {
  ScriptedKernel kernel;
  process.Become(kernel);
  return Pid1(kernel);
}

/// Busybox init before it waited for its signals.
const std::string kOldBusybox =
    SignalMask({SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGTSTP, SIGPWR});

}  // namespace

TEST("busybox init is known by its program, its name and its signals, however it is installed") {
  for (const FirstProcess& process : {
           kBusyboxInit,
           FirstProcess{"linuxrc", "/bin/busybox.static", kOldBusybox},
           FirstProcess{"busybox", "/bin/busybox", SignalMask({SIGTSTP})},  // busybox init
           FirstProcess{"init", "/sbin/init", SignalMask({SIGTSTP})},       // a hard link
           FirstProcess{"init", "/sbin/init", kOldBusybox},
           FirstProcess{"init", "/sbin/init", SignalMask({SIGTSTP, SIGCONT})},  // stopped
           FirstProcess{"init", "/bin/busybox (deleted)", SignalMask({SIGTSTP})},
       }) {
    const Pid1 pid1 = Meet(process);
    CHECK(pid1.IsBusyboxInit() && pid1.IsInit() && !pid1.GoesDown());
    CHECK(pid1.Catches(SIGTSTP) && !pid1.Catches(SIGALRM));
  }
}

TEST("other inits are no busybox init") {
  for (const FirstProcess& process : {
           kSysvinit, kSystemd,
           FirstProcess{"init", "/sbin/openrc-init",
                        SignalMask({SIGINT, SIGTERM, SIGCHLD, SIGPWR})},
           FirstProcess{"init", "/sbin/init"},  // a script of an initramfs
       }) {
    const Pid1 pid1 = Meet(process);
    CHECK(!pid1.IsBusyboxInit() && !pid1.GoesDown() && pid1.IsInit());
  }
}

TEST("a program of busybox, and a server that catches the same signals, are no init") {
  for (const FirstProcess& process : {
           kSleep,
           FirstProcess{"sh", "/bin/busybox", SignalMask({SIGINT})},
           FirstProcess{"busybox", "/bin/busybox", SignalMask({SIGUSR1, SIGUSR2, SIGTERM})},
           FirstProcess{"nginx", "/usr/sbin/nginx", kOldBusybox},
       }) {
    const Pid1 pid1 = Meet(process);
    CHECK(!pid1.IsBusyboxInit() && !pid1.GoesDown() && !pid1.IsInit());
  }
}

TEST("busybox init in its ::shutdown: entries catches nothing, and is busybox init all the same") {
  const Pid1 pid1 = Meet(kBusyboxGoingDown);
  CHECK(pid1.IsBusyboxInit() && pid1.GoesDown());
}

TEST("without procfs PID 1 is nothing in particular") {
  ScriptedKernel kernel;
  const Pid1 pid1(kernel);
  CHECK(!pid1.IsBusyboxInit() && !pid1.IsInit() && !pid1.Catches(SIGTERM));
  CHECK_EQ(pid1.Name(), "?");
}

TEST("to know PID 1 only procfs is read") {
  ScriptedKernel kernel;
  kBusyboxInit.Become(kernel);
  Pid1{kernel};
  CHECK(kernel.calls.empty());
  for (const std::string& call : kernel.all)
    CHECK(call.starts_with("read /proc/1/") || call.starts_with("readlink /proc/1/"));
}

}  // namespace pid1_test
