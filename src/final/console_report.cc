// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/console_report.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "console/escape.h"
#include "kernel/console_write.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr int kFinishMilliseconds = 200;
/// A console that has refused so many writes is gone, and will never take anything.
constexpr int kMostErrors = 3;

}  // namespace

ConsoleReport::ConsoleReport(std::string program) : program_(std::move(program)) {
  struct stat info {};
  // A file never blocks, and opened anew it would be written from its beginning.
  if (fstat(STDERR_FILENO, &info) == 0 && !S_ISREG(info.st_mode))
    own_ = Fd(open("/proc/self/fd/2", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

ConsoleReport::~ConsoleReport() {
  pollfd ready{own_ ? own_.get() : STDERR_FILENO, POLLOUT, 0};
  if (!waiting_.empty() && poll(&ready, 1, kFinishMilliseconds) > 0) WriteWhatFits();
}

void ConsoleReport::Say(std::string_view line) {
  WriteWhatFits();
  std::string text = program_ + ": " + Escaped(line) + "\n";
  if (waiting_.size() + text.size() > kMostWaiting) {
    ++dropped_;
    return;
  }
  if (dropped_ > 0) waiting_ += "[" + std::to_string(dropped_) + " lines not shown]\n";
  dropped_ = 0;
  waiting_ += text;
  WriteWhatFits();
}

void ConsoleReport::WriteWhatFits() {
  while (!waiting_.empty()) {
    const ssize_t size = Write(waiting_);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN && ++errors_ < kMostErrors) continue;
    if (size < 0 && errno != EAGAIN) waiting_.clear();
    if (size <= 0) return;
    waiting_.erase(0, static_cast<std::size_t>(size));
  }
}

/// Without own_ standard error is a file, a socket, which cannot be opened anew, or /proc is
/// missing. Then poll(2) comes before each write: a pipe that is ready takes at least a part
/// (pipe(7)), a terminal a line.
ssize_t ConsoleReport::Write(std::string_view text) const {
  if (own_) return WriteConsole(own_.get(), text);
  const ssize_t sent = send(STDERR_FILENO, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  pollfd ready{STDERR_FILENO, POLLOUT, 0};
  if (poll(&ready, 1, 0) <= 0) return errno = EAGAIN, -1;
  return write(STDERR_FILENO, text.data(), std::min(text.size(), text.find('\n') + 1));
}

void ConsoleReport::OpenTrace() {
  trace_.Open(Trace::kPath, false);
}

void ConsoleReport::Event(std::string_view name, std::initializer_list<EventField> fields) {
  trace_.Write(EventLine(name, fields));
}

TraceLine EventLine(std::string_view name, std::initializer_list<EventField> fields) {
  TraceLine line(name);
  for (const auto& [key, value, text] : fields) {
    const auto number = text ? std::nullopt : ParseNumber<std::uint64_t>(value);
    // "007" is a name.
    if (number && std::to_string(*number) == value)
      line.Number(key, static_cast<long long>(*number));
    else
      line.Text(key, value);
  }
  return line;
}

}  // namespace curfew
