// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/ancestors.h"

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace ancestors_test {
using namespace curfew;

namespace {

constexpr pid_t kStub = 20, kRc = 30, kService = 50, kOrphan = 51, kHelper = 60;

/// A stage of halt below rc and the stub, all of one session, with a helper; and a service and what
/// an abandoned script has left in that session.
struct Stage : Crowd {
  Stage() {
    const auto session = kernel.session;
    Add(kStub, {.name = "rc", .session = session});
    Add(kRc, {.name = "rc", .session = session, .parent = kStub});
    Add(kernel.self, {.name = "halt", .session = session, .parent = kRc});
    kernel.parent = kRc;
    Add(kHelper, {.name = "halt", .session = session, .parent = kernel.self});
    Add(kService, {.name = "cron", .session = kService});
    Add(kOrphan, {.name = "sleep", .session = session});
  }
  bool SparesItsOwn() const {
    return Signals(kStub) + Signals(kRc) + Signals(kernel.self) + Signals(kHelper) == "" &&
           Lives(kStub) && Lives(kRc) && Lives(kHelper);
  }
  std::string Stat(pid_t pid) { return "read /proc/" + std::to_string(pid) + "/stat"; }
};

}  // namespace

TEST("whatever call fails once, the kill stage ends neither what it comes from nor its helper") {
  Stage good;
  KillStage(good.context);
  CHECK(good.SparesItsOwn() && !good.Lives(kService) && !good.Lives(kOrphan));
  const int calls = static_cast<int>(good.kernel.all.size());
  CHECK(calls > 50);
  for (int nth = 1; nth <= calls; ++nth) {
    Stage stage;
    stage.kernel.fail_nth = nth;
    KillStage(stage.context);
    CHECK(stage.SparesItsOwn());
  }
}

TEST("where stat of this process and its ancestors never answers, status and getppid(2) do") {
  Stage stage;
  for (const pid_t pid : {stage.kernel.self, kRc, kStub})
    stage.kernel.errors[stage.Stat(pid)] = std::errc::io_error;
  stage.kernel.files["/proc/30/status"] = "Name:\trc\nPPid:\t20\n";
  stage.kernel.files["/proc/20/status"] = "Name:\trc\nPPid:\t1\n";
  const Ancestors ancestors(stage.kernel);
  CHECK_EQ(ancestors.Pids(), (std::set<pid_t>{1, kStub, kRc, stage.kernel.self}));
  CHECK(!ancestors.Unknown());
}

TEST("where nothing tells the parent of rc, the session is spared, services end, and a line says") {
  Stage stage;
  stage.kernel.errors[stage.Stat(kRc)] = std::errc::io_error;
  KillStage(stage.context);
  CHECK(stage.SparesItsOwn() && stage.Lives(kOrphan) && !stage.Lives(kService));
  const std::string line =
      "what halt comes from cannot be read: Input/output error; no process of its session is ended";
  CHECK_EQ(std::count(stage.said.begin(), stage.said.end(), line), 1);
}

TEST("an ancestor that ends while the line is walked costs another walk") {
  Stage stage;
  stage.kernel.on_call = [&](const std::string& call) {
    if (call != stage.Stat(kRc) || !stage.Lives(kRc)) return;
    stage.Add(stage.kernel.self, {.name = "halt", .parent = kStub});
    stage.End(kRc);
  };
  const Ancestors ancestors(stage.kernel);
  CHECK_EQ(ancestors.Pids(), (std::set<pid_t>{1, kStub, stage.kernel.self}));
}

TEST("a halt that a stop script calls is the last one: it ends the other scripts, not its own") {
  Stage stage;
  stage.request.last = true;
  const auto session = stage.kernel.session;
  stage.Add(40, {.name = "K01own", .group = 40, .session = session, .parent = kRc});
  stage.Add(stage.kernel.self, {.name = "halt", .group = 40, .session = session, .parent = 40});
  stage.Add(41, {.name = "K01other", .group = 41, .session = session, .parent = kRc});
  KillStage(stage.context);
  CHECK(stage.SparesItsOwn() && stage.Signals(40) == "");
  CHECK_EQ(stage.Signals(41), "19 15 18");
}

}  // namespace ancestors_test
