// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/fs.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "check.h"
#include "crowd.h"
#include "final/processes/skip_list.h"
#include "final/stages/stages.h"
#include "kernel/process_info.h"

namespace kill_test {
using namespace curfew;
using std::chrono::milliseconds;

TEST("a stat line is read, whatever brackets and blanks the name has") {
  auto process =
      ParseStat("812 (a) R (b c) S 1 812 700 34816 -1 4194560 0 0 0 0 0 0 0 0 20 0 3 0 5678 0 0\n");
  CHECK(process.has_value());
  CHECK_EQ(process->name, "a) R (b c");
  CHECK_EQ(process->Label(), "a) R (b c[812]");
  CHECK_EQ(process->session, 700);
  CHECK_EQ(process->terminal, 34816);
  CHECK_EQ(process->start, 5678u);
  CHECK(!process->kernel_thread);
  CHECK(
      ParseStat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 4 0 0")->kernel_thread);
}

TEST("a garbled stat line is no process") {
  for (const char* line : {"", "812", "812 (x", "812 (x)", "812 (x) S 1 2", "x (y) S 1 2 3",
                           "812 (x) S 1 812 seven 34816 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 5678 0 0"})
    CHECK(!ParseStat(line).has_value());
}

TEST("a leader that ended before its threads is still a living process") {
  const char* line = "9 (x) Z 1 9 9 0 -1 0 0 0 0 0 0 0 0 0 20 0 %d 0 5 0 0";
  char text[100];
  snprintf(text, sizeof text, line, 2);
  CHECK(!ParseStat(text)->Ended());
  snprintf(text, sizeof text, line, 1);
  CHECK(ParseStat(text)->Ended());
}

TEST("each process is stopped, told to end and resumed, and is gone without KILL") {
  Crowd crowd;
  crowd.Add(10, {.name = "cron"});
  crowd.Add(11, {.name = "bash", .terminal = 34816});
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
  CHECK_EQ(crowd.Signals(11), "19 1 15 18");
  CHECK_EQ(crowd.said.size(), 1u);
  CHECK(crowd.said[0].starts_with("2 processes ended in 0."));
  CHECK(crowd.kernel.open_paths.empty());
}

TEST("with quiet who was killed is named, and a good end is not told, but in a container") {
  for (const bool container : {false, true}) {
    Crowd crowd;
    crowd.request.settings.quiet = true;
    crowd.request.container = container;
    crowd.Add(10, {.name = "cron"});
    crowd.Add(11, {.name = "deaf", .deaf = true});
    KillStage(crowd.context);
    CHECK(crowd.said[0].find("deaf") != std::string::npos);
    CHECK_EQ(crowd.said.back().starts_with("2 processes ended in "), container);
  }
}

TEST("a process that ignores TERM is resumed, waited for, killed and named") {
  Crowd crowd;
  crowd.Add(10, {.name = "deaf", .deaf = true});
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18 19 9");
  CHECK(crowd.Said("killed: deaf[10]"));
  CHECK(crowd.kernel.now >= milliseconds(5000));
  CHECK(crowd.kernel.now < milliseconds(6000));
}

TEST("a process in D is left 2 s after KILL and named with what it waits in") {
  Crowd crowd;
  crowd.Add(10, {.name = "cp", .stuck = true});
  crowd.kernel.files["/proc/10/wchan"] = "nfs_wait_bit_killable";
  KillStage(crowd.context);
  CHECK(crowd.Said("cp[10] does not end: D nfs_wait_bit_killable"));
  CHECK(crowd.Signals(10).starts_with("19 15 18 19 9"));
  CHECK(crowd.kernel.now >= milliseconds(7000) && crowd.kernel.now < milliseconds(8000));
}

TEST("init, halt, its ancestors, kernel threads and rc's scripts are spared") {
  Crowd crowd;
  crowd.Add(20, {.name = "rc", .group = 20});
  crowd.Add(crowd.kernel.self, {.name = "halt", .group = 21, .parent = 20});
  crowd.Add(2, {.name = "kthreadd", .flags = 0x00200000});
  crowd.Add(30, {.name = "K01svc", .group = 30});
  crowd.Add(31, {.name = "child", .group = 30, .parent = 30});
  crowd.Add(32, {.name = "pg_ctl", .group = 32, .parent = 31});
  crowd.kernel.files["/proc/self/fd/7"] = "30\n";
  crowd.request.groups_file = "/proc/self/fd/7";
  KillStage(crowd.context);
  for (const auto& [pid, member] : crowd.members) CHECK_EQ(crowd.Signals(pid), "");
}

TEST("what rc is just making is waited for, and spared") {
  Crowd crowd;
  crowd.Add(30, {.name = "rc", .group = 30});
  crowd.kernel.files["/proc/self/fd/7"] = "+\n";
  crowd.request.groups_file = "/proc/self/fd/7";
  crowd.on_time = [&] { crowd.kernel.files["/proc/self/fd/7"] = "30\n"; };
  KillStage(crowd.context);
  CHECK(crowd.Signals(30).empty());
}

TEST("an rc that died while it made a process does not hold up the stage") {
  Crowd crowd;
  crowd.Add(30, {.name = "d", .group = 30});
  crowd.kernel.files["/proc/self/fd/7"] = "+\n";
  crowd.request.groups_file = "/proc/self/fd/7";
  KillStage(crowd.context);
  CHECK(!crowd.Lives(30) && crowd.kernel.now < milliseconds(1000));
}

TEST("pids in the omit files are spared, garbage and dangling links in them are not minded") {
  Crowd crowd;
  for (int pid : {40, 41, 42}) crowd.Add(pid, {.name = "d"});
  crowd.kernel.files["/run/sendsigs.omit"] = "40 abc\n-1 99999999999999 0x29\n";
  crowd.kernel.files["/run/sendsigs.omit.d/udev"] = "41\n";
  crowd.kernel.dirs["/run/sendsigs.omit.d"] = {"dangling", "udev"};
  KillStage(crowd.context);
  CHECK(crowd.Lives(40) && crowd.Lives(41) && !crowd.Lives(42));
  CHECK(crowd.Signals(40).empty() && crowd.Signals(41).empty());
}

TEST("level 1 knows no omit files, as Debian's killprocs") {
  Crowd crowd;
  crowd.request.in_shutdown = false;
  crowd.Add(40, {.name = "d"});
  crowd.kernel.files["/run/sendsigs.omit"] = "40";
  KillStage(crowd.context);
  CHECK(!crowd.Lives(40));
}

TEST("the last halt ends those in the omit files, too: no script comes for them") {
  Crowd crowd;
  crowd.request.last = true;
  crowd.Add(40, {.name = "rsyslogd"});
  crowd.kernel.files["/run/sendsigs.omit"] = "40";
  KillStage(crowd.context);
  CHECK(!crowd.Lives(40));
}

TEST("root's storage daemons are spared, the same name or mark of a user is not") {
  Crowd crowd;
  for (int pid : {50, 51, 52, 53}) crowd.Add(pid, {.name = pid < 52 ? "splash" : "mdmon"});
  for (int pid : {50, 51}) crowd.kernel.files["/proc/" + std::to_string(pid) + "/cmdline"] = "@dm";
  for (int pid : {50, 52})
    crowd.kernel.files["/proc/" + std::to_string(pid) + "/status"] = "Name:\tx\nUid:\t0\t0\t0\t0\n";
  for (int pid : {51, 53})
    crowd.kernel.files["/proc/" + std::to_string(pid) + "/status"] = "Name:\tx\nUid:\t1000\t0\t0\n";
  KillStage(crowd.context);
  CHECK(crowd.Lives(50) && crowd.Lives(52) && !crowd.Lives(51) && !crowd.Lives(53));
}

TEST("a FUSE daemon is spared only when it serves the root") {
  for (const char* type : {"fuseblk", "ext4"}) {
    Crowd crowd;
    crowd.Add(60, {.name = "ntfs-3g"});
    crowd.kernel.files["/proc/60/status"] = "Name:\tx\nUid:\t0\t0\t0\t0\n";
    crowd.kernel.dirs["/proc/60/fd"] = {"0", "4"};
    crowd.kernel.links["/proc/60/fd/4"] = "/dev/fuse";
    crowd.kernel.files["/proc/self/mountinfo"] =
        "21 1 8:1 / / rw - " + std::string(type) + " /dev/sda1 rw\n";
    KillStage(crowd.context);
    CHECK_EQ(crowd.Lives(60), std::string(type) == "fuseblk");
  }
}

TEST("what appears in answer to TERM is told to end, too, and not killed at once") {
  Crowd crowd;
  crowd.Add(10, {.name = "daemon"});
  auto answer = crowd.kernel.on_call;
  crowd.kernel.on_call = [&](const std::string& call) {
    answer(call);
    if (call == "pidfd_signal 10 15") crowd.Add(11, {.name = "helper"});
  };
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(11), "19 15 18");
}

TEST("without pidfd a signal goes only to the process whose start time is known") {
  Crowd crowd;
  crowd.kernel.errors["pidfd_open"] = std::errc::function_not_supported;
  crowd.Add(10, {.name = "cron"});
  crowd.Add(11, {.name = "deaf", .deaf = true});
  KillStage(crowd.context);
  CHECK(crowd.kernel.Called("kill 10 15") && crowd.kernel.Called("kill 11 9"));
  CHECK(!crowd.Lives(10) && !crowd.Lives(11));
  const auto& all = crowd.kernel.all;
  CHECK_EQ(std::count_if(all.begin(), all.end(),
                         [](const auto& call) { return call.starts_with("pidfd_open"); }),
           1);
}

TEST("where signals by pidfd are refused, kill(2) sends them; where both are, that is said") {
  Crowd crowd;
  crowd.kernel.errors["pidfd_signal"] = std::errc::operation_not_permitted;
  crowd.Add(10, {.name = "cron"});
  KillStage(crowd.context);
  CHECK(crowd.kernel.Called("kill 10 15"));
  CHECK(!crowd.Lives(10) && crowd.kernel.now < milliseconds(1000));
  Crowd mute;
  mute.kernel.errors["pidfd_signal"] = mute.kernel.errors["kill 10"] =
      std::errc::operation_not_permitted;
  mute.Add(10, {.name = "cron", .deaf = true, .stuck = true});
  KillStage(mute.context);
  CHECK(mute.Said("cron[10] does not end: D ?; signals are refused: Operation not permitted"));
}

TEST("without descriptors no process is skipped by accident") {
  Crowd crowd;
  crowd.kernel.descriptor_limit = {32 + 2, 32 + 2};
  for (int pid = 10; pid < 30; ++pid) crowd.Add(pid, {.name = "many"});
  KillStage(crowd.context);
  for (int pid = 10; pid < 30; ++pid) CHECK(!crowd.Lives(pid));
  CHECK(crowd.kernel.open_paths.empty());
}

TEST("an unreadable stat is not taken for an end") {
  Crowd crowd;
  crowd.Add(10, {.name = "cron"});
  crowd.kernel.errors["read /proc/10/stat"] = std::errc::too_many_files_open;
  auto answer = crowd.kernel.on_call;
  int reads = 0;
  crowd.kernel.on_call = [&](const std::string& call) {
    answer(call);
    if (call == "read /proc/10/stat" && ++reads == 3) crowd.kernel.errors.clear();
  };
  KillStage(crowd.context);
  CHECK(!crowd.Lives(10));
}

TEST("without /proc the last halt signals all, a stage of rc leaves them; both say so") {
  for (const char* what : {"mounted", "listed", "read"}) {
    for (const bool last : {true, false}) {
      Crowd crowd;
      crowd.Add(10, {.name = "cron"});
      crowd.request.last = last;
      if (what == std::string("mounted")) crowd.kernel.dirs["/proc"] = {};
      if (what == std::string("listed")) crowd.kernel.errors["list /proc"] = std::errc::io_error;
      if (what == std::string("read"))
        crowd.kernel.errors["read /proc/10/stat"] = std::errc::too_many_files_open;
      KillStage(crowd.context);
      CHECK_EQ(crowd.kernel.Called("kill -1 15"), last);
      CHECK_EQ(crowd.kernel.Called("kill -1 9"), last);
      CHECK_EQ(crowd.said.size(), 1u);
      CHECK(crowd.said[0].starts_with("/proc does not show all processes: "));
    }
  }
}

TEST("where the kernel shows all processes none is signalled unseen") {
  Crowd crowd;
  crowd.request.last = true;
  crowd.Add(10, {.name = "deaf", .deaf = true});
  KillStage(crowd.context);
  CHECK(!crowd.kernel.Called("kill -1 15"));
}

TEST("the kill stage ends whichever call fails") {
  for (int nth = 1; nth < 400; ++nth) {
    Crowd crowd;
    crowd.Add(10, {.name = "cron"});
    crowd.Add(11, {.name = "deaf", .deaf = true});
    crowd.kernel.files["/run/sendsigs.omit"] = "9";
    crowd.kernel.fail_nth = nth;
    KillStage(crowd.context);
    CHECK(!crowd.Lives(10) && !crowd.Lives(11));
    if (static_cast<int>(crowd.kernel.all.size()) < nth) break;
  }
}

namespace {

/// A crowd on a machine with this mountinfo; a mount that is unmounted goes.
struct Mounted : Crowd {
  explicit Mounted(std::vector<std::string> lines) : lines_(std::move(lines)) {
    Show();
    auto answer = kernel.on_call;
    kernel.on_call = [this, answer](const std::string& call) {
      answer(call);
      if (!call.starts_with("umount ")) return;
      const auto target = " " + call.substr(7, call.rfind(' ') - 7) + " rw";
      std::erase_if(lines_, [&](const auto& line) { return line.find(target) != line.npos; });
      Show();
    };
  }
  void HasOpen(pid_t pid, const std::string& device) {
    const auto dir = "/proc/" + std::to_string(pid) + "/fd";
    kernel.dirs[dir] = {"3"};
    kernel.links[dir + "/3"] = device;
  }
  void Show() {
    auto& text = kernel.files["/proc/self/mountinfo"];
    text.clear();
    for (const auto& line : lines_) text += line + "\n";
  }

