// SPDX-License-Identifier: GPL-2.0-or-later
// halt, reboot, poweroff: halt(8). The name and the options say what is asked, the runlevel says
// whether this is the end or a request to shutdown(8).

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/settings.h"
#include "console/escape.h"
#include "final/console_report.h"
#include "final/dry_run_kernel.h"
#include "final/helpers.h"
#include "final/options.h"
#include "final/runlevel.h"
#include "final/sequence.h"
#include "kernel/argv.h"
#include "kernel/linux_kernel.h"

namespace curfew {
namespace {

enum ExitStatus { kDone = 0, kFailed = 1, kRefused = 3 };

/// What one call of halt does.
enum class Course {
  kRecordOnly,  ///< -w
  kStages,      ///< --stage
  kEndNow,      ///< --now
  kSequence,    ///< level 0 and 6, and --fast
  kForced,      ///< -f in any other level
  kShutdown     ///< else: shutdown(8) changes the level
};

Course Choose(const Options& options, char level) {
  if (options.record_only) return Course::kRecordOnly;
  if (!options.stages.empty()) return Course::kStages;
  if (options.now) return Course::kEndNow;
  if (options.fast || IsFinalLevel(level)) return Course::kSequence;
  return options.force ? Course::kForced : Course::kShutdown;
}

/// /etc may lie on a disk that is dead by now: without an answer in time the defaults count. rc has
/// told what is wrong in the files.
Settings ReadSettings(Kernel& kernel) {
  auto words = Ask(kernel, std::chrono::seconds(2), [] {
    std::vector<std::string> warnings, found;
    for (SettingsFile& file : ReadSettingsFiles("", &warnings))
      found.insert(found.end(), {std::move(file.path), std::move(file.text)});
    return found;
  });
  std::vector<SettingsFile> files;
  for (std::size_t i = 0; i + 1 < words.value.size(); i += 2)
    files.push_back({words.value[i], words.value[i + 1]});
  std::vector<std::string> warnings;
  return ParseSettings(files, &warnings);
}

FinalRequest MakeRequest(Kernel& kernel, const Options& options, Course course, char level) {
  FinalRequest request;
  request.ending = options.ending;
  request.restart_argument = options.restart_argument;
  request.sync = !options.no_sync;
  request.record = !options.no_sync && !options.no_record;
  request.ups = !options.no_record;
  request.standby = options.standby;
  request.interfaces_down = options.interfaces_down;
  request.last = course == Course::kSequence;
  request.final_level = options.fast || IsFinalLevel(level);
  request.without_rc = course == Course::kSequence && !IsFinalLevel(level);
  request.container = InContainer(kernel);
  if (options.spare_fd >= 0)
    request.sessions_file = "/proc/self/fd/" + std::to_string(options.spare_fd);
  if (course == Course::kSequence || course == Course::kStages)
    request.settings = ReadSettings(kernel);
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
  for (const char* path : {"/sbin/shutdown", "/etc/shutdown", "/bin/shutdown"})
    execv(path, argv.data());
  dprintf(2, "%s: cannot run shutdown: %s; -f does without it\n", options.program.c_str(),
          strerror(errno));
  return kFailed;
}

/// The machine is on its way down: no key, hang-up or second request stops it half-way.
void HoldCourse() {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGTSTP,
                     SIGTTIN, SIGTTOU})
    signal(number, SIG_IGN);
  LockMemory();
}

void RunStages(StageContext& context, const std::vector<std::string>& names) {
  for (const std::string& name : names) RunStage(context, *FindStage(name));
  Settle(context);
}

/// -w with -i or -h: those are done as well, and the machine stays up.
void RunRecordOnly(StageContext& context) {
  RunStage(context, *FindStage("record"));
  if (context.request.interfaces_down) RunStage(context, *FindStage("interfaces"));
  if (context.request.standby) RunStage(context, *FindStage("drives"));
}

int Run(StageContext& context, const Options& options, Course course) {
  switch (course) {
    case Course::kRecordOnly:
      RunRecordOnly(context);
      return kDone;
    case Course::kStages:
      RunStages(context, options.stages);
      return kDone;
    case Course::kEndNow:
      RunStages(context, {"power"});
      return kRefused;
    case Course::kForced:
      RunForced(context);
      return kRefused;
    default:
      RunSequence(context);
      return kRefused;
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

int DryRun(LinuxKernel& machine, const Options& options, Course course, char level) {
  DryRunKernel kernel(machine, DryRunReport::Print);
  DryRunReport report;
  if (course == Course::kShutdown) {
    std::string command;
    for (const std::string& word : ShutdownArguments(options)) command += " " + word;
    dprintf(1, "would run%s; rc then ends with this:\n", command.c_str());
    course = Course::kSequence;
    level = '0';
  }
  FinalRequest request = MakeRequest(kernel, options, course, level);
  StageContext context{kernel, report, request};
  Run(context, options, course);
  return kDone;
}

int Main(const Options& options) {
  LinuxKernel kernel;
  ConsoleReport report(options.program);
  const char level = Runlevel(kernel, [](const char* name) { return getenv(name); });
  const Course course = Choose(options, level);
  if (options.dry_run) return DryRun(kernel, options, course, level);
  if (course == Course::kShutdown) {
    if (level == '\0') report.Say("the runlevel is not known; calling shutdown");
    if (options.ending != Ending::kKexec) return ExecShutdown(options);
    report.Say("-k needs -f, or runlevel 6 (KEXEC=yes makes every restart there use kexec)");
    return kFailed;
  }
  if (course != Course::kRecordOnly) {
    HoldCourse();
    report.OpenTrace();
  }
  const FinalRequest request = MakeRequest(kernel, options, course, level);
  StageContext context{kernel, report, request};
  return Run(context, options, course);
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
