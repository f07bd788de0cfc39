// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "config/file.h"
#include "config/rooted.h"
#include "console/colour.h"
#include "console/escape.h"
#include "console/plan_text.h"
#include "console/show_plan.h"
#include "console/table.h"
#include "kernel/linux_kernel.h"
#include "kernel/result.h"
#include "kernel/run_files.h"
#include "report/commands.h"
#include "report/curfew_options.h"
#include "report/next_boot.h"
#include "report/plan_dot.h"
#include "report/plan_json.h"
#include "report/why_text.h"
#include "run/control_message.h"
#include "text/text.h"
#include "trace/status_text.h"
#include "trace/trace.h"

namespace curfew {
namespace {

constexpr char kUsage[] =
    "usage: curfew plan LEVEL [--why NAME | --json | --dot] [--root DIR]\n"
    "       curfew status [--json] [--root DIR]\n"
    "       curfew skip NAME | --all [--root DIR]\n"
    "       curfew extend NAME SECONDS [--root DIR]\n"
    "       curfew report | blame | chain [N] [--boot] [--json] [--root DIR]\n"
    "       curfew log [NAME] [N] [--boot] [--json] [--root DIR]\n"
    "       curfew next-boot [--root DIR]\n"
    "\n"
    "  plan LEVEL   print what a change to LEVEL (0 to 9, S) runs, in which order, and why\n"
    "               a script does not run; $PREVLEVEL (without it the level of now) and\n"
    "               $INIT_HALT count as for rc, which prints the same with --dry-run\n"
    "    --why NAME   of one service or link alone: why it runs or not, what it waits for\n"
    "                 and by which file or rule, and what waits for it\n"
    "    --json       as JSON, see curfew(8)\n"
    "    --dot        as a graph for dot(1)\n"
    "  status       print what the change of level that is going on waits for\n"
    "  skip NAME    leave that script alone: what waits for it goes on\n"
    "  skip --all   leave all scripts alone; on the way down the final sequence begins\n"
    "  extend NAME SECONDS\n"
    "               wait for that script so long from now, also without progress, but not longer\n"
    "               than LIMIT_HARD and STOP_BUDGET allow\n"
    "  report [N]   print how the last shutdown went, or the Nth from the last, and what was\n"
    "               unusual\n"
    "  blame [N]    print its services and stages, the slowest first\n"
    "  chain [N]    print what it waited for, from its end backwards, each with the reason\n"
    "  log [NAME] [N]  print its events and the output of its scripts, or of the script NAME\n"
    "  next-boot    judge, once, by what this boot wrote how the last shutdown ended; rc does it\n"
    "\n"
    "  --boot         of these four: boots and other changes of level in place of shutdowns\n"
    "  --json         of these four: as JSON, see curfew-trace(5); of status: see curfew(8)\n"
    "  --root DIR     do it for the system below DIR\n"
    "  -h, --help     print this text\n"
    "  -V, --version  print the version\n";

struct Command {
  std::string_view name;
  /// Those that the command has beside --root, --help and --version, one space between them.
  std::string_view options;
  int (*run)(const CurfewOptions& options);
};

void Print(const std::string& text, FILE* file) {
  fwrite(text.data(), 1, text.size(), file);
}

int Fail(const std::string& what) {
  Print("curfew: " + what + "\n", stderr);
  return 1;
}

int PlanCommand(const CurfewOptions& options) {
  if (options.words.size() != 2) return Fail("plan needs one LEVEL; curfew --help says more");
  const bool why = Contains(options.given, "why");
  if (why + options.json + options.dot > 1) {
    return Fail("plan has one of --why, --json and --dot at a time");
  }
  const std::size_t width = TerminalWidth(STDOUT_FILENO);
  LinuxKernel kernel;
  return ShowPlan(kernel, "curfew", options.root, options.words[1], [&](const PlanView& view) {
    if (why) return WhyText(view, options.why, width);
    if (options.json) return PlanOutput{PlanJson(view), ""};
    if (options.dot) return PlanOutput{PlanDot(view.change.plan), ""};
    return PlanOutput{PaintedFor(STDOUT_FILENO, PlanText(view, width)), ""};
  });
}

/// Why rc has not answered, for people.
std::string Silence(std::error_code error) {
  if (error == std::errc::no_such_file_or_directory || error == std::errc::connection_refused) {
    return "no change of level is going on";
  }
  if (error == std::errc::timed_out) return "rc does not answer; nothing is changed";
  return std::string(run_files::kControl) + ": " + error.message();
}

Result<ControlAnswer> Ask(const CurfewOptions& options, const ControlRequest& request) {
  const auto ask = [&](const char* socket) -> Result<ControlAnswer> {
    const Result<std::string> path = ResolveBelow(options.root, socket);
    return path ? AskControl(path.value, request) : path.error;
  };
  const auto answer = ask(run_files::kControl);
  const bool for_all = request.kind == ControlRequest::Kind::kExtend;
  return for_all && answer.error == std::errc::permission_denied ? ask(run_files::kExtend) : answer;
}

/// Prints what rc answers.
int Request(const CurfewOptions& options, const ControlRequest& request) {
  const Result<ControlAnswer> answer = Ask(options, request);
  if (!answer) return Fail(Silence(answer.error));
  const std::string text = Escaped(answer.value.text);
  return answer.value.done ? Print(text + "\n", stdout), 0 : Fail(text);
}

int SkipCommand(const CurfewOptions& options) {
  if (options.words.size() != (options.all ? 1 : 2) || options.words.back().empty()) {
    return Fail("skip needs one NAME, or --all; curfew --help says more");
  }
  if (options.all) return Request(options, {ControlRequest::Kind::kSkipAll});
  return Request(options, {ControlRequest::Kind::kSkip, options.words[1]});
}

int ExtendCommand(const CurfewOptions& options) {
  const bool complete = options.words.size() == 3 && !options.words[1].empty();
  const auto time = complete ? ParseNumber<std::uint32_t>(options.words[2]) : std::nullopt;
  if (!time) return Fail("extend needs one NAME and SECONDS; curfew --help says more");
  return Request(options,
                 {ControlRequest::Kind::kExtend, options.words[1], std::chrono::seconds(*time)});
}

/// What the error of reading the trace means here, where that can be known.
std::string Hint(std::error_code error) {
  if (error == std::errc::no_such_file_or_directory) return "; no change of level is recorded";
  return error == std::errc::permission_denied ? "; it is for root and group adm" : "";
}

/// What the trace has; while rc runs, what it says of itself counts.
int StatusCommand(const CurfewOptions& options) {
  if (options.words.size() != 1) return Fail("status has no operands; curfew --help says more");
  const Result<std::string> path = ResolveBelow(options.root, Trace::kPath);
  const Result<std::string> trace = path ? ReadRegularFile(path.value) : path;
  if (!trace)
    return Fail(std::string(Trace::kPath) + ": " + trace.error.message() + Hint(trace.error));
  RunState state = ReadRunState(trace.value);
  if (state.level.empty()) return Fail(std::string(Trace::kPath) + ": no change of level in it");
  if (const auto said = Ask(options, {ControlRequest::Kind::kStatus}); said && said.value.done)
    TakeRunStatus(said.value.text, &state);
  LinuxKernel kernel;
  const long long now = BootTimeMicroseconds();
  Print(options.json ? StatusJson(state, now)
                     : PaintedFor(STDOUT_FILENO, StatusText(state, kernel, now)),
        stdout);
  return fflush(stdout) == 0 ? 0 : Fail("stdout: " + LastError().message());
}

/// The commands on past changes of level.
template <ReportAnswer (*kShow)(const ReportRequest&, const Sink&)>
int ReportCommand(const CurfewOptions& options) {
  ReportRequest request;
  request.root = options.root;
  request.kind = options.boot ? RunKind::kBoots : RunKind::kShutdowns;
  request.json = options.json;
  request.operands.assign(options.words.begin() + 1, options.words.end());
  request.width = TerminalWidth(STDOUT_FILENO);
  // What scripts said stays as it is.
  const bool paints = !options.json && kShow != ShowLog;
  const ReportAnswer answer = kShow(request, [&](std::string_view text) {
    Print(paints ? PaintedFor(STDOUT_FILENO, std::string(text)) : std::string(text), stdout);
  });
  if (!answer.problem.empty()) return Fail(answer.problem);
  const bool written = fflush(stdout) == 0 && !ferror(stdout);
  if (!written) return Fail("stdout: " + LastError().message());
  for (const std::string& warning : answer.warnings) Print("curfew: " + warning + "\n", stderr);
  return 0;
}

int NextBootCommand(const CurfewOptions& options) {
  if (options.words.size() != 1) return Fail("next-boot has no operands; curfew --help says more");
  LinuxKernel kernel;
  const NextBootAnswer answer = TellNextBoot(kernel, options.root);
  if (!answer.line.empty()) Print(Escaped(answer.line) + "\n", stdout);
  // rc's limit may end this program while it reads traces.
  fflush(stdout);
  const std::error_code error = WriteUsual(kernel, options.root);
  if (!answer.problem.empty()) return Fail(Escaped(answer.problem));
  if (error) return Fail(std::string(run_files::kUsual) + ": " + error.message());
  return fflush(stdout) == 0 ? 0 : Fail("stdout: " + LastError().message());
}

constexpr Command kCommands[] = {
    {"plan", "why json dot", PlanCommand},
    {"status", "json", StatusCommand},
    {"skip", "all", SkipCommand},
    {"extend", "", ExtendCommand},
    {"report", "boot json", ReportCommand<ShowReport>},
    {"blame", "boot json", ReportCommand<ShowBlame>},
    {"chain", "boot json", ReportCommand<ShowChain>},
    {"log", "boot json", ReportCommand<ShowLog>},
    {"next-boot", "", NextBootCommand},
};

int Run(int argc, char** argv) {
  CurfewOptions options;
  if (const std::string problem = ParseCurfewOptions(argc, argv, &options); !problem.empty())
    return Fail(Escaped(problem));
  if (options.help) return Print(kUsage, stdout), 0;
  if (options.version) return Print("curfew " CURFEW_VERSION "\n", stdout), 0;
  if (options.words.empty()) return Print(kUsage, stderr), 1;
  for (const Command& command : kCommands) {
    if (command.name != options.words[0]) continue;
    for (const std::string& option : options.given) {
      if (Contains(WordViews(command.options), option)) continue;
      return Fail(std::string(command.name) + " has no --" + option + "; curfew --help says more");
    }
    return command.run(options);
  }
  return Fail("no command: " + Escaped(options.words[0]) + "; curfew --help lists them");
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  try {
    return curfew::Run(argc, argv);
  } catch (const std::exception& error) {
    return curfew::Fail(curfew::Escaped(error.what()));
  }
}
