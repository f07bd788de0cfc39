// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/term_signal.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "kernel/fd.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

std::set<pid_t> Ancestors(Files& files) {
  std::set<pid_t> ancestors{1};
  for (pid_t pid = getppid(); pid > 0 && ancestors.insert(pid).second;)
    pid = ReadProcess(files, pid).value.parent;
  return ancestors;
}

sigset_t OnlyTerm() {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  return term;
}

}  // namespace

TermSignal::TermSignal(boost::asio::io_context& loop, Files& files, Acts acts)
    : acts_(std::move(acts)), ancestors_(Ancestors(files)), signals_(loop), any_sender_(loop) {
  const sigset_t term = OnlyTerm();
  sigprocmask(SIG_BLOCK, &term, &before_);
  Fd fd(signalfd(-1, &term, SFD_NONBLOCK | SFD_CLOEXEC));
  boost::system::error_code error;
  if (fd) signals_.assign(fd.get(), error);
  if (!fd || error) {
    ListenWithoutSender();
  } else {
    fd.Release();
    Wait();
  }
}

TermSignal::~TermSignal() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

/// No descriptor can be had. A request that is missed would hold up the next level; a stranger's
/// only costs the rest of this one.
void TermSignal::ListenWithoutSender() {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
  boost::system::error_code ignored;
  any_sender_.add(SIGTERM, ignored);
  any_sender_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) acts_.requested();
  });
}

void TermSignal::Wait() {
  signals_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) return ListenWithoutSender();
                        Take();
                        Wait();
                      });
}

void TermSignal::Take() {
  if (!signals_.is_open()) return;
  signalfd_siginfo info{};
  while (read(signals_.native_handle(), &info, sizeof info) == sizeof info) {
    const auto sender = static_cast<pid_t>(info.ssi_pid);
    if (ancestors_.contains(sender))
      acts_.requested();
    else
      acts_.stranger(sender);
  }
}

}  // namespace curfew
