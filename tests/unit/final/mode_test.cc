// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/mode.h"

#include "check.h"
#include "pid1_test.h"

namespace mode_test {
using namespace curfew;

namespace {

/// A machine, or a container, with this PID 1, and one call of halt on it.
struct Machine {
  ScriptedKernel kernel;

  explicit Machine(const FirstProcess& first, bool container = false) {
    first.Become(kernel);
    kernel.links["/proc/self/ns/pid"] = container ? "pid:[4026532222]" : "pid:[4026531836]";
  }
  Machine& WithShutdown() {
    kernel.programs["/sbin/shutdown"] = 0;
    return *this;
  }
  static Options Words(std::vector<const char*> words) {
    Options options;
    std::string error;
    if (!ParseOptions(static_cast<int>(words.size()), words.data(), &options, &error))
      check::Fail(__FILE__, __LINE__, error);
    return options;
  }
  Mode Take(const std::vector<const char*>& words, char level = '\0') {
    return ChooseMode(kernel, Words(words), level, Pid1(kernel));
  }
  std::string Line(const std::vector<const char*>& words, char level = '\0') {
    return ExplainMode(Take(words, level), Words(words), level, Pid1(kernel));
  }
};

constexpr bool kContainer = true;

/// busybox init that was taught kexec.
FirstProcess WithKexec() {
  FirstProcess process = kBusyboxInit;
  process.caught = SignalMask({SIGTSTP, SIGALRM});
  return process;
}

}  // namespace

TEST("on a machine shutdown(8) is called, whatever its init is, but for busybox") {
  for (const auto& first : {kSysvinit, kSystemd, kSleep, FirstProcess{"runit", "/sbin/runit"}}) {
    Machine machine(first);
    CHECK(machine.Take({"halt"}, '2') == Mode::kShutdown);
    CHECK(machine.Take({"reboot"}) == Mode::kShutdown);
    CHECK_EQ(machine.Line({"halt"}, '2'), "");
    CHECK(machine.kernel.calls.empty());
  }
}

TEST("busybox init is asked by a signal, in a container too, and a line says so") {
  for (bool container : {false, true}) {
    Machine machine(kBusyboxInit, container);
    machine.WithShutdown();
    for (const char* name : {"halt", "poweroff", "reboot"})
      CHECK(machine.Take({name}) == Mode::kSignalInit);
    CHECK_EQ(machine.Line({"halt", "-p"}),
             "PID 1 is busybox init: SIGUSR2 asks it to end the machine");
    CHECK(machine.kernel.calls.empty());
  }
  CHECK_EQ(Machine(kBusyboxGoingDown).Line({"halt"}), "busybox init is ending the machine already");
}

TEST("each ending has busybox init's signal") {
  CHECK_EQ(RequestSignal(Ending::kHalt), SIGUSR1);
  CHECK_EQ(RequestSignal(Ending::kPowerOff), SIGUSR2);
  CHECK_EQ(RequestSignal(Ending::kRestart), SIGTERM);
  CHECK_EQ(RequestSignal(Ending::kKexec), SIGALRM);
}

TEST("kexec is asked of a busybox init that catches SIGALRM, else it is ours") {
  CHECK(Machine(WithKexec()).Take({"reboot", "-k"}) == Mode::kSignalInit);
  CHECK_EQ(Machine(WithKexec()).Line({"reboot", "-k"}),
           "PID 1 is busybox init: SIGALRM asks it to end the machine");
  CHECK(Machine(kBusyboxInit).Take({"reboot", "-k"}) == Mode::kSequence);
  CHECK_EQ(Machine(kBusyboxInit).Line({"reboot", "-k"}),
           "busybox init knows no kexec: all stages are run now, without it");
}

TEST("a container with no init ends by the sequence, though a shutdown(8) may lie there") {
  for (const auto& first : {kSleep, FirstProcess{"nginx", "/usr/sbin/nginx"}}) {
    Machine machine(first, kContainer);
    CHECK(machine.WithShutdown().Take({"halt"}) == Mode::kSequence);
    CHECK_EQ(machine.Line({"halt"}),
             "no init takes a request here (PID 1 is " + first.name + "): all stages are run now");
  }
}

TEST("a container with an init is shut down by it, as long as there is a shutdown(8)") {
  for (const auto& first : {kSysvinit, kSystemd, FirstProcess{"s6-svscan", "/bin/s6-svscan"}}) {
    CHECK(Machine(first, kContainer).WithShutdown().Take({"halt"}) == Mode::kShutdown);
    CHECK(Machine(first, kContainer).Take({"halt"}) == Mode::kSequence);
  }
}

TEST("an init that reads initctl, or systemd, is asked whatever name PID 1 has") {
  Machine fifo(kSleep, kContainer), systemd(kSleep, kContainer), stale(kSleep, kContainer);
  fifo.kernel.files["/run/initctl"] = "";
  systemd.kernel.dirs["/run/systemd/system"] = {};
  stale.kernel.files["/run/initctl"] = "";
  stale.kernel.errors["write /run/initctl"] = std::errc::no_such_device_or_address;
  CHECK(fifo.Take({"halt"}) == Mode::kShutdown);
  CHECK(systemd.Take({"halt"}) == Mode::kShutdown);
  CHECK(stale.Take({"halt"}) == Mode::kSequence);
}

TEST("a dead disk below shutdown(8) does not keep a container up") {
  Machine machine(kSysvinit, kContainer);
  machine.WithShutdown().kernel.children_hang = true;
  CHECK(machine.Take({"halt"}) == Mode::kSequence);
  const auto reaches = ShutdownReachesInit(machine.kernel, Pid1(machine.kernel));
  CHECK(reaches.error == std::errc::timed_out);
}

TEST("options and a final level count over PID 1, and need no explanation") {
  for (const auto& first : {kSysvinit, kBusyboxInit, kSleep}) {
    Machine machine(first, kContainer);
    CHECK(machine.Take({"halt"}, '0') == Mode::kSequence);
    CHECK(machine.Take({"halt", "--fast"}, '2') == Mode::kSequence);
    CHECK(machine.Take({"reboot", "-f"}) == Mode::kForced);
    CHECK(machine.Take({"reboot", "-m", "x"}) == Mode::kForced);
    CHECK(machine.Take({"halt", "--now"}) == Mode::kEndNow);
    CHECK(machine.Take({"halt", "--until-power", "-p"}, '0') == Mode::kUntilPower);
    CHECK(machine.Take({"halt", "-w"}) == Mode::kRecordOnly);
    CHECK(machine.Take({"halt", "--stage", "kill"}) == Mode::kStages);
    CHECK_EQ(machine.Line({"halt"}, '6') + machine.Line({"halt", "--fast"}), "");
    CHECK(machine.kernel.calls.empty());
  }
}

}  // namespace mode_test
