// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <climits>
#include <exception>

#include "kernel/console_write.h"

namespace curfew {
namespace {

using Clock = std::chrono::steady_clock;

/// The longest time that Finish takes.
constexpr std::chrono::milliseconds kFinish{200};
/// Shortest time between two drawings: between the lines of a flood no person can read a status.
constexpr std::chrono::milliseconds kRedraw{100};
/// Moves to the left margin and erases the line.
constexpr char kErase[] = "\r\033[K";

/// Moves to the left margin of an empty line, wherever the cursor is: blanks in all columns go on
/// in the next line if there was text before them, and only then. Empty where the terminal does not
/// tell its width.
std::string EmptyLine(int terminal) {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return "";
  return std::string(size.ws_col, ' ') + "\r";
}

/// An open file description of its own on what `fd` is open on; -1: there is none.
int OpenAnew(int fd) {
  constexpr int kFlags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (const int own = open(path.c_str(), kFlags); own >= 0) return own;
  // Without /proc a terminal is found in /dev.
  char name[PATH_MAX];
  return ttyname_r(fd, name, sizeof name) == 0 ? open(name, kFlags) : -1;
}

void SetNonblocking(int fd, bool on) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0) fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

std::string Mark(size_t lines) {
  return "[" + std::to_string(lines) + " lines not shown]\n";
}

}  // namespace

LineWriter::LineWriter(boost::asio::io_context& loop, int fd) : out_(loop) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return;
  if (S_ISREG(info.st_mode)) {
    plain_fd_ = fd;
    return;
  }
  int own = OpenAnew(fd);
  shared_ = own < 0;
  if (shared_) own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  boost::system::error_code ignored;
  out_.assign(own, ignored);
  // epoll refuses /dev/null and the like, which never block.
  if (ignored) plain_fd_ = own;
}

void LineWriter::WriteText(std::string text) {
  if (plain_fd_ >= 0) {
    if (write(plain_fd_, text.data(), text.size()) < 0) ++dropped_;
    return;
  }
  if (!out_.is_open() || queued_ + text.size() > kQueueBytes) {
    ++dropped_;
    return;
  }
  MarkDropped();
  Queue(std::move(text));
  if (!waiting_) WriteWhatFits();
}

void LineWriter::ShowStatus(std::string text) {
  if (plain_fd_ >= 0 || !out_.is_open()) return;
  status_ = std::move(text);
  draw_again_ = {};
  if (!waiting_) WriteWhatFits();
}

void LineWriter::Hold(bool on) {
  held_ = on;
  if (!on && !waiting_) WriteWhatFits();
}

void LineWriter::MarkDropped() {
  if (dropped_ != 0) Queue(Mark(std::exchange(dropped_, 0)));
}

void LineWriter::BeginOnEmptyLine() {
  line_open_ = true;
  if (!others_ && out_.is_open()) others_.emplace(out_.native_handle());
}

/// What leads to an empty line: over the status that is drawn, or past what another process wrote.
/// `keep`: a new line does it where the width is not known; the text would be erased.
std::string LineWriter::ToEmptyLine(bool keep) {
  const bool drawn = !std::exchange(drawn_, "").empty();
  if (others_ && others_->Wrote()) line_open_ = true;
  if (!std::exchange(line_open_, false)) return drawn ? kErase : "";
  const std::string blanks = EmptyLine(out_.native_handle());
  return blanks.empty() && (keep || drawn) ? "\n" : blanks;
}

void LineWriter::Queue(std::string text) {
  text.insert(0, ToEmptyLine(false));
  queued_ += text.size();
  queue_.push_back(std::move(text));
}

void LineWriter::WriteWhatFits() {
  while (!held_ && (!queue_.empty() || DrawStatus())) {
    std::string& line = queue_.front();
    const ssize_t size = WriteNow(line);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) {
      // The reader is gone, and there is no other.
      queue_.clear();
      queued_ = 0;
      begun_ = false;
      return;
    }
    if (size < 0) return WriteLater();
    if (others_) others_->ForgetOwn();
    queued_ -= static_cast<size_t>(size);
    line.erase(0, static_cast<size_t>(size));
    begun_ = !line.empty();
    if (!begun_) queue_.pop_front();
  }
}

ssize_t LineWriter::WriteNow(const std::string& text) {
  if (!shared_) return WriteConsole(out_.native_handle(), text);
  SetNonblocking(out_.native_handle(), true);
  const ssize_t size = WriteConsole(out_.native_handle(), text);
  const int error = errno;
  SetNonblocking(out_.native_handle(), false);
  errno = error;
  return size;
}

/// Queues the status if it has changed. Returns whether it did.
bool LineWriter::DrawStatus() {
  const Clock::time_point now = Clock::now();
  if (status_ == drawn_ || now < draw_again_) return false;
  draw_again_ = now + kRedraw;
  const std::string begin = ToEmptyLine(true);
  queue_.push_back((begin == kErase ? "" : begin) + kErase + status_);
  queued_ += queue_.back().size();
  drawn_ = status_;
  return true;
}

void LineWriter::WriteLater() {
  if (std::exchange(waiting_, true)) return;
  out_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                  [this](const boost::system::error_code& error) {
                    waiting_ = false;
                    if (!error) WriteWhatFits();
                  });
  // Asio sets O_NONBLOCK, which the wait does not need.
  if (shared_) SetNonblocking(out_.native_handle(), false);
}

void LineWriter::Finish() {
  held_ = false;
  status_.clear();
  draw_again_ = {};
  if (!out_.is_open() || plain_fd_ >= 0) return;
  MarkDropped();
  for (const auto end = Clock::now() + kFinish;;) {
    WriteWhatFits();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (queue_.empty() || left.count() <= 0) return;
    // poll(2) reports a serial line as writable only when it is nearly empty; write(2) takes more.
    pollfd fd{out_.native_handle(), POLLOUT, 0};
    poll(&fd, 1, static_cast<int>(std::min(left, kFinish / 10).count()));
  }
}

void LineWriter::Leave() {
  Finish();
  if (queue_.empty()) return;
  std::string mark = (begun_ ? "\n" : "") + Mark(queue_.size());
  queue_.clear();
  queued_ = 0;
  Queue(std::move(mark));
  WriteWhatFits();
}

void LineWriter::WriteAlone(int fd, std::string text) {
  try {
    boost::asio::io_context loop(1);
    LineWriter writer(loop, fd);
    writer.WriteText(text);
    writer.Leave();
  } catch (const std::exception&) {
    // No descriptor or no memory is left for a loop.
    pollfd ready{fd, POLLOUT, 0};
    if (poll(&ready, 1, kFinish.count()) > 0) (void)!write(fd, text.data(), text.size());
  }
}

}  // namespace curfew
