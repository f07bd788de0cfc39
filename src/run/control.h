// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <list>
#include <string>

#include "kernel/fd.h"
#include "kernel/result.h"
#include "run/control_message.h"

namespace curfew {

/// The socket on which a running rc takes the requests of `curfew`, from root alone. Each
/// connection has one request and one answer. rc waits for no sender, and drops the request of a
/// sender that has gone.
class Control {
 public:
  using Reply = std::function<void(const ControlAnswer&)>;
  /// Gets each request, and calls the reply once, while the Control exists.
  using OnRequest = std::function<void(const ControlRequest&, Reply)>;

  Control(boost::asio::io_context& loop, OnRequest on_request);
  /// Removes the socket, unless another rc has replaced it.
  ~Control();

  /// Listens on `path`, and replaces an earlier socket there.
  std::error_code Listen(const std::string& path);

 private:
  struct Client {
    explicit Client(boost::asio::io_context& loop) : socket(loop) {}
    boost::asio::posix::stream_descriptor socket;
  };
  using Place = std::list<Client>::iterator;

  void WaitForClient();
  bool Accept();
  void WaitForRequest(Place client);
  void TakeRequest(Place client);
  void Answer(Place client, const ControlAnswer& answer);

  boost::asio::io_context& loop_;
  const OnRequest on_request_;
  boost::asio::posix::stream_descriptor socket_;
  std::string path_;
  ino_t inode_ = 0;
  std::list<Client> clients_;
};

}  // namespace curfew
