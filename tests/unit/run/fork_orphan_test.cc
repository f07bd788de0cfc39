// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/fork_orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

namespace fork_orphan_test {
using namespace curfew;

namespace {

/// Makes this process one of a Linux before 5.9. False: no filter can be set.
bool LoseCloseRange() {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(code), code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// Which of the descriptors below 200 are open, such as "5 ".
std::string OpenDescriptors() {
  std::string open_now;
  for (int fd = 0; fd < 200; ++fd)
    if (fcntl(fd, F_GETFD) >= 0) open_now += std::to_string(fd) + " ";
  return open_now;
}

}  // namespace

TEST("an orphan keeps the descriptors it needs and no other, also without close_range(2)") {
  for (const bool old_kernel : {false, true}) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    const pid_t rc = fork();
    if (rc == 0) {
      if (old_kernel && !LoseCloseRange()) _exit(1);
      for (const int fd : {90, 150}) dup2(ends[1], fd);
      if (ForkOrphan({ends[1], 90}) != 0) _exit(0);
      const std::string left = OpenDescriptors();
      _exit(write(90, left.data(), left.size()) < 0);
    }
    close(ends[1]);
    std::string left;
    for (char byte; read(ends[0], &byte, 1) == 1;) left += byte;
    close(ends[0]);
    int status = 0;
    waitpid(rc, &status, 0);
    CHECK_EQ(status, 0);
    CHECK_EQ(left, "0 1 2 " + std::to_string(ends[1]) + " 90 ");
  }
}

TEST("what an orphan executes has standard input, output and error, all of them /dev/null") {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t rc = fork();
  if (rc == 0) {
    if (ForkOrphan({ends[1]}) != 0) _exit(0);
    const std::string words = "cd /proc/self/fd; readlink 0 1 2 >" + std::to_string(ends[1]);
    execlp("sh", "sh", "-c", words.c_str(), nullptr);
    _exit(1);
  }
  close(ends[1]);
  std::string said;
  for (char byte; read(ends[0], &byte, 1) == 1;) said += byte;
  close(ends[0]);
  waitpid(rc, nullptr, 0);
  // Of readlink itself 1 is the pipe.
  CHECK(said.starts_with("/dev/null\npipe:[") && said.ends_with("]\n/dev/null\n"));
}

TEST("a signal to rc's group ends no orphan that is still in it") {
  constexpr int kOrphans = 50;
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t rc = fork();
  if (rc == 0) {
    setsid();
    signal(SIGHUP, [](int) {});
    for (int i = 0; i < kOrphans; ++i) {
      if (ForkOrphan({ends[1]}) == 0) _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
      kill(0, SIGHUP);
    }
    _exit(0);
  }
  close(ends[1]);
  int orphans = 0;
  for (char byte; read(ends[0], &byte, 1) == 1;) ++orphans;
  close(ends[0]);
  waitpid(rc, nullptr, 0);
  CHECK_EQ(orphans, kOrphans);
}

}  // namespace fork_orphan_test
