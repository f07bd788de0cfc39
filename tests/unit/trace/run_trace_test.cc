// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

#include <sys/stat.h>

#include <algorithm>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "runner_test.h"
#include "trace/run_state.h"

namespace run_trace_test {
using namespace curfew;

namespace {

/// A tree in which traces are written.
struct Machine {
  /// What file `name` of /run/curfew has.
  std::string Text(const std::string& name) const {
    std::ifstream file(root.path + "/run/curfew/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  struct stat Stat(const std::string& name) const {
    struct stat info {};
    CHECK(stat((root.path + "/run/curfew/" + name).c_str(), &info) == 0);
    return info;
  }
  /// A run from `previous` to `level`; afterwards the trace.
  std::string Run(const std::string& previous, const std::string& level, bool goes_on = false) {
    Plan plan;
    plan.level = level;
    plan.previous = previous;
    RunTrace trace(kernel, root.path);
    CHECK(!trace.Begin(plan, goes_on, "S"));
    return Text("trace.jsonl");
  }

  const Root root;
  LinuxKernel kernel;
};

/// What `tell` leaves in a trace.
std::string Traced(const std::function<void(RunTrace&)>& tell, const Plan& plan = {}) {
  Machine machine;
  RunTrace trace(machine.kernel, machine.root.path);
  CHECK(!trace.Begin(plan, false, "S"));
  tell(trace);
  return machine.Text("trace.jsonl");
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; ++at) ++count;
  return count;
}

}  // namespace

TEST("a trace tells its schema, the wall clock, and each script with what it waits for itself") {
  Plan plan;
  plan.level = "0";
  plan.passes = {{Action::kStop, std::vector<Script>(3)}};
  for (int i = 0; i < 3; ++i) plan.passes[0].scripts[i].service = std::string(1, 'a' + i);
  plan.passes[0].scripts[1].after = {{0}};
  plan.passes[0].scripts[2].after = {{0}, {1}};
  const std::string text = Traced([](RunTrace&) {}, plan);
  CHECK(text.find("\"event\":\"begin\",\"schema\":1,\"wall_us\":1") != text.npos);
  CHECK(text.find("\"service\":\"a\",\"link\":\"\",\"action\":\"stop\",\"stages\":\"\","
                  "\"after\":[],\"limit_s\":0}") != text.npos);
  CHECK(text.find("\"after\":[\"b\"]") != text.npos);
}

TEST("levels S and 2 of a boot have one trace, and no other change of level goes on with it") {
  Machine machine;
  machine.Run("N", "S");
  CHECK_EQ(Count(machine.Run("S", "2"), "\"begin\""), 2u);
  machine.Run("N", "S");
  CHECK_EQ(Count(machine.Run("N", "2"), "\"begin\""), 2u);
  CHECK_EQ(Count(machine.Run("2", "3"), "\"begin\""), 1u);
  CHECK_EQ(Count(machine.Run("3", "6"), "\"begin\""), 1u);
  CHECK_EQ(Count(machine.Run("6", "0", true), "\"begin\""), 2u);
  CHECK_EQ(Count(machine.Run("N", "2"), "\"begin\""), 1u);
}

TEST("adm may read a trace, root alone the kernel stacks in a file of their own") {
  Machine machine;
  std::filesystem::create_directory(machine.root.path + "/etc");
  std::ofstream(machine.root.path + "/etc/group") << "admin:x:7:\nadm:x:1234:\n";
  RunTrace trace(machine.kernel, machine.root.path);
  CHECK(!trace.Begin({}, false, "S"));
  Script script;
  script.service = "nfs";
  trace.On(Evidence{script, {"umount[61] D nfs_wait\nnfs_wait < do_umount", "sh[60] S"}});
  CHECK_EQ(Count(machine.Text("trace.jsonl"), "\"text\":\"umount[61] D nfs_wait\"}"), 1u);
  CHECK_EQ(Count(machine.Text("trace.jsonl"), "do_umount"), 0u);
  CHECK_EQ(Count(machine.Text("stacks.jsonl"), "nfs_wait < do_umount"), 1u);
  const struct stat all = machine.Stat("trace.jsonl"), stacks = machine.Stat("stacks.jsonl");
  CHECK((all.st_mode & 07777) == 0640 && all.st_gid == 1234);
  CHECK((stacks.st_mode & 07777) == 0600 && stacks.st_gid == 0);
}

TEST("the hand-over is not among the scripts of a trace") {
  Plan plan;
  plan.passes = {{Action::kStop, std::vector<Script>(2)}};
  plan.passes[0].scripts[1].kind = ScriptKind::kHandOver;
  CHECK_EQ(ReadRunState(Traced([](RunTrace&) {}, plan)).scripts, 1);
}

TEST("the trace keeps the first mebibyte of a flood of output, and the number of lost lines") {
  Script floods, quiet;
  floods.service = "floods";
  quiet.service = "quiet";
  const std::string text = Traced([&](RunTrace& trace) {
    for (int i = 0; i < 2000; ++i) trace.On(OutputLine{floods, std::string(8192, 'x')});
    trace.On(OutputLine{quiet, "still here"});
    trace.On(ScriptEnded{floods, ExitStatus::Exited(0)});
  });
  CHECK(text.size() < (2 << 20));
  CHECK(text.find("still here") != text.npos);
  const auto lines = Count(text, "\"event\":\"line\"");
  const std::string lost = "\"lost\",\"service\":\"floods\",\"action\":\"stop\",\"lines\":";
  // One line is of the other script.
  CHECK(text.find(lost + std::to_string(2000 - (lines - 1)) + "}") != text.npos);
}

}  // namespace run_trace_test
