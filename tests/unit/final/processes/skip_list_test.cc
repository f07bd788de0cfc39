// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/skip_list.h"

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace skip_list_test {
using namespace curfew;

namespace {

/// A crowd with one process, 50.
struct OneProcess : Crowd {
  explicit OneProcess(const std::string& uid, bool stuck = false) {
    Add(50, {.name = "d", .stuck = stuck});
    kernel.files["/proc/50/status"] = "Name:\td\nUid:\t" + uid + "\t0\t0\t0\n";
    kernel.files["/proc/50/cmdline"] = "d";
  }
  bool Skips() {
    SkipList skip_list(context, FuseUse::kCarries);
    skip_list.Refresh();
    return skip_list.SkipEach({ReadProcess(kernel, 50).value})[0];
  }
};

}  // namespace

TEST("a process of root whose command line cannot be read is not ended, a user's is") {
  OneProcess root("0"), user("1000"), readable("0");
  for (OneProcess* test : {&root, &user})
    test->kernel.errors["read /proc/50/cmdline"] = std::errc::io_error;
  CHECK(root.Skips() && !user.Skips() && !readable.Skips());
}

TEST("a process that cannot even be asked for its user counts as root's") {
  OneProcess unknown("0"), user("1000");
  for (OneProcess* test : {&unknown, &user}) {
    test->kernel.errors["read /proc/50/cmdline"] = std::errc::io_error;
    test->kernel.errors["stat"] = std::errc::io_error;
  }
  unknown.kernel.errors["read /proc/50/status"] = std::errc::too_many_files_open;
  CHECK(unknown.Skips() && !user.Skips());
}

TEST("a process of root that has ended meanwhile is no storage daemon") {
  OneProcess root("0");
  root.kernel.errors["read /proc/50/cmdline"] = std::errc::no_such_process;
  CHECK(!root.Skips());
}

TEST("where fork is refused, command lines are read here, but not of what is in D") {
  OneProcess plain("0"), daemon("0"), stuck("0", true);
  daemon.kernel.files["/proc/50/cmdline"] = "@dm";
  for (OneProcess* test : {&plain, &daemon, &stuck})
    test->kernel.errors["fork"] = std::errc::resource_unavailable_try_again;
  CHECK(!plain.Skips() && daemon.Skips() && stuck.Skips());
}

TEST("an omit file is read once, in a child; one that cannot be read is named") {
  OneProcess test("0");
  test.kernel.files["/run/sendsigs.omit"] = "50\n";
  test.kernel.dirs["/run/sendsigs.omit.d"] = {"dead", "gone"};
  test.kernel.dirs["/run/sendsigs.omit.d"].push_back("huge");
  test.kernel.files["/run/sendsigs.omit.d/huge"] = std::string(9000, '5');
  test.kernel.errors["read /run/sendsigs.omit.d/dead"] = std::errc::timed_out;
  SkipList skip_list(test.context, FuseUse::kCarries);
  skip_list.Refresh();
  CHECK(skip_list.Skips(ReadProcess(test.kernel, 50).value));
  CHECK_EQ(std::count(test.kernel.all.begin(), test.kernel.all.end(), "read /run/sendsigs.omit"),
           1);
  CHECK_EQ(test.said,
           (std::vector<std::string>{"/run/sendsigs.omit.d/dead does not answer; it is left out",
                                     "/run/sendsigs.omit.d/huge: File too large; it is left out"}));
}

TEST("dmeventd of root, which TERM does not end while it watches a pool, costs no KILL_WAIT") {
  Crowd crowd;
  crowd.Add(51, {.name = "dmeventd", .deaf = true});
  crowd.kernel.files["/proc/51/status"] = "Name:\tdmeventd\nUid:\t0\t0\t0\t0\n";
  crowd.Add(52, {.name = "cron"});
  const auto begin = crowd.kernel.Now();
  KillStage(crowd.context);
  CHECK(crowd.kernel.Now() - begin < std::chrono::seconds(1));
  CHECK_EQ(crowd.events,
           (std::vector<std::string>{"spared 51 dmeventd may serve a disk", "ended 1 4000 cron"}));
}

TEST("who goes on for others is an event with the reason; the kernel's and rc's own are none") {
  Crowd crowd;
  crowd.request.groups_file = "/run/curfew/groups";
  crowd.kernel.files["/run/curfew/groups"] = "40\n";
  crowd.kernel.files["/run/sendsigs.omit"] = "50\n";
  crowd.Add(40, {.name = "rc-script", .group = 40});
  crowd.Add(41, {.name = "kthread", .flags = 0x00200000});
  crowd.Add(50, {.name = "rsyslogd"});
  crowd.Add(51, {.name = "mdmon"});
  crowd.kernel.files["/proc/51/status"] = "Name:\tmdmon\nUid:\t0\t0\t0\t0\n";
  crowd.Add(52, {.name = "cron"});
  KillStage(crowd.context);
  CHECK_EQ(crowd.events,
           (std::vector<std::string>{"spared 50 rsyslogd listed in sendsigs.omit",
                                     "spared 51 mdmon may serve a disk", "ended 1 4000 cron"}));
}

TEST(
    "an iSCSI daemon is spared by its netlink socket while a session is, later while a disk of it "
    "is") {
  for (const auto use : {FuseUse::kMounted, FuseUse::kCarries})
    for (const bool mounted : {true, false})
      for (const bool session : {true, false}) {
        OneProcess test("0");
        test.kernel.dirs["/proc/50/fd"] = {"3"};
        test.kernel.links["/proc/50/fd/3"] = "socket:[77]";
        test.kernel.files["/proc/net/netlink"] =
            "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    "
            "Inode\n"
            "00000000a0000000 8   0          00000000 0        0        0     2        0        0\n"
            "00000000a0000001 8   50         00000001 0        0        0     2        0        "
            "77\n"
            "00000000a0000002 15  51         00000001 0        0        0     2        0        "
            "78\n";
        if (session) test.kernel.dirs["/sys/class/iscsi_session"] = {"session1"};
        test.kernel.dirs["/sys/class/block"] = {"sda", "sdb"};
        test.kernel.links["/sys/class/block/sda"] =
            "../../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda";
        test.kernel.links["/sys/class/block/sdb"] = "../../devices/pci/block/sdb";
        test.kernel.files["/sys/class/block/sda/dev"] = "8:0\n";
        test.kernel.files["/sys/class/block/sdb/dev"] = "8:16\n";
        test.kernel.files["/proc/self/mountinfo"] = mounted
                                                        ? "2 1 8:0 / /srv rw - ext4 /dev/sda rw\n"
                                                        : "2 1 8:16 / /srv rw - ext4 /dev/sdb rw\n";
        SkipList skip_list(test.context, use);
        skip_list.Refresh();
        const bool spared = session && (mounted || use == FuseUse::kMounted);
        CHECK_EQ(skip_list.Skips(ReadProcess(test.kernel, 50).value), spared);
        test.kernel.links["/proc/50/fd/3"] = "socket:[78]";
        skip_list.Refresh();
        CHECK(!skip_list.Skips(ReadProcess(test.kernel, 50).value));
        test.members[50].name = "iscsid";  // By its name as well.
        test.Add(51, {.name = "x"});
        skip_list.Refresh();
        CHECK_EQ(skip_list.SkipEach({ReadProcess(test.kernel, 50).value})[0], spared);
      }
}

namespace {

/// One process in the cgroup /keep/it, which is root's and bears systemd's mark.
struct Survivor : OneProcess {
  const std::string dir = "/sys/fs/cgroup/keep/it";

  explicit Survivor(const std::string& uid) : OneProcess(uid) {
    kernel.files["/proc/self/mountinfo"] = "2 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    kernel.files["/proc/50/cgroup"] = "1:name=x:/other\n0::/keep/it\n";
    kernel.dirs[dir] = {"cgroup.procs"};
    kernel.files[dir + "/cgroup.procs"] = "50\n";
    Mark("user", "1");
  }
  void Mark(const std::string& space, const std::string& value) {
    kernel.attributes = {{dir + " " + space + ".survive_final_kill_signal", value}};
  }
};

}  // namespace

TEST("a mark on its cgroup spares a process of root, in the last halt, too; no user's") {
  for (const bool last : {false, true}) {
    Survivor root("0"), user("1000"), zero("0"), trusted("0");
    for (Survivor* test : {&root, &user, &zero, &trusted}) test->request.last = last;
    zero.Mark("user", "0");
    trusted.Mark("trusted", "1");
    CHECK(root.Skips() && trusted.Skips() && !user.Skips() && !zero.Skips());
  }
}

TEST("a mark does not count on a cgroup that another user may change, or that cannot be seen") {
  Survivor owned("0"), delegated("0"), outside("0"), unmounted("0");
  owned.kernel.owners[owned.dir] = 1000;
  delegated.kernel.owners[delegated.dir + "/cgroup.procs"] = 1000;
  outside.kernel.files["/proc/50/cgroup"] = "0::/../keep/it\n";
  unmounted.kernel.files["/proc/self/mountinfo"].clear();
  CHECK(!owned.Skips() && !delegated.Skips() && !outside.Skips() && !unmounted.Skips());
}

TEST("who is in the root cgroup is not asked for a cgroup, unless the root itself bears the mark") {
  for (const bool marked : {false, true}) {
    Survivor test("0");
    test.kernel.files["/sys/fs/cgroup/cgroup.procs"] = "1\n50\n";
    test.kernel.dirs["/sys/fs/cgroup/"] = {"cgroup.procs"};
    test.kernel.files["/sys/fs/cgroup//cgroup.procs"] = "1\n50\n";
    if (marked) test.kernel.attributes["/sys/fs/cgroup/ user.survive_final_kill_signal"] = "1";
    CHECK_EQ(test.Skips(), marked);
  }
}

TEST("of a service with KILL=no the daemons and what they started are spared until the last halt") {
  enum { kShutdown, kLevel1, kLast };
  for (const int when : {kShutdown, kLevel1, kLast}) {
    OneProcess test("0");
    test.request.in_shutdown = when != kLevel1;
    test.request.last = when == kLast;
    test.Add(51, {.name = "worker", .parent = 50});
    test.Add(52, {.name = "omitted"});
    test.Add(53, {.name = "other"});
    test.kernel.dirs["/run/sendsigs.omit.d"] = {"curfew-db-0", "other"};
    test.kernel.files["/run/sendsigs.omit.d/curfew-db-0"] = "50\n";
    test.kernel.files["/run/sendsigs.omit.d/other"] = "52\n";
    KillStage(test.context);
    CHECK(test.Lives(50) == (when != kLast) && test.Lives(51) == (when != kLast));
    CHECK(test.Lives(52) == (when == kShutdown) && !test.Lives(53));
  }
}

}  // namespace skip_list_test
