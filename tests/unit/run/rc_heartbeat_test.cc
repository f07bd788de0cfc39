// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/rc_heartbeat.h"

#include <unistd.h>

#include "check.h"

namespace rc_heartbeat_test {
using namespace curfew;

namespace {

/// rc in level 0, with a page of heartbeat that the test reads.
struct HeartbeatTest {
  boost::asio::io_context loop{1};
  Plan plan;
  Settings settings;
  Script script, stage;
  std::unique_ptr<RcHeartbeat> rc;
  Heartbeat heartbeat;

  explicit HeartbeatTest(const std::string& level) {
    plan.level = level;
    plan.down = true;
    settings.final_budget = std::chrono::seconds(7);
    settings.kill_wait = std::chrono::seconds(3);
    stage.kind = ScriptKind::kNativeStage;
    rc = std::make_unique<RcHeartbeat>(loop, plan, settings, true);
    if (rc->heartbeat().fd() >= 0) heartbeat = Heartbeat::Adopt(dup(rc->heartbeat().fd()));
  }
  /// Whether it ticks within the next beats.
  bool Ticks() {
    const auto before = heartbeat->beats.load();
    loop.restart();
    loop.run_for(std::chrono::milliseconds(1100));
    return heartbeat->beats != before;
  }
};

}  // namespace

TEST("rc of level 0 and 6 tells who it is, what the budgets are and which way the machine goes") {
  HeartbeatTest off("0"), restart("6"), part("halt");
  CHECK(off.heartbeat && off.heartbeat->main == static_cast<std::uint32_t>(getpid()));
  // Not below what the stages wait by themselves.
  CHECK_EQ(off.heartbeat->budget.load(), 13u);
  CHECK_EQ(off.heartbeat->hard.load(), 1800u);
  CHECK(off.heartbeat->restart == 0 && restart.heartbeat->restart == 1);
  CHECK_EQ(part.rc->heartbeat().fd(), -1);
  off.rc->LeaveToNext();
  CHECK_EQ(off.heartbeat->main.load(), 0u);
  // A process that has taken over already stays what it is.
  restart.heartbeat->main = 1;
  restart.rc->LeaveToNext();
  CHECK_EQ(restart.heartbeat->main.load(), 1u);
}

TEST("rc ticks while a script runs or nothing does, not while it only waits for stages") {
  HeartbeatTest test("0");
  CHECK(test.Ticks());
  test.rc->On(ScriptStarted{test.stage, 1});
  CHECK(!test.Ticks());
  test.rc->On(ScriptStarted{test.script, 2});
  CHECK(test.Ticks());
  test.rc->On(ScriptAbandoned{test.script, "", ""});
  CHECK(!test.Ticks());
  test.rc->On(ScriptEnded{test.stage, ExitStatus::Exited(0)});
  CHECK(test.Ticks());
  test.heartbeat->main = 1;
  CHECK(!test.Ticks());
}

TEST("another tree has no heartbeat") {
  boost::asio::io_context loop{1};
  Plan plan;
  plan.level = "0";
  plan.down = true;
  CHECK_EQ(RcHeartbeat(loop, plan, Settings(), false).heartbeat().fd(), -1);
}

}  // namespace rc_heartbeat_test
