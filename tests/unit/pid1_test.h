// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <signal.h>

#include <initializer_list>
#include <string>

#include "scripted_kernel.h"

namespace curfew {

/// A set of signals as /proc/PID/status writes it.
inline std::string SignalMask(std::initializer_list<int> signals) {
  unsigned long long bits = 0;
  for (int signal : signals) bits |= 1ull << (signal - 1);
  char text[17];
  snprintf(text, sizeof text, "%016llx", bits);
  return text;
}

/// What a scripted machine has as PID 1.
struct FirstProcess {
  std::string name;
  std::string exe;
  std::string caught = SignalMask({});

  void Become(ScriptedKernel& kernel) const {
    kernel.files["/proc/1/stat"] =
        "1 (" + name + ") S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n";
    kernel.files["/proc/1/status"] = "Name:\t" + name + "\nShdPnd:\t" + SignalMask({SIGTERM}) +
                                     "\nSigBlk:\t" + SignalMask({SIGTERM}) + "\nSigIgn:\t" +
                                     SignalMask({SIGPIPE}) + "\nSigCgt:\t" + caught + "\n";
    kernel.links["/proc/1/exe"] = exe;
  }
};

// As seen on the real ones.
inline const FirstProcess kBusyboxInit{"init", "/usr/bin/busybox", SignalMask({SIGTSTP})};
inline const FirstProcess kBusyboxGoingDown{"init", "/usr/bin/busybox"};
inline const FirstProcess kSysvinit{"init", "/sbin/init",
                                    SignalMask({SIGHUP, SIGINT, SIGUSR1, SIGUSR2, SIGSEGV, SIGALRM,
                                                SIGCHLD, SIGCONT, SIGTSTP, SIGWINCH, SIGPWR})};
inline const FirstProcess kSystemd{"systemd", "/usr/lib/systemd/systemd",
                                   SignalMask({SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV})};
inline const FirstProcess kSleep{"sleep", "/usr/bin/sleep"};

}  // namespace curfew
