// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/call_shutdown.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "config/limits.h"
#include "final/pid1.h"
#include "kernel/argv.h"
#include "kernel/child.h"

namespace curfew {
namespace {

constexpr char kTelinit[] = "/sbin/telinit";
constexpr std::chrono::seconds kLook{1};

bool Restarts(const Options& options) {
  return options.ending == Ending::kRestart || options.ending == Ending::kKexec;
}

/// As shutdown(8) asks init, which gives INIT_HALT to the scripts.
void AskInit(Kernel& kernel, const Options& options) {
  const bool off = options.ending == Ending::kPowerOff;
  (void)RunProgram(kernel, {kTelinit, "-e", off ? "INIT_HALT=POWEROFF" : "INIT_HALT"},
                   limits::kTelinit);
  std::vector<std::string> level{kTelinit};
  if (!options.delay.empty()) level.insert(level.end(), {"-t", options.delay});
  level.emplace_back(Restarts(options) ? "6" : "0");
  (void)RunProgram(kernel, level, limits::kTelinit);
}

}  // namespace

std::vector<std::string> ShutdownArguments(const Options& options) {
  std::vector<std::string> arguments = {"shutdown", Restarts(options) ? "-r" : "-h"};
  if (options.ending == Ending::kPowerOff) arguments.push_back("-P");
  if (!options.delay.empty()) arguments.insert(arguments.end(), {"-t", options.delay});
  arguments.push_back("now");
  return arguments;
}

void WatchShutdown(Kernel& kernel, const ProcessInfo& shutdown, const Options& options, int out) {
  const Result<int> pidfd = kernel.PidfdOpen(shutdown.pid);
  // poll(2) ignores a descriptor below 0.
  pollfd end{pidfd ? pidfd.value : -1, POLLIN, 0};
  Result<ProcessInfo> process = shutdown;
  for (std::chrono::seconds stuck{0}; stuck < limits::kShutdownSync;) {
    kernel.Poll({&end, 1}, kLook);
    process = ReadProcess(kernel, shutdown.pid);
    if (end.revents != 0) return;
    if (process ? process.value.start != shutdown.start || process.value.Ended()
                : IsGone(process.error))
      return;
    stuck = process && process.value.state == 'D' ? stuck + kLook : std::chrono::seconds(0);
  }
  AskInit(kernel, options);
  (void)kernel.WriteOpen(out, options.program + ": " + process.value.Label() +
                                  " waits for a disk; init is asked without it\n");
}

int ExecShutdown(Kernel& kernel, const Options& options) {
  signal(SIGXFSZ, SIG_DFL);
  const auto arguments = ShutdownArguments(options);
  const auto argv = Argv(arguments);
  if (const auto self = ReadProcess(kernel, kernel.Self())) {
    const int out = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)StartDaemon(kernel, options.program, {out},
                      [&] { WatchShutdown(kernel, self.value, options, out); });
    if (out >= 0) close(out);
  }
  for (const char* path : kShutdownPrograms) execv(path, argv.data());
  dprintf(STDERR_FILENO, "%s: cannot run shutdown: %s; -f does without it\n",
          options.program.c_str(), strerror(errno));
  return 1;
}

}  // namespace curfew
