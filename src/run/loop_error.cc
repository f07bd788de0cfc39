// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/loop_error.h"

#include <sys/eventfd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <vector>

#include "kernel/fd.h"

namespace curfew {

namespace {

/// The loop's own, the trace's, and for one script its pty, both ends of pipes and the pidfd; some
/// more for the files that are opened meanwhile.
constexpr int kDescriptors = 24;

}  // namespace

std::error_code LoopError() {
  std::vector<Fd> room(kDescriptors);
  for (Fd& one : room)
    if (one = Fd(eventfd(0, EFD_CLOEXEC)); !one && errno == EMFILE) return LastError();
  room.clear();
  Fd fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) return {};
  boost::asio::io_context loop(1);
  boost::asio::posix::stream_descriptor descriptor(loop);
  boost::system::error_code error;
  descriptor.assign(fd.get(), error);
  if (!error) descriptor.release();
  return error;
}

}  // namespace curfew
