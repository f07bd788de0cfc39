// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/keys.h"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "console/prompt.h"
#include "console/terminal.h"

namespace curfew {

namespace asio = boost::asio;

namespace {

constexpr char kInterrupt = '\x03';
/// The time for the second Ctrl-C.
constexpr std::chrono::seconds kTwice{3};

}  // namespace

std::vector<Fd> Keys::OpenConsoles(const std::string& root) {
  std::vector<Fd> terminals;
  const auto add = [&](Fd fd) {
    if (fd && isatty(fd.get())) terminals.push_back(std::move(fd));
  };
  std::ifstream consoles(root.empty() ? "/proc/consoles" : "");
  for (std::string name, rest; consoles >> name && std::getline(consoles, rest);) {
    add(Fd(open(("/dev/" + name).c_str(), kTerminalFlags)));
  }
  add(Prompt::OpenTerminal(root));
  return terminals;
}

Keys::Keys(asio::io_context& loop, OpenTerminals open, Acts acts, Take take)
    : loop_(loop),
      open_(std::move(open)),
      acts_(std::move(acts)),
      take_(std::move(take)),
      again_(loop) {}

Keys::~Keys() {
  Stop();
  for (Terminal& terminal : terminals_) fcntl(terminal.in.release(), F_SETFD, 0);
}

bool Keys::Count(bool on) {
  wanted_ = on;
  if (!on && !again_runs_) Stop();
  if (!on) return false;
  FindTerminals();
  for (Place terminal = terminals_.begin(); terminal != terminals_.end();) {
    const Place next = std::next(terminal);
    if (!terminal->counts) Begin(terminal);  // may erase it
    terminal = next;
  }
  return std::any_of(terminals_.begin(), terminals_.end(),
                     [](const Terminal& terminal) { return terminal.counts; });
}

void Keys::Stop() {
  ++period_;
  wanted_ = again_runs_ = false;
  again_.cancel();
  for (Terminal& terminal : terminals_) {
    if (!std::exchange(terminal.counts, false)) continue;
    boost::system::error_code ignored;
    terminal.in.cancel(ignored);
    tcsetattr(terminal.in.native_handle(), TCSANOW, &terminal.modes_before);
  }
}

/// Terminals may come later: when a display manager stops, another virtual terminal is active.
void Keys::FindTerminals() {
  for (Fd& fd : open_()) {
    const dev_t device = TerminalDevice(fd.get());
    const bool known = std::any_of(terminals_.begin(), terminals_.end(),
                                   [&](const Terminal& t) { return t.device == device; });
    if (known) continue;
    fd = take_(std::move(fd));
    if (!fd) continue;
    Terminal& terminal = terminals_.emplace_back(loop_);
    boost::system::error_code error;
    terminal.in.assign(fd.get(), error);
    if (error) {
      terminals_.pop_back();
      continue;
    }
    fd.Release();
    terminal.device = device;
  }
}

/// VMIN is 1: with 0 other readers of this terminal would see the end of the input. The input so
/// far is dropped: it was typed before the status line offered keys.
void Keys::Begin(Place terminal) {
  const int fd = terminal->in.native_handle();
  if (tcgetattr(fd, &terminal->modes_before) != 0) {
    terminals_.erase(terminal);
    return;
  }
  if (InBackground(fd)) return;
  termios modes = terminal->modes_before;
  modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
  modes.c_cc[VMIN] = 1;
  modes.c_cc[VTIME] = 0;
  tcsetattr(fd, TCSANOW, &modes);
  tcflush(fd, TCIFLUSH);
  terminal->counts = true;
  WaitForInput(terminal);
}

void Keys::WaitForInput(Place terminal) {
  terminal->in.async_wait(
      asio::posix::descriptor_base::wait_read,
      [this, terminal, period = period_](const boost::system::error_code& error) {
        if (period == period_ && !error) Read(terminal);
      });
}

/// A terminal whose far end is gone is always readable and empty: it is closed.
void Keys::Read(Place terminal) {
  char bytes[64];
  const ssize_t size = read(terminal->in.native_handle(), bytes, sizeof bytes);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
    terminals_.erase(terminal);
    return;
  }
  const unsigned period = period_;
  for (ssize_t i = 0; i < size && period == period_; ++i) {
    if (bytes[i] == kInterrupt) PressedInterrupt();
  }
  if (period == period_) WaitForInput(terminal);
}

void Keys::PressedInterrupt() {
  if (again_runs_) return acts_.skip_all();
  again_runs_ = true;
  again_.expires_after(kTwice);
  again_.async_wait([this, period = period_](const boost::system::error_code& error) {
    if (error || period != period_) return;
    again_runs_ = false;
    if (!wanted_) Stop();
  });
  acts_.skip();
}

}  // namespace curfew
