// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/quiet.h"

#include "check.h"

namespace quiet_test {
using namespace curfew;

namespace {

/// What passes, one word or line each.
struct Screen {
  std::vector<std::string> seen;
  Quiet quiet{[this](const Event& event) {
    if (const auto* line = std::get_if<OutputLine>(&event)) seen.emplace_back(line->text);
    if (const auto* note = std::get_if<Note>(&event)) seen.emplace_back(note->text);
    if (std::holds_alternative<ScriptEnded>(event)) seen.emplace_back("<end>");
    if (std::holds_alternative<ScriptAbandoned>(event)) seen.emplace_back("<left alone>");
    if (std::holds_alternative<Waiting>(event)) seen.emplace_back("<waiting>");
  }};
};

using Seen = std::vector<std::string>;

}  // namespace

TEST("quiet: a script that ends well and soon is not heard, nor what it left behind") {
  Screen screen;
  const Script script;
  screen.quiet.On(ScriptStarted{script, 1});
  screen.quiet.On(OutputLine{script, "a"});
  screen.quiet.On(ScriptEnded{script, ExitStatus::Exited(0)});
  screen.quiet.On(OutputLine{script, "daemon"});
  CHECK_EQ(screen.seen, Seen{"<end>"});
}

TEST("quiet: all that a script said is shown before its failure, and what it says later") {
  Screen screen;
  const Script script;
  screen.quiet.On(ScriptStarted{script, 1});
  screen.quiet.On(OutputLine{script, "a"});
  screen.quiet.On(OutputLine{script, "b"});
  screen.quiet.On(ScriptEnded{script, ExitStatus::Exited(1)});
  screen.quiet.On(OutputLine{script, "c"});
  CHECK_EQ(screen.seen, (Seen{"a", "b", "<end>", "c"}));
}

TEST("quiet: what all running scripts said is shown before the run waits, then each line at once") {
  Screen screen;
  const Script a, b, ended;
  for (const Script* script : {&a, &b, &ended}) screen.quiet.On(ScriptStarted{*script, 1});
  screen.quiet.On(OutputLine{a, "a"});
  screen.quiet.On(OutputLine{ended, "x"});
  screen.quiet.On(ScriptEnded{ended, ExitStatus::Exited(0)});
  screen.quiet.On(Waiting{&a, 1, 3});
  screen.quiet.On(OutputLine{b, "b"});
  CHECK_EQ(screen.seen, (Seen{"<end>", "a", "<waiting>", "b"}));
}

TEST("quiet: what a script said is shown before it is left alone") {
  Screen screen;
  const Script script;
  screen.quiet.On(ScriptStarted{script, 1});
  screen.quiet.On(OutputLine{script, "really? "});
  screen.quiet.On(ScriptAbandoned{script, "skipped", ""});
  screen.quiet.On(OutputLine{script, "more"});
  CHECK_EQ(screen.seen, (Seen{"really? ", "<left alone>", "more"}));
}

TEST("quiet: of a flood the last lines are kept, and how many are missing is said") {
  Screen screen;
  const Script script;
  screen.quiet.On(ScriptStarted{script, 1});
  for (int i = 0; i < 1000; ++i) screen.quiet.On(OutputLine{script, std::string(99, 'x')});
  screen.quiet.On(OutputLine{script, "last"});
  screen.quiet.On(ScriptEnded{script, ExitStatus::Exited(1)});
  CHECK_EQ(screen.seen.front(), "[835 lines not shown]");
  CHECK_EQ(screen.seen.size(), 168u);
  CHECK_EQ(screen.seen[166], "last");
}

TEST("quiet: stages, a script that is traced and rc's own lines are heard, the hand-over is not") {
  Screen screen;
  Script stage, traced;
  stage.kind = ScriptKind::kNativeStage;
  traced.trace = {"/bin/sh", "-x"};
  for (const Script* script : {&stage, &traced}) {
    screen.quiet.On(ScriptStarted{*script, 1});
    screen.quiet.On(OutputLine{*script, "a"});
  }
  screen.quiet.On(Note{"left alone: x"});
  screen.quiet.On(Note{"hand-over: halt -f"});
  CHECK_EQ(screen.seen, (Seen{"a", "a", "left alone: x"}));
}

}  // namespace quiet_test
