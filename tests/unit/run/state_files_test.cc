// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/state_files.h"

#include "check.h"
#include "kernel/run_files.h"
#include "scripted_kernel.h"

namespace state_files_test {
using namespace curfew;

TEST("stopped services come back by name, also odd ones, until they are forgotten") {
  ScriptedKernel kernel;
  StateFiles files(kernel, "");
  CHECK(files.Stopped().empty());
  const std::vector<std::string> names{"cups", "a b", "new\nline", "100%", "-n"};
  for (const std::string& name : names) CHECK(!files.RecordStopped(name));
  CHECK_EQ(StateFiles(kernel, "").Stopped(), names);
  files.Forget();
  CHECK(files.Stopped().empty());
}

TEST("a new shutdown inherits no mark, no dead device and nothing unwritten of an earlier one") {
  ScriptedKernel kernel;
  const std::string directory = "/run/curfew/";
  for (const char* name : {"stopped", "left", "dead", "unwritten", "recorded", "clock-set",
                           "hooks-run", "finished", "kept"})
    kernel.files[directory + name] = "x\n";
  StateFiles(kernel, "").Forget();
  std::erase_if(kernel.files, [&](const auto& file) { return !file.first.starts_with(directory); });
  CHECK_EQ(kernel.files.size(), 1u);
  CHECK(kernel.files.contains(directory + "kept"));
}

TEST("a stop appends one line, and only the first makes the file") {
  ScriptedKernel kernel;
  StateFiles files(kernel, "/tree");
  files.RecordStopped("a");
  kernel.calls.clear();
  files.RecordStopped("b");
  CHECK_EQ(kernel.calls, std::vector<std::string>{"append /tree/run/curfew/stopped"});
  CHECK_EQ(kernel.files["/tree/run/curfew/stopped"], std::string("a\nb\n"));
}

TEST("what was left running comes back with pid, start time and direction, or abandoned") {
  ScriptedKernel kernel;
  CHECK(!StateFiles(kernel, "")
             .RecordRunning(
                 {{Action::kStop, 12, 345, "x\ny"}, {Action::kStart, 67, 890, " blank", true}}));
  const auto running = StateFiles(kernel, "").LeftRunning();
  CHECK_EQ(running.size(), 2u);
  CHECK(running[0].action == Action::kStop && running[0].pid == 12);
  CHECK_EQ(running[0].start_time, 345ull);
  CHECK_EQ(running[0].service, std::string("x\ny"));
  CHECK(running[1].action == Action::kStart);
  CHECK(!running[0].abandoned && running[1].abandoned);
  CHECK_EQ(running[1].service, std::string(" blank"));
}

TEST("a garbage line names no running script, and the lines beside it count") {
  ScriptedKernel kernel;
  kernel.files[run_files::kRunning] =
      std::string("stop x y z\n\nstart 5\nstop 1 2\nstop -1x 3 a\n\0\n", 44) +
      "stop 99999999999999999999 3 a\nstop 7 8 good\nstop 9 10";
  const auto running = StateFiles(kernel, "").LeftRunning();
  CHECK_EQ(running.size(), 1u);
  CHECK_EQ(running[0].service, std::string("good"));
}

TEST("a state file that cannot be written says why, each in its turn") {
  for (const char* call : {"append", "create", "rename"}) {
    ScriptedKernel kernel;
    kernel.errors[call] = std::errc::read_only_file_system;
    CHECK(StateFiles(kernel, "").RecordStopped("x") == std::errc::read_only_file_system);
  }
  ScriptedKernel kernel;
  kernel.errors["create"] = std::errc::no_space_on_device;
  CHECK(StateFiles(kernel, "").RecordRunning({}) == std::errc::no_space_on_device);
  CHECK(StateFiles(kernel, "").RecordLevelLeft("2") == std::errc::no_space_on_device);
}

TEST("running scripts are replaced as a whole: an error leaves those recorded before") {
  ScriptedKernel kernel;
  StateFiles files(kernel, "");
  files.RecordRunning({{Action::kStop, 12, 345, "old"}});
  kernel.errors["rename"] = std::errc::io_error;
  CHECK(bool(files.RecordRunning({{Action::kStop, 13, 346, "new"}})));
  CHECK_EQ(files.LeftRunning()[0].service, std::string("old"));
}

}  // namespace state_files_test
