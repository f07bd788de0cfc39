// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/sequence.h"

#include <linux/reboot.h>
#include <utmp.h>

#include <algorithm>
#include <set>

#include "check.h"
#include "final_stage_test.h"
#include "plan/native.h"

namespace sequence_test {
using namespace curfew;

namespace {

/// A machine with one of everything: two processes, mounts, swap, quota, a drive and a clock.
struct MachineTest : StageTest {
  Heartbeat heartbeat = Heartbeat::Create();

  MachineTest() {
    context.heartbeat = &heartbeat;
    request.ending = Ending::kPowerOff;
    auto& files = kernel.files;
    files["/proc/self/mountinfo"] =
        "20 1 8:1 / / rw - ext4 /dev/sda1 rw,usrquota\n"
        "21 20 0:5 / /dev rw - devtmpfs devtmpfs rw\n"
        "22 20 8:2 / /home rw - ext4 /dev/sda2 rw\n"
        "23 20 0:40 / /mnt rw - nfs server:/ rw\n";
    files["/proc/swaps"] = "Filename Type Size Used Priority\n/home/swap file 100 0 -2\n";
    kernel.dirs["/proc"] = {"1", "4000", "500", "501"};
    for (const char* pid : {"1", "4000", "500", "501"})
      files["/proc/" + std::string(pid) + "/stat"] =
          std::string(pid) + " (x) T 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
    files["/var/log/wtmp"] = "";
    files["/dev/rtc0"] = "";
    kernel.dirs["/sys/block"] = {"sda"};
    files["/sys/block/sda/queue/write_cache"] = "write back\n";
    files["/sys/block/sda/device/vendor"] = "ATA\n";
    kernel.dirs["/sys/block/sda/device/scsi_disk"] = {"0:0:0:0"};
    files["/sys/block/sda/device/scsi_disk/0:0:0:0/manage_start_stop"] = "0\n";
    files["/dev/sda"] = "";
    kernel.dirs["/etc/curfew/final.d"] = {"hook"};
    kernel.programs["/etc/curfew/final.d/hook"] = 0;
    files["/proc/bus/input/devices"] = "\nB: SND=6\n";
    files["/dev/tty0"] = "";
    request.standby = true;
  }
  bool Ended() const {
    return kernel.Called("reboot " + ScriptedKernel::Hex(LINUX_REBOOT_CMD_POWER_OFF)) ||
           kernel.Called("reboot " + ScriptedKernel::Hex(LINUX_REBOOT_CMD_HALT));
  }
  size_t Position(const std::string& beginning) const {
    size_t at = 0;
    while (at < kernel.calls.size() && !kernel.calls[at].starts_with(beginning)) ++at;
    return at;
  }
};

}  // namespace

TEST("where every fork is refused, each stage makes its calls itself") {
  MachineTest calm, refused;
  refused.kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  RunSequence(calm.context);
  RunSequence(refused.context);
  CHECK(refused.Ended());
  // Only a dead-man and a program need a process of their own.
  constexpr const char* kNeedProcess[] = {"daemon ", "run ", "kill 4001 0", "symlink ",
                                          "unlink /run/curfew/heartbeat"};
  for (const std::string& call : calm.kernel.calls)
    if (std::none_of(std::begin(kNeedProcess), std::end(kNeedProcess),
                     [&](const char* word) { return call.starts_with(word); }))
      CHECK_EQ(refused.kernel.Called(call) ? std::string() : call, std::string());
  CHECK(refused.Said("hook /etc/curfew/final.d/hook: Resource temporarily unavailable"));
}

TEST("where no rc ran, what the network serves is unmounted before any other process is ended") {
  for (const bool without_rc : {true, false}) {
    MachineTest test;
    test.request.without_rc = without_rc;
    RunSequence(test.context);
    CHECK(test.Position("umount /mnt ") < test.kernel.calls.size());
    CHECK(test.Position("pidfd_signal 500 ") < test.kernel.calls.size());
    CHECK_EQ(test.Position("umount /mnt ") < test.Position("pidfd_signal 500 "), without_rc);
  }
}

TEST("whichever call fails, the machine ends") {
  MachineTest calm;
  RunSequence(calm.context);
  CHECK(calm.Ended());
  const int calls = static_cast<int>(calm.kernel.all.size());
  CHECK(calls > 50);
  int first = 0;
  for (auto failure : {std::errc::io_error, std::errc::operation_not_permitted,
                       std::errc::too_many_files_open, std::errc::timed_out}) {
    for (int n = 1 + first++ % check::kStep; n <= calls; n += check::kStep) {
      MachineTest test;
      test.kernel.fail_nth = n;
      test.kernel.failure = failure;
      RunSequence(test.context);
      if (!test.Ended())
        check::Fail(__FILE__, __LINE__, "it does not when this fails: " + test.kernel.all[n - 1]);
    }
  }
}

TEST("the heartbeat tell which stage runs, and each of them ticks") {
  MachineTest test;
  const auto before = test.heartbeat->beats.load();
  std::set<std::uint32_t> seen;
  test.kernel.on_call = [&](const std::string&) { seen.insert(test.heartbeat->stage); };
  RunSequence(test.context);
  CHECK(seen.contains(StageNumber(StageId::kPower)));
  CHECK(seen.size() > 8);
  CHECK_EQ(test.heartbeat->stage.load(), 0u);
  CHECK(test.heartbeat->beats >= before + 2 * (seen.size() - 1));
}

TEST(
    "the stages keep their order: kill, record, unmount, read-only, flush, hooks, drives, beep, "
    "end") {
  MachineTest test;
  RunSequence(test.context);
  const size_t record = test.Position("append /var/log/wtmp"), home = test.Position("umount /home"),
               root = test.Position("mount / "), hook = test.Position("run "),
               flush = test.Position("fsync /dev/sda"),
               drive = test.Position("write /sys/block/sda"),
               beep = test.Position("ioctl /dev/tty0"), end = test.Position("reboot ");
  CHECK(test.Position("pidfd_signal 500 15") < record);
  CHECK(record < home && home < root && root < flush && flush < hook && hook < drive);
  CHECK(drive < beep && beep < end);
  CHECK(end < test.kernel.calls.size());
}

TEST("the stages in the place of scripts are those of the sequence up to read-only, in its order") {
  std::string native, all;
  for (const char* service : {"sendsigs", "umountnfs.sh", "hwclock.sh", "umountfs", "umountroot"})
    native += std::string(FindNativeStage(service, "0")->stages) + ",";
  for (auto id = StageId::kKill; id <= StageId::kReadOnly; id = static_cast<StageId>(int(id) + 1))
    all += std::string(StageName(id)) + ",";
  CHECK_EQ(native, all);
}

TEST("in a container only its processes, records and mounts are touched") {
  MachineTest test;
  test.request.container = true;
  RunSequence(test.context);
  CHECK(test.Ended());
  for (const char* call : {"swapoff", "quotaoff", "acct", "ioctl", "write", "fsync"})
    CHECK_EQ(test.Position(call), test.kernel.calls.size());
  CHECK(test.Position("append /var/log/wtmp") < test.kernel.calls.size());
}

TEST("one shutdown has one record, however many halts it takes") {
  MachineTest test;
  RunStage(test.context, StageId::kRecord);
  RunSequence(test.context);
  CHECK_EQ(test.kernel.files["/var/log/wtmp"].size(), sizeof(utmp));
}

TEST("outside of a shutdown each call writes its record and leaves no mark") {
  MachineTest test;
  test.request.in_shutdown = false;
  RunStage(test.context, StageId::kRecord);
  RunStage(test.context, StageId::kRecord);
  CHECK_EQ(test.kernel.files["/var/log/wtmp"].size(), 2 * sizeof(utmp));
  CHECK(!test.kernel.files.contains("/run/curfew/recorded"));
}

TEST(
    "forced outside of a shutdown: record, sync, flush, interfaces, drives, end; no kill, no "
    "unmount") {
  MachineTest test;
  test.request.in_shutdown = false;
  RunForced(test.context);
  CHECK(test.Ended());
  CHECK(test.Position("append") < test.Position("sync"));
  CHECK(test.Position("sync") < test.Position("fsync /dev/sda"));
  CHECK_EQ(test.Position("run "), test.kernel.calls.size());
  CHECK_EQ(test.Position("umount"), test.kernel.calls.size());
  CHECK_EQ(test.Position("pidfd_signal"), test.kernel.calls.size());
}

TEST("--fast stops PID 1 before the kill, so that it starts nothing again; level 0 does not") {
  MachineTest fast, level;
  fast.request.without_rc = true;
  RunSequence(fast.context);
  RunSequence(level.context);
  CHECK(fast.Position("kill 1 20") < fast.Position("pidfd_signal"));
  CHECK(level.Position("kill 1 20") > level.Position("append /var/log/wtmp"));
}

TEST("until power: the same calls as the sequence before the end, and no end") {
  MachineTest whole, part;
  RunSequence(whole.context);
  RunUntilPower(part.context);
  CHECK(whole.Ended() && !part.Ended());
  const size_t end = whole.Position("reboot ");
  CHECK(part.kernel.calls.size() > 50);
  for (size_t i = 0; i < part.kernel.calls.size() && i < end; ++i)
    CHECK_EQ(part.kernel.calls[i], whole.kernel.calls[i]);
}

TEST("after a script only disks are made safe again and ups-monitor is called, then the end") {
  MachineTest test;
  test.kernel.programs["/etc/init.d/ups-monitor"] = 0;
  test.request.ups = false;
  RunUntilPower(test.context);
  CHECK(test.kernel.Called("run /etc/curfew/final.d/hook poweroff"));
  CHECK(!test.kernel.Called("run /etc/init.d/ups-monitor poweroff"));
  test.kernel.calls.clear();
  test.request.finished = test.request.ups = true;
  RunSequence(test.context);
  CHECK(test.Ended());
  CHECK(test.Position("mount / ") < test.Position("run /etc/init.d/ups-monitor poweroff"));
  for (const char* call : {"append /var/log/wtmp", "run /etc/curfew", "quotaoff", "ioctl /dev/rtc0",
                           "ioctl /dev/tty0", "write /sys/block"})
    CHECK_EQ(test.Position(call), test.kernel.calls.size());
}

}  // namespace sequence_test
