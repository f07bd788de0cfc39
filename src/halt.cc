// SPDX-License-Identifier: GPL-2.0-or-later
// halt, reboot, poweroff: halt(8). Name and options say how the machine shall end. In level 0 and 6
// this program ends it; in any other level it asks init to do so.

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/heartbeat_rules.h"
#include "config/limits.h"
#include "console/escape.h"
#include "final/call.h"
#include "final/call_shutdown.h"
#include "final/console_report.h"
#include "final/context/background.h"
#include "final/dry_run_kernel.h"
#include "final/kernel_log.h"
#include "final/options.h"
#include "final/sequence.h"
#include "kernel/cpu_priority.h"
#include "kernel/heartbeat.h"
#include "kernel/heartbeat_kernel.h"
#include "kernel/in_child.h"
#include "kernel/kernel_limits.h"
#include "kernel/lock_memory.h"
#include "kernel/run_files.h"
#include "kernel/time_zone.h"
#include "text/text.h"
#include "trace/level_request.h"

namespace curfew {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kRefused = 3 };

/// Leaves for rc who asks, before init is asked.
void RecordAsker(Kernel& kernel, const Options& options) {
  const bool restart = options.ending == Ending::kRestart || options.ending == Ending::kKexec;
  const std::chrono::seconds delay(ParseNumber<unsigned>(options.delay).value_or(0));
  const Asker asker = FindAsker(kernel, getuid());
  // An error costs the name alone.
  (void)InChild(kernel, limits::kAsked, [&] {
    // Users have a socket in the directory later, whatever the caller's umask is.
    umask(022);
    return RecordRequest(kernel, asker, restart ? '6' : '0', kernel.Now(), delay);
  });
}

/// halt finds processes and mounts through /proc: mounts it where it is missing, as killall5(8)
/// does. Each stage says what it does without.
void MountProc(Kernel& kernel, Report& report) {
  if (kernel.Stat("/proc/self/stat")) return;
  if (const auto error = kernel.Mount("proc", "/proc", "proc", 0, ""))
    report.Say("/proc is not mounted and cannot be: " + error.message() + "; going on without it");
}

/// A limit of what a file may hold (ulimit -f) is the caller's. The heartbeat page and the record
/// are not written for the caller. Neither halt nor a hook leaves a core file on a disk that has to
/// become clean.
void SetFileLimits() {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit any{RLIM_INFINITY, RLIM_INFINITY}, none{0, 0};
  setrlimit(RLIMIT_FSIZE, &any);
  setrlimit(RLIMIT_CORE, &none);
}

/// The level as Runlevel() finds it, files in a child: utmp may be a link to a disk.
char FindLevel(Kernel& kernel) {
  const Environment environment = [](const char* name) { return getenv(name); };
  if (const char level = LevelFromInit(environment)) return level;
  return InChild(kernel, limits::kLevel, [&] { return Runlevel(kernel, environment); }).value;
}

/// No key, hang-up or second request stops halt half-way, no other process keeps it from a CPU, and
/// it needs no disk to run.
void MakeUnstoppable() {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP,
                     SIGTTIN, SIGTTOU, SIGVTALRM, SIGPROF, SIGXCPU, SIGPOLL, SIGPWR})
    signal(number, SIG_IGN);
  TakeCpuPriority(CpuPriority::kStages);
  LockMemory(Pages::kAll);
}

void RunStages(StageContext& context, const std::vector<StageId>& stages) {
  for (const StageId id : stages) RunStage(context, id);
  FinishBackground(context);
}

/// A script of rc's ends the machine after this.
void RunForScript(StageContext& context) {
  RunUntilPower(context);
  FinishBackground(context);
  if (auto error = ReplaceFile(context.kernel, run_files::kFinished, ""))
    context.report.Say(std::string(run_files::kFinished) + ": " + error.message() +
                       "; a halt that follows goes through all stages again");
}

/// -w: the machine stays up. -i and -h count as well.
void RunRecordOnly(StageContext& context) {
  RunStage(context, StageId::kRecord);
  if (context.request.interfaces_down) RunStage(context, StageId::kInterfaces);
  if (!context.request.standby) return;
  RunStage(context, StageId::kFlush);
  RunStage(context, StageId::kDrives);
}

/// Writes the record before it asks init, as busybox's own halt does. A halt that init's
/// ::shutdown: entries call finds the record's marker and writes no second one.
int SignalInit(StageContext& context) {
  RunStage(context, StageId::kRecord);
  const auto error = context.kernel.Kill(1, RequestSignal(context.request.ending));
  if (!error) return kDone;
  context.report.Say("PID 1 cannot be asked: " + error.message());
  return kFailed;
}

/// Returns only if reboot(2) was refused. A container whose host does not allow it ends with its
/// PID 1, which gets SIGTERM as from the host.
int RunToTheEnd(StageContext& context, const Pid1& pid1) {
  RunSequence(context);
  if (context.request.container && !pid1.IsInit()) {
    context.report.Say("SIGTERM asks PID 1 (" + pid1.Name() + ") to end");
    context.kernel.Kill(1, SIGTERM);
  }
  if (context.heartbeat) (*context.heartbeat)->phase = HeartbeatPage::kDone;
  return kRefused;
}

