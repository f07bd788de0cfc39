// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/loop_error.h"

#include <sys/eventfd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "kernel/fd.h"

namespace curfew {

std::error_code LoopError() {
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
