// SPDX-License-Identifier: GPL-2.0-or-later
// rc: runs the scripts of a level; in 0 and 6 it becomes halt.

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "config/limits.h"
#include "config/rooted.h"
#include "config/settings.h"
#include "console/closing_lines.h"
#include "console/colour.h"
#include "console/console.h"
#include "console/escape.h"
#include "console/keys.h"
#include "console/plan_text.h"
#include "console/prompt.h"
#include "console/show_plan.h"
#include "console/splash.h"
#include "console/table.h"
#include "console/take_terminal.h"
#include "kernel/child.h"
#include "kernel/container.h"
#include "kernel/kernel_limits.h"
#include "kernel/linux_kernel.h"
#include "kernel/real_time.h"
#include "kernel/run_files.h"
#include "plan/request.h"
#include "run/control.h"
#include "run/jobs.h"
#include "run/kept_services.h"
#include "run/linux_launcher.h"
#include "run/load_guard.h"
#include "run/loop_error.h"
#include "run/rc_heartbeat.h"
#include "run/rc_options.h"
#include "run/runner.h"
#include "run/script_environment.h"
#include "text/text.h"
#include "trace/kept_trace.h"
#include "trace/run_trace.h"

namespace {

using namespace curfew;

/// Wrong options, or no level to go to.
constexpr int kUsage = 1;
/// rc cannot do its work; the stub that init calls then runs the links by itself.
constexpr int kFallBack = 126;

constexpr char kHelp[] =
    "usage: rc [--root DIR] [--confirm | --dry-run] [LEVEL]\n"
    "Run the scripts of LEVEL (0 to 9, S; without it $RUNLEVEL), coming from $PREVLEVEL.\n"
    "In level 0 and 6 rc ends as halt.\n"
    "\n"
    "  --root DIR     work on another tree: its scripts run, and act on this machine, which does\n"
    "                 not go down\n"
    "  --confirm      ask before each script; y, n, c (this and all others), s (show it)\n"
    "  --dry-run      print the plan and end\n"
    "  -h, --help     print this and end\n"
    "  -V, --version  print the version and end\n";

struct Command : RcOptions {
  rlimit descriptors{};  ///< RLIMIT_NOFILE that rc was started with
};

/// Writes to standard error, and waits for no console: it would hold up the machine.
void Complain(const std::string& line) {
  LineWriter::WriteAlone(STDERR_FILENO, "rc: " + line + "\n");
}

std::string InEnvironment(const char* name) {
  const char* value = getenv(name);
  return value ? value : "";
}

/// What Debian's rc sets up before the first script (sysv-rc 3.06, /lib/init/rc).
void PrepareProcess(const Command& command) {
  // No file that rc opens later may become the stdout of a script.
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
  if (fd >= 0) close(fd);
  umask(022);
  // TTOU: in the background of a job control shell a change of the terminal's modes would stop rc.
  // XFSZ: a file that RLIMIT_FSIZE keeps short costs what it would have said, and not rc. A script
  // may send the others to all processes. Scripts get the default of all again.
  for (const int number : {SIGPIPE, SIGXFSZ, SIGTTIN, SIGTTOU, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM,
                           SIGPROF, SIGXCPU, SIGPOLL, SIGPWR})
    signal(number, SIG_IGN);
  if (command.root.empty() && access("/proc/stat", F_OK) != 0 &&
      mount("proc", "/proc", "proc", 0, nullptr) != 0) {
    Complain("/proc is not mounted and cannot be: " + LastError().message() +
             "; going on without it");
  }
  termios modes{};
  if (tcgetattr(STDIN_FILENO, &modes) == 0) {
    modes.c_oflag |= OPOST | ONLCR;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
  }
}

/// Takes the CPU before all normal processes, and from real-time ones that leave none. With 5 % of
/// one CPU the plan, which hundreds of files make, may take longer than the dead-man waits.
void TakePriority(Kernel& kernel) {
  RaiseKernelLimits(kernel);
  for (const ProcessInfo& process : LowerSpinners(kernel))
    Complain(process.Label() + " takes all CPUs; it has normal priority now");
}

winsize ConsoleSize() {
  winsize size{};
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO, STDIN_FILENO}) {
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row != 0) break;
  }
  return size;
}

RunOptions MakeRunOptions(Kernel& kernel, const Command& command, const Settings& settings,
                          const Plan& plan) {
  RunOptions options;
  options.jobs = plan.serial ? 1 : JobsOf(settings, kernel, command.root);
  options.old_start_limit = settings.limits.limit;
  if (plan.down) options.budget = settings.stop_budget;
  if (!plan.down) options.enter_wait = DialectOf(settings.layout).enter_wait;
  options.runs_stages = command.root.empty();
  options.usual = ReadUsual(kernel, command.root);
  options.uses_slack = settings.slack && options.jobs > 1 && CanRestorePriority(kernel);
  return options;
}

