// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/level_request.h"

#include "check.h"
#include "kernel/run_files.h"
#include "scripted_kernel.h"

namespace level_request_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// /proc/PID/stat of a process with this parent and this number of a terminal.
std::string Stat(int pid, const std::string& name, int parent, int terminal = 0) {
  return std::to_string(pid) + " (" + name + ") S " + std::to_string(parent) + " 1 1 " +
         std::to_string(terminal) + " -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n";
}

/// A machine on which alice calls poweroff through sudo, and init starts rc.
struct Machine {
  Machine() {
    kernel.files["/proc/1/stat"] = Stat(1, "init", 0);
    kernel.files["/proc/20/stat"] = Stat(20, "sshd", 1);
    kernel.files["/proc/30/stat"] = Stat(30, "ba) sh\n", 20);
    kernel.files["/proc/40/stat"] = Stat(40, "sudo", 30);
    kernel.files["/proc/50/stat"] = Stat(50, "init", 1);
    kernel.files["/proc/60/stat"] = Stat(60, "rc", 50);
  }
  void Be(int pid, const std::string& cmdline, int parent, const std::string& login, int tty = 0) {
    kernel.files["/proc/self/cmdline"] = cmdline;
    kernel.files["/proc/self/loginuid"] = login;
    kernel.files["/proc/self/stat"] = Stat(pid, "x", parent, tty);
  }
  std::error_code CallPoweroff(std::chrono::microseconds now, std::chrono::seconds delay = 0s) {
    Be(70, std::string("poweroff\0-d\nx\0", 14), 40, "1000", 0x8803);
    return RecordRequest(kernel, FindAsker(kernel, 0), '0', now, delay);
  }
  LevelRequest StartRc(const std::string& level, std::chrono::microseconds now) {
    Be(80, std::string("rc\0", 3), 60, "4294967295");
    return TakeRequest(kernel, "", level, now, 0);
  }
  std::string& Record() { return kernel.files[run_files::kAsked]; }

  ScriptedKernel kernel;
};

using By = LevelRequest::By;

}  // namespace

TEST(
    "rc learns who called poweroff: the login behind sudo, the terminal, the command, from where") {
  Machine machine;
  CHECK(!machine.CallPoweroff(100s));
  const LevelRequest request = machine.StartRc("0", 103s);
  CHECK(request.by == By::kHalt);
  CHECK(request.before == 3s);
  const Asker& asker = request.asker;
  CHECK_EQ(asker.command, "poweroff -d\nx");
  CHECK_EQ(asker.uid, 0u);
  CHECK(asker.login_uid == 1000u);
  CHECK_EQ(asker.terminal, "pts/3");
  CHECK(asker.from == std::vector<std::string>({"sudo[40]", "ba) sh\n[30]", "sshd[20]"}));
}

TEST("a record counts once, for its own level, and no longer than its delay and a minute") {
  Machine machine;
  CHECK(!machine.CallPoweroff(100s));
  CHECK(machine.StartRc("0", 101s).by == By::kHalt);
  CHECK(machine.StartRc("0", 102s).by == By::kInit);
  CHECK(!machine.CallPoweroff(200s));
  CHECK(machine.StartRc("6", 201s).by == By::kInit);
  CHECK(machine.StartRc("0", 202s).by == By::kInit);
  CHECK(!machine.CallPoweroff(300s));
  CHECK(machine.StartRc("0", 361s).by == By::kInit);
  CHECK(!machine.CallPoweroff(400s, 30s));
  CHECK(machine.StartRc("0", 489s).by == By::kHalt);
  // Of another boot, whose clock was further.
  CHECK(!machine.CallPoweroff(500s));
  CHECK(machine.StartRc("0", 30s).by == By::kInit);
}

TEST("where a shutdown waits already, poweroff leaves no record, and takes an old one away") {
  Machine machine;
  CHECK(!machine.CallPoweroff(100s));
  machine.kernel.files["/run/shutdown.pid"] = "90\n";
  machine.kernel.files["/proc/90/stat"] = Stat(90, "shutdown", 20);
  CHECK(!machine.CallPoweroff(110s));
  CHECK(!machine.kernel.files.contains(run_files::kAsked));
  machine.kernel.files.erase("/proc/90/stat");
  CHECK(!machine.CallPoweroff(120s));
  CHECK(machine.kernel.files.contains(run_files::kAsked));
}

TEST("a record that is torn anywhere, foreign or huge names nobody wrongly") {
  Machine machine;
  CHECK(!machine.CallPoweroff(100s));
  const std::string whole = machine.Record();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    machine.Record() = whole.substr(0, size);
    CHECK(machine.StartRc("0", 101s).by == By::kInit);
  }
  for (const std::string& foreign :
       {std::string("\0\0\0", 3),
        std::string("time_us -1\nwithin_us 9\nlevel 0\nuid 0\ncommand x\n"),
        std::string("time_us 1e9\nuid\n\n \n"), whole + std::string(20000, 'x')}) {
    machine.Record() = foreign;
    CHECK(machine.StartRc("0", 101s).by == By::kInit);
  }
}

TEST("an rc that somebody called says who, whatever record there is; init's own knows nobody") {
  Machine machine;
  CHECK(!machine.CallPoweroff(100s));
  machine.Be(80, std::string("rc\0000\0", 5), 30, "1000", 0x401);
  machine.kernel.files["/sys/dev/char/4:1/uevent"] = "MAJOR=4\nMINOR=1\nDEVNAME=tty1\n";
  const LevelRequest by_hand = TakeRequest(machine.kernel, "", "0", 101s, 0);
  CHECK(by_hand.by == By::kRc);
  CHECK_EQ(by_hand.asker.command, "rc 0");
  CHECK_EQ(by_hand.asker.terminal, "tty1");
  CHECK(machine.StartRc("0", 102s).by == By::kInit);
  // A child of PID 1 whose parent has ended, of somebody who logged in.
  machine.Be(80, std::string("rc\0", 3), 1, "1000");
  CHECK(TakeRequest(machine.kernel, "", "0", 103s, 0).by == By::kRc);
  // In a container that somebody started from his login.
  machine.kernel.files["/proc/1/loginuid"] = "1000";
  machine.Be(80, std::string("rc\0", 3), 60, "1000");
  CHECK(TakeRequest(machine.kernel, "", "0", 104s, 0).by == By::kInit);
  // Nothing of /proc is known: not init.
  machine.kernel.has_proc = false;
  CHECK(TakeRequest(machine.kernel, "", "0", 104s, 0).asker.from.empty());
}

}  // namespace level_request_test
