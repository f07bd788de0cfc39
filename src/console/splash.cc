// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/splash.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <utility>

#include "config/limits.h"
#include "kernel/container.h"
#include "kernel/fd.h"
#include "kernel/linux_kernel.h"
#include "run/fork_orphan.h"

namespace curfew {
namespace {

/// In an orphan, which the alarm ends, also as `program`.
[[noreturn]] void Hide(const std::string& program) {
  alarm(limits::kSplash.count());
  LinuxKernel kernel;
  // It shares the network, and with it the socket, of a machine whose splash is not its own.
  if (InContainer(kernel)) _exit(0);
  const int null = open("/dev/null", O_RDWR);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) dup2(null, fd);
  setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
  execlp(program.c_str(), program.c_str(), "hide-splash", nullptr);
  _exit(0);
}

}  // namespace

void Splash::On(const Event& event) {
  if (!std::holds_alternative<Waiting>(event) || !std::exchange(on_, false)) return;
  if (IsShown() && ForkOrphan({}) == 0) Hide(program_);
}

/// Whether plymouthd takes a connection, which `plymouth --ping` asks, too. A local socket answers
/// at once.
bool Splash::IsShown() const {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const size_t size = offsetof(sockaddr_un, sun_path) + 1 + socket_.size();
  return socket && connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                           static_cast<socklen_t>(size)) == 0;
}

}  // namespace curfew
