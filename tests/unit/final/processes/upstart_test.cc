// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/upstart.h"

#include "check.h"
#include "final/processes/skip_list.h"
#include "final_stage_test.h"

namespace upstart_test {
using namespace curfew;

namespace {

const std::string kAsk = "run /sbin/initctl list";

ProcessInfo Job(pid_t pid) {
  ProcessInfo process;
  process.pid = pid;
  process.parent = 1;
  return process;
}

struct UpstartTest : StageTest {
  UpstartTest() {
    kernel.programs["/sbin/initctl"] = 0;
    kernel.outputs["/sbin/initctl"] = "plymouth start/running, process 512\n";
  }
  /// Whether the kill stage spares 512 after as many looks.
  bool Skips(int looks = 1) {
    SkipList skip_list(context, FuseUse::kCarries);
    for (int i = 0; i < looks; ++i) skip_list.Refresh();
    return skip_list.Skips(Job(512));
  }
  long Asked() const { return std::count(kernel.calls.begin(), kernel.calls.end(), kAsk); }
};

}  // namespace

TEST("each line of Upstart's list ends in a process, or has none") {
  const char* list =
      "rc stop/waiting\n"
      "tty1 start/running, process 812\n"
      "network-interface (lo) start/running\n"
      "dbus stop/pre-stop, process 900\n"
      "\tpre-stop process 901\n"
      "process-logger (process 7) start/running, process 1000\n"
      "odd start/running, process 12x\n"
      "odd start/running, process -1\n"
      "last start/running, process 4194304";
  CHECK(ParseJobs(list) == (std::set<pid_t>{812, 900, 901, 1000, 4194304}));
  CHECK(ParseJobs("").empty());
}

TEST("Upstart's jobs are spared in level 0 and 6, and nowhere else") {
  CHECK(UpstartTest().Skips());
  UpstartTest level1, fast;
  level1.request.in_shutdown = false;
  fast.request.last = true;
  CHECK(!level1.Skips() && !fast.Skips());
  CHECK_EQ(level1.Asked() + fast.Asked(), 0);
}

TEST("a job that started since is spared, too; one that was a job stays one") {
  UpstartTest test;
  test.kernel.on_call = [&](const std::string& call) {
    if (call == kAsk) test.kernel.outputs["/sbin/initctl"] += "late start/running, process 600\n";
  };
  SkipList skip_list(test.context, FuseUse::kCarries);
  skip_list.Refresh();
  test.kernel.outputs["/sbin/initctl"] = "";
  skip_list.Refresh();
  CHECK(skip_list.Skips(Job(512)) && skip_list.Skips(Job(600)) && !skip_list.Skips(Job(601)));
}

TEST("where there is no initctl nothing is run") {
  UpstartTest test;
  test.kernel.programs.clear();
  CHECK(!test.Skips());
  CHECK_EQ(test.Asked(), 0);
}

TEST("an initctl on a disk that does not answer is named, and not run") {
  UpstartTest test;
  test.kernel.children_hang = true;
  UpstartJobs jobs(test.context);
  jobs.Refresh();
  CHECK_EQ(test.Asked(), 0);
  CHECK(test.Said("/sbin/initctl: does not answer; no more jobs are spared"));
}

TEST("an initctl that finds no Upstart is asked once") {
  UpstartTest test;
  test.kernel.programs["/sbin/initctl"] = 1 << 8;
  test.kernel.outputs.clear();
  CHECK(!test.Skips(3));
  CHECK_EQ(test.Asked(), 1);
  CHECK(test.said.empty());
}

TEST("an initctl that hangs costs 2 s once, and a line") {
  UpstartTest test;
  test.kernel.errors[kAsk] = std::errc::timed_out;
  CHECK(!test.Skips(3));
  CHECK_EQ(test.Asked(), 1);
  CHECK(test.kernel.now <= std::chrono::seconds(2));
  CHECK(test.Said("/sbin/initctl list: does not answer; no more jobs are spared"));
}

}  // namespace upstart_test
