// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "kernel/fd.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

/// Caught and not ignored, because scripts must find the default disposition (Debian #679630).
/// Ctrl-C never ends a run (Debian #18541); the kernel sends it to an interactive script as well.
constexpr int kSignals[] = {SIGTERM, SIGINT, SIGQUIT, SIGTSTP, SIGHUP, SIGCHLD};

std::set<pid_t> Ancestors(Files& files) {
  std::set<pid_t> ancestors{1};
  for (pid_t pid = getppid(); pid > 0 && ancestors.insert(pid).second;)
    pid = ReadProcess(files, pid).value.parent;
  return ancestors;
}

/// Blocks them all and returns the set. One that the caller of rc ignores would not come.
sigset_t Block(sigset_t* before) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kSignals) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, before);
  for (const int number : kSignals) signal(number, SIG_DFL);
  return set;
}

}  // namespace

Signals::Signals(boost::asio::io_context& loop, Files& files, Acts acts)
    : acts_(std::move(acts)), ancestors_(Ancestors(files)), signals_(loop), any_sender_(loop) {
  const sigset_t set = Block(&before_);
  Fd fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  boost::system::error_code error;
  if (fd) signals_.assign(fd.get(), error);
  if (!fd || error) {
    ListenWithoutSender();
  } else {
    fd.Release();
    Wait();
  }
}

Signals::~Signals() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

/// No descriptor can be had. A request that is missed would hold up the next level; a stranger's
/// only costs the rest of this one.
void Signals::ListenWithoutSender() {
  for (const int number : kSignals) {
    boost::system::error_code ignored;
    any_sender_.add(number, ignored);
  }
  sigprocmask(SIG_SETMASK, &before_, nullptr);
  WaitWithoutSender();
}

void Signals::WaitWithoutSender() {
  any_sender_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number == SIGTERM) acts_.requested();
    if (number == SIGCHLD) acts_.child();
    WaitWithoutSender();
  });
}

void Signals::Wait() {
  signals_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) return ListenWithoutSender();
                        Take();
                        Wait();
                      });
}

void Signals::Take() {
  if (!signals_.is_open()) return;
  signalfd_siginfo info{};
  while (read(signals_.native_handle(), &info, sizeof info) == sizeof info) {
    const auto sender = static_cast<pid_t>(info.ssi_pid);
    if (info.ssi_signo == SIGCHLD) acts_.child();
    if (info.ssi_signo != SIGTERM) continue;
    if (ancestors_.contains(sender))
      acts_.requested();
    else
      acts_.stranger(sender);
  }
}

}  // namespace curfew
