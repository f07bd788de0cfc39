// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/options.h"

#include <utmp.h>

#include <map>

#include "check.h"
#include "final/mode.h"
#include "kernel/container.h"
#include "scripted_kernel.h"

namespace options_test {
using namespace curfew;

namespace {

bool Parse(std::vector<const char*> words, Options* options) {
  std::string error;
  return ParseOptions(static_cast<int>(words.size()), words.data(), options, &error);
}

char LevelOf(ScriptedKernel& kernel, const std::map<std::string, const char*>& environment) {
  return Runlevel(kernel, [&](const char* name) -> const char* {
    auto value = environment.find(name);
    return value == environment.end() ? nullptr : value->second;
  });
}

}  // namespace

TEST("each letter may come twice, bundled, and with its value attached or apart") {
  for (char letter : std::string("nwdfihpk")) {
    const std::string twice = {'-', letter, letter}, once = {'-', letter};
    Options options;
    CHECK(Parse({"halt", twice.c_str(), once.c_str(), once.c_str()}, &options));
  }
  Options options;
  CHECK(Parse({"halt", "-dfiph", "-t5", "-t", "7"}, &options));
  CHECK(options.no_record && options.force && options.interfaces_down && options.standby);
  CHECK_EQ(options.delay, "7");
  CHECK(options.ending == Ending::kPowerOff);
}

TEST("an unknown option, an operand, a cut long name and a missing value are refused") {
  for (const char* word : {"-x", "now", "--forc", "-t", "--stage=swap", "--stage=", "--spare-fd=x",
                           "--heartbeat-fd=3x"}) {
    Options options;
    CHECK(!Parse({"halt", word}, &options));
  }
}

TEST("the name decides between halt, power-off and restart") {
  CHECK_EQ(ProgramName("/sbin/reboot"), "reboot");
  CHECK_EQ(ProgramName("-poweroff"), "poweroff");
  CHECK_EQ(ProgramName("/tmp/anything"), "halt");
  Options reboot, poweroff, halt;
  CHECK(Parse({"reboot", "-p"}, &reboot) && Parse({"poweroff"}, &poweroff) && Parse({"x"}, &halt));
  CHECK(reboot.ending == Ending::kRestart);
  CHECK(poweroff.ending == Ending::kPowerOff);
  CHECK(halt.ending == Ending::kHalt);
}

TEST("stages are a list in the order given, and -m implies force") {
  Options options;
  CHECK(Parse({"halt", "--stage", "record,unmount-network", "-m", "a b"}, &options));
  CHECK_EQ(options.stages, (std::vector{StageId::kRecord, StageId::kUnmountNetwork}));
  CHECK_EQ(options.restart_argument, "a b");
  CHECK(options.force);
}

TEST("the level is init's word, else utmp's, else /run/runlevel's, else unknown") {
  ScriptedKernel kernel;
  CHECK_EQ(LevelOf(kernel, {{"RUNLEVEL", "0"}}), '\0');
  kernel.files["/run/runlevel"] = "3\n";
  CHECK_EQ(LevelOf(kernel, {}), '3');
  utmp boot{}, level{};
  boot.ut_type = BOOT_TIME;
  level.ut_type = RUN_LVL;
  level.ut_pid = '2' + 256 * 'N';
  kernel.files["/run/utmp"] = std::string(reinterpret_cast<char*>(&boot), sizeof boot) +
                              std::string(reinterpret_cast<char*>(&level), sizeof level);
  CHECK_EQ(LevelOf(kernel, {{"RUNLEVEL", "0"}}), '2');
  CHECK_EQ(LevelOf(kernel, {{"RUNLEVEL", "6"}, {"INIT_VERSION", "sysvinit-3.06"}}), '6');
}

TEST("a container shows in its PID namespace or in the environment of PID 1") {
  ScriptedKernel kernel;
  kernel.links["/proc/self/ns/pid"] = "pid:[4026531836]";
  CHECK(!InContainer(kernel));
  kernel.files["/proc/1/environ"] = std::string("A=1\0container=lxc\0", 18);
  CHECK(InContainer(kernel));
  kernel.files["/proc/1/environ"] = std::string("NOcontainer=x\0", 14);
  CHECK(!InContainer(kernel));
  kernel.links["/proc/self/ns/pid"] = "pid:[4026532222]";
  CHECK(InContainer(kernel));
}

}  // namespace options_test
