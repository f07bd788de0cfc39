// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/stands_still.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "crowd.h"
#include "kernel/linux_kernel.h"

namespace stands_still_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

std::string Thread(pid_t tid, char state) {
  return std::to_string(tid) + " (java) " + state +
         " 1 10 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 100 0 0\n";
}

/// Process 10 has ended its leader, and has two threads in these states.
void AddThreads(Crowd* crowd, char first, char second) {
  crowd->kernel.dirs["/proc/10/task/"] = {"10", "11", "12"};
  crowd->kernel.files["/proc/10/task/10/stat"] = Thread(10, 'Z');
  crowd->kernel.files["/proc/10/task/11/stat"] = Thread(11, first);
  crowd->kernel.files["/proc/10/task/12/stat"] = Thread(12, second);
}

}  // namespace

TEST("behind a leader that has ended each thread is asked, and an error is no stop") {
  Crowd crowd;
  const ProcessInfo lives = *ParseStat(Thread(10, 'Z'));
  ProcessInfo ended = lives;
  ended.threads = 1;
  AddThreads(&crowd, 'T', 'R');
  CHECK(StandsStill(crowd.kernel, ended) && !StandsStill(crowd.kernel, lives));
  AddThreads(&crowd, 'T', 't');
  CHECK(StandsStill(crowd.kernel, lives));
  crowd.kernel.errors["read /proc/10/task/12/stat"] = std::errc::no_such_process;
  CHECK(StandsStill(crowd.kernel, lives));
  crowd.kernel.errors["read /proc/10/task/12/stat"] = std::errc::too_many_files_open;
  CHECK(!StandsStill(crowd.kernel, lives));
  crowd.kernel.errors["list /proc/10/task/"] = std::errc::io_error;
  CHECK(!StandsStill(crowd.kernel, lives));
}

TEST("a real process whose leader has ended stands still only when its thread does") {
  const pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    const auto work = [](void*) -> void* {
      for (;;) pause();
    };
    if (pthread_create(&thread, nullptr, work, nullptr) != 0) _exit(1);
    pthread_exit(nullptr);
  }
  LinuxKernel kernel;
  const auto state = [&] { return ReadProcess(kernel, child).value; };
  const auto wait_until = [&](const auto& ready) {
    for (int i = 0; i < 1000 && !ready(); ++i) kernel.Poll({}, 10ms);
    return ready();
  };
  CHECK(wait_until([&] { return state().state == 'Z'; }));
  CHECK(!state().Ended() && !StandsStill(kernel, state()));
  kill(child, SIGSTOP);
  CHECK(wait_until([&] { return StandsStill(kernel, state()); }));
  CHECK_EQ(state().state, 'Z');
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

}  // namespace stands_still_test
