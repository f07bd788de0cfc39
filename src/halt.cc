// SPDX-License-Identifier: GPL-2.0-or-later
// halt, reboot, poweroff: halt(8). The name and the options say what is asked, the runlevel says
// whether this is the end or a request to the init.

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/limits.h"
#include "config/settings.h"
#include "config/vitals_rules.h"
#include "console/escape.h"
#include "final/console_report.h"
#include "final/course.h"
#include "final/dry_run_kernel.h"
#include "final/helpers.h"
#include "final/options.h"
#include "final/pid1.h"
#include "final/runlevel.h"
#include "final/sequence.h"
#include "kernel/argv.h"
#include "kernel/container.h"
#include "kernel/in_child.h"
#include "kernel/lock_memory.h"
#include "kernel/priority.h"
#include "kernel/ticking_kernel.h"
#include "kernel/vitals.h"

namespace curfew {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kRefused = 3 };

/// One call of halt: what is asked, where, and what it comes to.
struct Call {
  const Options& options;
  char level;
  Pid1 pid1;
  Course course;
};

/// /etc may lie on a disk that is dead by now: without an answer in time the defaults count. rc has
/// told what is wrong in the files.
Settings ReadSettings(Kernel& kernel) {
  auto words = StringsFromChild(kernel, limits::kSettingsFiles, [] {
    std::vector<std::string> warnings;
    SettingsFiles read = ReadSettingsFiles("", &warnings);
    std::vector<std::string> found = {LayoutWord(read.layout)};
    for (SettingsFile& file : read.files)
      found.insert(found.end(), {std::move(file.path), std::move(file.text)});
    return found;
  });
  SettingsFiles found;
  if (!words.value.empty()) ParseLayout(words.value[0], &found.layout);
  for (std::size_t i = 1; i + 1 < words.value.size(); i += 2)
    found.files.push_back({words.value[i], words.value[i + 1]});
  std::vector<std::string> warnings;
  return ParseSettings(found, &warnings);
}

FinalRequest MakeRequest(Kernel& kernel, const Call& call) {
  const Options& options = call.options;
  const bool sequence = call.course == Course::kSequence;
  FinalRequest request;
  request.ending = options.ending;
  request.restart_argument = options.restart_argument;
  request.sync = !options.no_sync;
  request.record = !options.no_sync && !options.no_record;
  request.ups = !options.no_record;
  request.standby = options.standby;
  request.interfaces_down = options.interfaces_down;
  request.last = sequence;
  request.final_level = options.fast || IsFinalLevel(call.level) || sequence ||
                        call.course == Course::kRequest || call.pid1.GoesDown();
  request.without_rc = sequence && !IsFinalLevel(call.level);
  request.container = InContainer(kernel);
  if (options.spare_fd >= 0)
    request.sessions_file = "/proc/self/fd/" + std::to_string(options.spare_fd);
  if (sequence || call.course == Course::kStages) request.settings = ReadSettings(kernel);
  return request;
}

/// The arguments by which shutdown(8) 3.06 brings about what was asked, "now" last.
std::vector<std::string> ShutdownArguments(const Options& options) {
  std::vector<std::string> arguments = {"shutdown"};
  const bool restart = options.ending == Ending::kRestart || options.ending == Ending::kKexec;
  arguments.push_back(restart ? "-r" : "-h");
  if (options.ending == Ending::kPowerOff) arguments.push_back("-P");
  if (!options.delay.empty()) arguments.insert(arguments.end(), {"-t", options.delay});
  arguments.push_back("now");
  return arguments;
}

int ExecShutdown(const Options& options) {
  const auto arguments = ShutdownArguments(options);
  const auto argv = Argv(arguments);
  for (const char* path : kShutdownPrograms) execv(path, argv.data());
  dprintf(2, "%s: cannot run shutdown: %s; -f does without it\n", options.program.c_str(),
          strerror(errno));
  return kFailed;
}

/// The machine is on its way down: no key, hang-up or second request stops it half-way.
void HoldCourse() {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP,
                     SIGTTIN, SIGTTOU})
    signal(number, SIG_IGN);
  TakeRank(Rank::kFirst);
  LockMemory(Pages::kAll);
}

void RunStages(StageContext& context, const std::vector<StageId>& stages) {
  for (const StageId id : stages) RunStage(context, id);
  Settle(context);
}

/// -w with -i or -h: those are done as well, and the machine stays up.
void RunRecordOnly(StageContext& context) {
  RunStage(context, StageId::kRecord);
  if (context.request.interfaces_down) RunStage(context, StageId::kInterfaces);
  if (context.request.standby) RunStage(context, StageId::kDrives);
}

/// The record is written now, as busybox's own halt does it; what ::shutdown: entries call of us
/// writes no second one.
int RunRequest(StageContext& context) {
  RunStage(context, StageId::kRecord);
  const auto error = context.kernel.Kill(1, RequestSignal(context.request.ending));
  if (!error) return kDone;
  context.report.Say("PID 1 cannot be asked: " + error.message());
  return kFailed;
}