/// The page that the dead-man reads: the one that rc handed over; in the sequence else the one of a
/// dead-man that lives already, else a new one. From here on this process is the one whose death
/// the dead-man acts on. Empty in a container, and for a stage called by hand.
Heartbeat FindHeartbeat(const Call& call, const FinalRequest& request) {
  const bool sequence = call.mode == Mode::kSequence;
  if (request.container || !(request.last || call.mode == Mode::kStages)) return {};
  Heartbeat heartbeat = Heartbeat::Adopt(call.options.heartbeat_fd);
  if (!sequence) return heartbeat;
  if (!heartbeat) heartbeat = Heartbeat::Find();
  if (!heartbeat && (heartbeat = Heartbeat::Create())) SetRules(request.settings, heartbeat.page());
  if (!heartbeat) return heartbeat;
  heartbeat->restart = request.ending == Ending::kRestart || request.ending == Ending::kKexec;
  heartbeat->main = static_cast<std::uint32_t>(getpid());
  return heartbeat;
}

/// --now: before anything else is read, since any disk may not answer.
int EndNow(StageContext& context) {
  RunStages(context, {StageId::kPower});
  return kRefused;
}

int Run(StageContext& context, const Call& call) {
  switch (call.mode) {
    case Mode::kRecordOnly:
      RunRecordOnly(context);
      return kDone;
    case Mode::kStages:
      RunStages(context, call.options.stages);
      return kDone;
    case Mode::kUntilPower:
      RunForScript(context);
      return kDone;
    case Mode::kEndNow:
      return EndNow(context);
    case Mode::kForced:
      RunForced(context);
      return kRefused;
    case Mode::kSignalInit:
      RecordAsker(context.kernel, call.options);
      return SignalInit(context);
    default:
      return RunToTheEnd(context, call.pid1);
  }
}

/// Writes to standard output each stage as a heading, below it what the stage would do and say.
class DryRunReport : public Report {
 public:
  void Say(std::string_view line) override { Print("would say: " + std::string(line)); }
  void Event(std::string_view name, std::initializer_list<EventField> fields) override {
    if (name == "stage-start") dprintf(1, "%s\n", fields.begin()->value.c_str());
    for (const EventField& field : fields)
      if (name == "ended" && field.key == "names") Print("would end " + field.value);
  }
  static void Print(const std::string& line) { dprintf(1, "  %s\n", Escaped(line).c_str()); }
};

int DryRun(Call call) {
  DryRunKernel kernel(DryRunReport::Print);
  DryRunReport report;
  if (call.mode == Mode::kShutdown) {
    std::string command;
    for (const std::string& word : ShutdownArguments(call.options)) command += " " + word;
    dprintf(1, "would run%s; rc then ends with this:\n", command.c_str());
    call.mode = Mode::kSequence;
    call.level = '0';
  }
  const auto line = ExplainMode(call.mode, call.options, call.level, call.pid1);
  if (!line.empty()) dprintf(1, "%s\n", Escaped(line).c_str());
  FinalRequest request = RequestOf(kernel, call);
  StageContext context{kernel, report, request};
  Run(context, call);
  return kDone;
}

int CallShutdown(Kernel& kernel, const Call& call, Report& report) {
  if (call.level == '\0') report.Say("the runlevel is not known; calling shutdown");
  if (call.options.ending != Ending::kKexec) {
    RecordAsker(kernel, call.options);
    return ExecShutdown(kernel, call.options);
  }
  report.Say("-k needs -f, or runlevel 6 (KEXEC=yes makes every restart there use kexec)");
  return kFailed;
}

int Main(const Options& options) {
  HeartbeatKernel kernel;
  ConsoleReport report(options.program);
  SetFileLimits();
  if (EndsNow(options) && !options.dry_run) {
    FinalRequest request;
    request.ending = options.ending;
    request.restart_argument = options.restart_argument;
    StageContext context{kernel, report, request};
    return EndNow(context);
  }
  if (!options.dry_run && !options.record_only) MountProc(kernel, report);
  LoadTimeZone(kernel);
  const char level = FindLevel(kernel);
  const Pid1 pid1(kernel);
  const Call call{options, level, pid1, ChooseMode(kernel, options, level, pid1)};
  if (options.dry_run) return DryRun(call);
  if (call.mode == Mode::kShutdown) return CallShutdown(kernel, call, report);
  if (auto line = ExplainMode(call.mode, options, level, pid1); !line.empty()) report.Say(line);
  if (call.mode != Mode::kRecordOnly && call.mode != Mode::kSignalInit) {
    // For a stage rc has done it.
    if (call.mode != Mode::kStages && call.mode != Mode::kUntilPower) RaiseKernelLimits(kernel);
    MakeUnstoppable();
    report.OpenTrace();
  }
  const FinalRequest request = RequestOf(kernel, call);
  const Heartbeat heartbeat = FindHeartbeat(call, request);
  kernel.Tell(heartbeat.page());
  KernelLog log(kernel, report, request);
  StageContext context{kernel, log, request, {}, heartbeat ? &heartbeat : nullptr};
  return Run(context, call);
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  curfew::Options options;
  std::string error;
  if (!curfew::ParseOptions(argc, argv, &options, &error)) {
    dprintf(2, "%s: %s; %s --help says more\n", options.program.c_str(),
            curfew::Escaped(error).c_str(), options.program.c_str());
    return 1;
  }
  if (options.help) return dprintf(1, "%s", curfew::Usage(options.program).c_str()) < 0;
  if (options.version) return dprintf(1, "curfew %s\n", CURFEW_VERSION) < 0;
  if (geteuid() != 0) {
    dprintf(2, "%s: must be superuser.\n", options.program.c_str());
    return 1;
  }
  // A root on a dead server refuses even this; the paths below are absolute.
  (void)!chdir("/");
  return curfew::Main(options);
}
