// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace curfew {
namespace {

constexpr int kFinishMilliseconds = 200;

}  // namespace

LineWriter::LineWriter(boost::asio::io_context& loop, int fd) : out_(loop) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return;
  if (S_ISREG(info.st_mode)) {
    plain_fd_ = fd;
    return;
  }
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  int own = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (own < 0) {
    own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK);
  }
  boost::system::error_code ignored;
  out_.assign(own, ignored);
  // /dev/null and the like: nothing to wait for.
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
  queued_ += text.size();
  queue_.push_back(std::move(text));
  if (!waiting_) WriteWhatFits();
}

void LineWriter::Hold(bool on) {
  held_ = on;
  if (!on && !waiting_) WriteWhatFits();
}

void LineWriter::MarkDropped() {
  if (dropped_ == 0) return;
  const std::string mark = "[" + std::to_string(std::exchange(dropped_, 0)) + " lines not shown]\n";
  queued_ += mark.size();
  queue_.push_back(mark);
}

void LineWriter::WriteWhatFits() {
  while (!queue_.empty() && !held_) {
    std::string& line = queue_.front();
    const ssize_t size = write(out_.native_handle(), line.data(), line.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != EAGAIN) {
      // The reader is gone; there will be no other.
      queue_.clear();
      queued_ = 0;
      return;
    }
    if (size < 0) return WriteLater();
    queued_ -= static_cast<size_t>(size);
    line.erase(0, static_cast<size_t>(size));
    if (line.empty()) queue_.pop_front();
  }
}

void LineWriter::WriteLater() {
  waiting_ = true;
  out_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                  [this](const boost::system::error_code& error) {
                    waiting_ = false;
                    if (!error) WriteWhatFits();
                  });
}

void LineWriter::Finish() {
  held_ = false;
  if (out_.is_open() && plain_fd_ < 0) MarkDropped();
  for (int tries = 0; tries < 10 && !queue_.empty() && out_.is_open(); ++tries) {
    pollfd fd{out_.native_handle(), POLLOUT, 0};
    if (poll(&fd, 1, kFinishMilliseconds / 10) > 0) WriteWhatFits();
  }
}

}  // namespace curfew