/// Returns only where reboot(2) was refused. A container whose host does not allow it ends with its
/// PID 1, which is asked as its host would ask it.
int RunAll(StageContext& context, const Pid1& pid1) {
  RunSequence(context);
  if (context.request.container && !pid1.IsInit()) {
    context.report.Say("SIGTERM asks PID 1 (" + pid1.Name() + ") to end");
    context.kernel.Kill(1, SIGTERM);
  }
  if (context.vitals) (*context.vitals)->phase = VitalsPage::kDone;
  return kRefused;
}

/// What the dead-man is told: in memory that rc handed over, or that a dead-man lives by already;
/// the last halt makes some if nobody did, and is the one that must live from here on. A stage that
/// somebody calls by hand has none, as little as a container.
Vitals FindVitals(const Call& call, const FinalRequest& request) {
  const bool sequence = call.course == Course::kSequence;
  if (request.container || !(sequence || call.course == Course::kStages)) return {};
  Vitals vitals = Vitals::Adopt(call.options.vitals_fd);
  if (!sequence) return vitals;
  if (!vitals) vitals = Vitals::Find();
  if (!vitals && (vitals = Vitals::Create())) SetRules(request.settings, vitals.page());
  if (!vitals) return vitals;
  vitals->restart = request.ending == Ending::kRestart || request.ending == Ending::kKexec;
  vitals->main = static_cast<std::uint32_t>(getpid());
  return vitals;
}

int Run(StageContext& context, const Call& call) {
  switch (call.course) {
    case Course::kRecordOnly:
      RunRecordOnly(context);
      return kDone;
    case Course::kStages:
      RunStages(context, call.options.stages);
      return kDone;
    case Course::kEndNow:
      RunStages(context, {StageId::kPower});
      return kRefused;
    case Course::kForced:
      RunForced(context);
      return kRefused;
    case Course::kRequest:
      return RunRequest(context);
    default:
      return RunAll(context, call.pid1);
  }
}

/// The stages as headings on standard output, what they would say among what they would do.
class DryRunReport : public Report {
 public:
  void Say(std::string_view line) override { Print("would say: " + std::string(line)); }
  void Event(std::string_view name, std::initializer_list<EventField> fields) override {
    if (name == "stage-start") dprintf(1, "%s\n", fields.begin()->value.c_str());
  }
  static void Print(const std::string& line) { dprintf(1, "  %s\n", Escaped(line).c_str()); }
};

int DryRun(LinuxKernel& machine, Call call) {
  DryRunKernel kernel(machine, DryRunReport::Print);
  DryRunReport report;
  if (call.course == Course::kShutdown) {
    std::string command;
    for (const std::string& word : ShutdownArguments(call.options)) command += " " + word;
    dprintf(1, "would run%s; rc then ends with this:\n", command.c_str());
    call.course = Course::kSequence;
    call.level = '0';
  }
  const auto line = Explain(call.course, call.options, call.level, call.pid1);
  if (!line.empty()) dprintf(1, "%s\n", Escaped(line).c_str());
  FinalRequest request = MakeRequest(kernel, call);
  StageContext context{kernel, report, request};
  Run(context, call);
  return kDone;
}

int AskShutdown(const Call& call, Report& report) {
  if (call.level == '\0') report.Say("the runlevel is not known; calling shutdown");
  if (call.options.ending != Ending::kKexec) return ExecShutdown(call.options);
  report.Say("-k needs -f, or runlevel 6 (KEXEC=yes makes every restart there use kexec)");
  return kFailed;
}

int Main(const Options& options) {
  TickingKernel kernel;
  ConsoleReport report(options.program);
  const char level = Runlevel(kernel, [](const char* name) { return getenv(name); });
  const Pid1 pid1(kernel);
  const Call call{options, level, pid1, Choose(kernel, options, level, pid1)};
  if (options.dry_run) return DryRun(kernel, call);
  if (call.course == Course::kShutdown) return AskShutdown(call, report);
  if (auto line = Explain(call.course, options, level, pid1); !line.empty()) report.Say(line);
  if (call.course != Course::kRecordOnly && call.course != Course::kRequest) {
    HoldCourse();
    report.OpenTrace();
  }
  const FinalRequest request = MakeRequest(kernel, call);
  const Vitals vitals = FindVitals(call, request);
  kernel.Tell(vitals.page());
  StageContext context{kernel, report, request, {}, vitals ? &vitals : nullptr};
  return Run(context, call);
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  curfew::Options options;
  std::string error;
  if (!curfew::ParseOptions(argc, argv, &options, &error)) {
    dprintf(2, "%s: %s\n%s", options.program.c_str(), error.c_str(),
            curfew::Usage(options.program).c_str());
    return 1;
  }
  if (options.help) return dprintf(1, "%s", curfew::Usage(options.program).c_str()) < 0;
  if (options.version) return dprintf(1, "curfew %s\n", CURFEW_VERSION) < 0;
  if (geteuid() != 0) {
    dprintf(2, "%s: must be superuser.\n", options.program.c_str());
    return 1;
  }
  if (chdir("/") != 0) return 1;
  // Reads /etc/localtime while there is one.
  tzset();
  return curfew::Main(options);
}
