// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/run_trace.h"

#include <sys/stat.h>

#include <algorithm>

#include "check.h"
#include "runner_test.h"
#include "trace/run_state.h"

namespace {

using namespace curfew;

/// What `tell` leaves in a trace.
std::string Traced(const std::function<void(RunTrace&)>& tell) {
  const Root root;
  Trace trace;
  const std::string path = root.path + "/run/trace.jsonl";
  CHECK(!trace.Open(path, true));
  RunTrace run_trace(trace);
  tell(run_trace);
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST("the hand-over is not among the scripts of a trace") {
  Plan plan;
  plan.passes = {{Action::kStop, std::vector<Script>(2)}};
  plan.passes[0].scripts[1].kind = ScriptKind::kHandOver;
  CHECK_EQ(ReadRunState(Traced([&](RunTrace& trace) { trace.Began(plan); })).scripts, 1);
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
  const auto lines = std::count(text.begin(), text.end(), '\n');
  const std::string lost = "\"lost\",\"service\":\"floods\",\"action\":\"stop\",\"lines\":";
  // Beside the lines that were kept: one of the other script, "lost" and "exit".
  CHECK(text.find(lost + std::to_string(2000 - (lines - 3)) + "}") != text.npos);
}