LaunchOptions MakeLaunchOptions(const Command& command, const LevelChange& change) {
  LaunchOptions options;
  options.root = command.root;
  options.level = change.plan.level;
  options.console_size = ConsoleSize();
  options.env = ScriptEnvironment(change, options.console_size);
  options.fork = change.plan.down;
  options.ends_machine = IsFinal(change.plan.level);
  options.descriptors = ScriptDescriptors(command.descriptors);
  return options;
}

/// The exit status to end with, unless rc has become halt.
int HandOver(const Plan& plan, const LaunchOptions& options) {
  if (!options.halt) return 0;
  std::vector<std::string> argv = plan.hand_over;
  if (const int fd = options.heartbeat->fd(); fd >= 0) {
    argv.insert(argv.end(), {"--heartbeat-fd", std::to_string(fd)});
    fcntl(fd, F_SETFD, 0);
  }
  options.halt->Become(argv, options.env, {HaltProgram::kPath});
  // May be another system's: it knows the options of sysvinit alone.
  const std::error_code error = HaltProgram().Become(plan.hand_over, options.env, {"/sbin/halt"});
  Complain("cannot become halt: " + error.message());
  return kFallBack;
}

/// Runs the scripts. A person skips one by a key at the console on the way down, or with
/// `curfew skip`.
Runner::End RunScripts(boost::asio::io_context& loop, const Command& command,
                       const LevelChange& change, LinuxLauncher& launcher, Runner& runner,
                       Console& console, Listener& listener) {
  using Kind = RunEvent::Kind;
  Control control(loop, [&](const ControlRequest& request, Control::Reply reply) {
    launcher.Push({.kind = Kind::kRequest, .request = request, .reply = reply});
  });
  const std::error_code error = control.Listen(FileBelow(command.root, run_files::kControl));
  (void)control.ListenForAll(FileBelow(command.root, run_files::kExtend));
  // Level S mounts /run itself, and need not have it before.
  if (error && change.plan.down) {
    listener.On(Note{std::string(run_files::kControl) + ": " + error.message() +
                     "; curfew skip does not work"});
  }
  constexpr char kReason[] = "skipped by a key";
  Keys keys(
      loop, [&] { return Keys::OpenConsoles(command.root); },
      {[&] { launcher.Push({.kind = Kind::kSkipWaitedFor, .text = kReason}); },
       [&] { launcher.Push({.kind = Kind::kSkipAll, .text = kReason}); }},
      [&](Fd terminal) { return TakeTerminal(command.root, std::move(terminal)); });
  if (change.plan.down && change.settings.keys) console.Offer(keys);
  const Runner::End end = runner.Run();
  console.RunIsOver();
  return end;
}

/// Opens the trace, and tells the listeners what they get before the first script.
void BeginTrace(const LevelChange& change, RunTrace& trace, Listener& listener) {
  const Plan& plan = change.plan;
  const std::string_view boot_level = DialectOf(change.settings.layout).boot_level;
  const std::error_code error = trace.Begin(plan, change.continues_shutdown, boot_level);
  // Level S mounts /run itself, and need not have it before.
  if (error && plan.level != boot_level) {
    listener.On(Note{std::string(Trace::kPath) + ": " + error.message() + "; nothing is recorded"});
  }
  for (const std::string& warning : plan.warnings) listener.On(Note{warning});
}

/// How the shutdown before this boot ended, in one line, and for good in its trace.
void TellLastShutdown(Kernel& kernel, Listener& listener) {
  std::string text;
  (void)RunProgram(kernel, {"curfew", "next-boot"}, limits::kNextBoot, &text);
  for (const std::string_view line : Lines(text)) listener.On(Note{line});
}

void TellHandOver(const Plan& plan, Listener& listener) {
  std::string words;
  for (const std::string& word : plan.hand_over) words += " " + word;
  listener.On(Note{"hand-over:" + words});
}

/// A container has the kernel command line of the machine below, where `quiet` is no word to it.
bool IsQuiet(Kernel& kernel, const Command& command, const Settings& settings) {
  return settings.quiet && (!command.root.empty() || !InContainer(kernel));
}

