// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/skip_list.h"

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

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
           (std::vector<std::string>{"spared 51 dmeventd may serve a disk", "ended 1 3000 cron"}));
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
                                     "spared 51 mdmon may serve a disk", "ended 1 3000 cron"}));
}
