// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/console_write.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

namespace curfew {
namespace {

/// A console takes a line in less; a screenful on a slow serial line comes in pieces. It repeats,
/// for a signal may come before the write.
constexpr itimerval kWriteLimit{{0, 100'000}, {0, 100'000}};
constexpr itimerval kNone{};

bool IsConsole(int fd) {
  struct stat info {};
  return fstat(fd, &info) == 0 && S_ISCHR(info.st_mode) && info.st_rdev == makedev(5, 1);
}

}  // namespace

ssize_t WriteConsole(int fd, std::string_view text) {
  if (!IsConsole(fd)) return write(fd, text.data(), text.size());
  struct sigaction interrupts {};
  interrupts.sa_handler = [](int) {};
  struct sigaction before {};
  sigaction(SIGALRM, &interrupts, &before);
  setitimer(ITIMER_REAL, &kWriteLimit, nullptr);
  const ssize_t size = write(fd, text.data(), text.size());
  const int error = errno == EINTR ? EAGAIN : errno;
  setitimer(ITIMER_REAL, &kNone, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  errno = error;
  return size;
}

}  // namespace curfew
