// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "kernel/fd.h"
#include "kernel/result.h"
#include "run/control_message.h"

namespace curfew {

/// The sockets on which a running rc takes the requests of `curfew`: one of root alone, for all
/// requests, and one of all users, for kExtend. Each connection has one request and one answer. rc
/// waits for no sender, and drops the request of a sender that has gone. Users cannot hold it up:
/// it takes 20 connections of theirs a second, keeps 8, and lets a new one take the place of one
/// that has asked nothing.
class Control {
 public:
  using Reply = std::function<void(const ControlAnswer&)>;
  /// Gets each request, and calls the reply once, while the Control exists.
  using OnRequest = std::function<void(const ControlRequest&, Reply)>;

  Control(boost::asio::io_context& loop, OnRequest on_request);
  /// Gives the sockets back to the rc that had them before, or removes them; unless another rc has
  /// taken them since.
  ~Control();

  /// Listens on `path`. A socket there on which another rc listens, such as the one that SUSE's
  /// script halt runs in, is put aside.
  std::error_code Listen(const std::string& path) { return Open(root_, path, 0600); }
  /// The same for all users; an error costs only what they could ask.
  std::error_code ListenForAll(const std::string& path) { return Open(all_, path, 0666); }

 private:
  struct Client {
    explicit Client(boost::asio::io_context& loop) : socket(loop) {}
    boost::asio::posix::stream_descriptor socket;
    std::optional<pid_t> sender;  ///< a process that is not root's
    bool asked = false;           ///< its request has been taken
  };
  using ClientPtr = std::shared_ptr<Client>;
  /// One socket and who has connected to it.
  struct Door {
    explicit Door(boost::asio::io_context& loop) : socket(loop), pause(loop) {}
    boost::asio::posix::stream_descriptor socket;
    boost::asio::steady_timer pause;
    std::string path;
    ino_t inode = 0;
    std::list<ClientPtr> clients;  ///< what waits for one holds it weakly: it may be dropped
  };

  std::error_code Open(Door& door, const std::string& path, mode_t mode);
  void WaitForClient(Door& door);
  void Pause(Door& door);
  bool Accept(Door& door);
  bool MakeRoom(Door& door);
  void WaitForRequest(Door& door, const ClientPtr& client);
  void TakeRequest(Door& door, const ClientPtr& client);
  static void Answer(Door& door, const ClientPtr& client, const ControlAnswer& answer);

  boost::asio::io_context& loop_;
  const OnRequest on_request_;
  Door root_, all_;
};

}  // namespace curfew