int RunPlan(Kernel& kernel, const Command& command, const LevelChange& change,
            StateFiles& state_files, LoadGuard& guard) {
  const Plan& plan = change.plan;
  const Dialect& dialect = DialectOf(change.settings.layout);
  boost::asio::io_context loop(1);
  const ConfirmRules rules = FindConfirmRules(kernel, command.root, dialect.confirm, plan,
                                              change.settings, command.confirm);
  const bool asks = rules.begin != ConfirmRules::Begin::kOff;
  const bool quiet =
      rules.begin != ConfirmRules::Begin::kOn && IsQuiet(kernel, command, change.settings);
  Console console(loop, STDOUT_FILENO, quiet);
  RunTrace trace(kernel, command.root);
  RcHeartbeat heartbeat(loop, plan, change.settings, command.root.empty());
  ClosingLines closing(plan, dialect);
  Splash splash(command.root.empty());
  Listeners listener({&console, &splash, &trace, &heartbeat, &closing});
  BeginTrace(change, trace, listener);

  const Result<HaltProgram> halt = HaltProgram::Load(HaltProgram::kPath);
  RunOptions options = MakeRunOptions(kernel, command, change.settings, plan);
  LaunchOptions launch_options = MakeLaunchOptions(command, change);
  if (command.root.empty()) launch_options.halt = &halt.value;
  launch_options.heartbeat = &heartbeat.heartbeat();

  const bool talks = asks || options.enter_wait.count() > 0;
  Prompt prompt(loop, talks ? Prompt::OpenTerminal(command.root) : Fd());
  Confirm confirm(kernel, rules, asks ? ReadHeaders(command.root, plan) : Headers(),
                  prompt.CanAsk(), listener);
  options.confirm = &confirm;
  launch_options.ask = [&](const Question& question, Prompt::OnReply on_reply) {
    prompt.Ask(question, std::move(on_reply));
  };

  if (plan.down || plan.level == "1")
    for (const std::string& line :
         KeepServices(kernel, command.root, std::string(dialect.init_d), change.settings))
      listener.On(Note{line});
  LinuxLauncher launcher(loop, kernel, launch_options);
  guard.Release();
  Runner runner(plan, options, launcher, listener, state_files);
  const Runner::End end = RunScripts(loop, command, change, launcher, runner, console, listener);
  trace.ScriptsEnded();
  for (const std::string& line : closing.Lines(end == Runner::End::kDone)) listener.On(Note{line});
  const bool another = end == Runner::End::kPreempted;
  const std::string spare = another ? FileBelow(command.root, run_files::kOmitDirectory) : "";
  if (!LeaveDrain(launcher.TakeOutputs(listener), quiet ? nullptr : Console::Text, spare))
    listener.On(Note{"no process to read on: what services still write is lost"});
  const bool stays = !plan.down && command.root.empty();
  if (stays && change.request.previous == "N") TellLastShutdown(kernel, listener);
  if (stays) (void)StartKeepingTrace(kernel);
  const bool ends_here = end == Runner::End::kPreempted || plan.hand_over.empty();
  if (ends_here)
    heartbeat.LeaveToNext();
  else
    TellHandOver(plan, listener);
  console.Finish();
  return ends_here ? 0 : HandOver(plan, launch_options);
}

int Main(int argc, char** argv) {
  Command command;
  if (const std::string problem = ParseRcOptions(argc, argv, &command); !problem.empty())
    return Complain(Escaped(problem)), kUsage;
  if (command.help || command.version)
    return fputs(command.help ? kHelp : "curfew " CURFEW_VERSION "\n", stdout), 0;
  if (command.dry_run) {
    LinuxKernel kernel;
    return ShowPlan(kernel, "rc", command.root, command.level, [](const PlanView& view) {
      const std::string text = PlanText(view, TerminalWidth(STDOUT_FILENO));
      return PlanOutput{PaintedFor(STDOUT_FILENO, text), ""};
    });
  }
  PrepareProcess(command);
  LinuxKernel kernel;
  // rc needs up to three descriptors a script. The scripts do not get its limit.
  command.descriptors = kernel.DescriptorLimit().value;
  RaiseDescriptorLimit(kernel);
  const std::string wanted = command.level.empty() ? InEnvironment("RUNLEVEL") : command.level;
  LoadGuard guard(kernel, command.root.empty() ? wanted : "");
  if (command.root.empty() && IsFinal(wanted)) TakePriority(kernel);
  StateFiles state_files(kernel, command.root);
  const LevelChange change =
      PlanFor(kernel, command.root, command.level, InEnvironment,
              {state_files.Stopped(), state_files.LevelLeft()}, PlanCaller::kInit);
  const Request& request = change.request;
  const Plan& plan = change.plan;
  if (request.level.empty()) {
    Complain(std::string("no LEVEL, and RUNLEVEL is not set") + kRcHint);
    return kUsage;
  }
  // A slip in inittab must not take the state files of a shutdown that is going on.
  if (!IsLevel(DialectOf(change.settings.layout), request.level)) {
    Complain("no level: " + Escaped(request.level) + "; nothing is done");
    return kUsage;
  }
  if (!change.unreadable.empty()) {
    Complain(change.unreadable + "; no script is run from here");
    return kFallBack;
  }
  if (plan.unchanged) return 0;
  // An error costs only what a second request would gain; the other state files say that they fail.
  if (!change.continues_shutdown && IsFinal(request.level))
    state_files.RecordLevelLeft(request.previous);
  if (plan.down && command.root.empty() && !IsFinal(wanted)) TakePriority(kernel);
  if (auto error = LoopError())
    return Complain("no script can be run: " + error.message()), kFallBack;
  return RunPlan(kernel, command, change, state_files, guard);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::exception& error) {
    Complain(error.what());
    return kFallBack;
  }
}