 private:
  std::vector<std::string> lines_;
};

const std::string kRoot = "1 0 8:1 / / rw - ext4 /dev/sda1 rw";

}  // namespace

TEST("before the first signal each disk is thawed and written back; -n only thaws") {
  for (const bool sync : {true, false}) {
    Mounted test({kRoot, "2 1 8:2 / /srv rw - xfs /dev/sdb rw", "3 1 0:40 / /n rw - nfs4 s:/ rw",
                  "4 1 0:41 / /dev/shm rw - tmpfs t rw"});
    test.request.sync = sync;
    for (const char* path : {"/", "/srv"}) test.kernel.files[path] = "";
    test.kernel.on_ioctl = [&](int fd, unsigned long, void*) -> Result<int> {
      if (test.kernel.open_paths[fd] == "/srv") return 0;
      return std::make_error_code(std::errc::invalid_argument);
    };
    test.Add(10, {.name = "cron"});
    KillStage(test.context);
    const auto thaw = " " + ScriptedKernel::Hex(FITHAW);
    std::vector<std::string> first{"ioctl /" + thaw, "ioctl /srv" + thaw};
    if (sync) first.insert(first.end(), {"syncfs /", "syncfs /srv"});
    first.push_back("pidfd_signal 10 19");
    auto calls = test.kernel.calls;
    std::erase_if(calls, [](const std::string& call) { return call.starts_with("write "); });
    calls.resize(first.size());
    CHECK_EQ(calls, first);
    CHECK(test.Said("/srv was frozen; it is thawed") && !test.Said("/ was frozen; it is thawed"));
  }
}

TEST("a file system that the kernel made read-only is named as a loss, no other one") {
  Mounted test({kRoot, "2 1 8:2 / /bad rw - ext4 /dev/sdb ro", "3 1 8:3 / /by-hand ro - ext4 c ro",
                "4 1 8:3 / /bound rw - ext4 c ro", "5 1 7:0 / /image rw - squashfs i ro"});
  KillStage(test.context);
  CHECK_EQ(test.said,
           std::vector<std::string>{"/dev/sdb (/bad): the kernel made it read-only after an error; "
                                    "what was not written by then is lost"});
}

TEST("who serves a mounted disk lives, with its children, until that is unmounted") {
  for (const std::string name : {"nbd0", "ublkb0"}) {
    Mounted test({kRoot, "2 1 43:0 / /srv rw - ext4 /dev/disk rw"});
    test.kernel.dirs["/sys/class/block"] = {"sda1", name};
    test.kernel.files["/sys/class/block/" + name + "/dev"] = "43:0\n";
    for (const pid_t pid : {10, 11, 12, 13}) test.Add(pid, {.name = "x"});
    test.Add(11, {.name = "child", .parent = 10});
    test.HasOpen(10, name == "nbd0" ? "/dev/nbd0" : "/dev/ublkc0");
    test.HasOpen(12, "/dev/nbd1");
    test.request.last = true;
    KillStage(test.context);
    CHECK(test.Lives(10) && test.Lives(11) && !test.Lives(12) && !test.Lives(13));
    test.kernel.Umount("/srv", 0);
    ReadOnlyStage(test.context);
    CHECK(!test.Lives(10) && !test.Lives(11));
    CHECK(test.Said("2 processes that nothing needs any more ended: child, x"));
  }
}

TEST("a FUSE daemon ends after its file system is unmounted; one that carries a loop lives on") {
  for (const bool carries : {false, true}) {
    Mounted test({kRoot, "2 1 0:50 / /crypt rw - fuse.gocryptfs c rw"});
    if (carries) {
      test.kernel.errors["umount /crypt"] = std::errc::device_or_resource_busy;
      test.kernel.on_call = nullptr;
      test.kernel.dirs["/sys/class/block"] = {"loop0"};
      test.kernel.files["/sys/class/block/loop0/dev"] = "7:0\n";
      test.kernel.files["/sys/class/block/loop0/loop/backing_file"] = "/crypt/image\n";
    }
    test.Add(10, {.name = "gocryptfs"});
    test.HasOpen(10, "/dev/fuse");
    KillStage(test.context);
    CHECK_EQ(test.Signals(10), carries ? "" : "19 15 18");
    const auto& calls = test.kernel.calls;
    const auto signal = std::find(calls.begin(), calls.end(), "pidfd_signal 10 15");
    const auto unmount = std::find_if(calls.begin(), calls.end(), [](const std::string& call) {
      return call.starts_with("umount /crypt ");
    });
    CHECK(unmount < signal);
  }
}

}  // namespace kill_test
