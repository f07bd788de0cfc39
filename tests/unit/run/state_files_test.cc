// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/state_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "check.h"

namespace {

using namespace curfew;

struct Root {
  Root() {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    path = mkdtemp(name);
    std::filesystem::create_directory(path + "/run");
  }
  ~Root() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

TEST("stopped services come back by name, also odd ones, until they are forgotten") {
  const Root root;
  StateFiles ledger(root.path);
  CHECK(ledger.Stopped().empty());
  const std::vector<std::string> names{"cups", "a b", "new\nline", "100%", "-n"};
  for (const std::string& name : names) CHECK(!ledger.RecordStopped(name));
  CHECK_EQ(StateFiles(root.path).Stopped(), names);
  ledger.Forget();
  CHECK(ledger.Stopped().empty());
}

TEST("what was left running comes back with pid, start time and direction, or abandoned") {
  const Root root;
  CHECK(!StateFiles(root.path).RecordRunning(
      {{Action::kStop, 12, 345, "x\ny"}, {Action::kStart, 67, 890, " blank", true}}));
  const auto running = StateFiles(root.path).LeftRunning();
  CHECK_EQ(running.size(), 2u);
  CHECK(running[0].action == Action::kStop && running[0].pid == 12);
  CHECK_EQ(running[0].start_time, 345ull);
  CHECK_EQ(running[0].service, std::string("x\ny"));
  CHECK(running[1].action == Action::kStart);
  CHECK(!running[0].abandoned && running[1].abandoned);
  CHECK_EQ(running[1].service, std::string(" blank"));
}

TEST("a garbled ledger is no ledger") {
  const Root root;
  std::filesystem::create_directory(root.path + "/run/curfew");
  std::ofstream(root.path + "/run/curfew/running") << "stop x y z\n\nstart 5\n" << '\0' << "\n";
  CHECK(StateFiles(root.path).LeftRunning().empty());
}

TEST("a ledger that cannot be written says why") {
  const Root root;
  std::filesystem::remove(root.path + "/run");
  std::ofstream(root.path + "/run") << "a file";
  CHECK(bool(StateFiles(root.path).RecordStopped("x")));
}
