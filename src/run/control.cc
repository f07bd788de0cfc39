// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace curfew {

namespace asio = boost::asio;

namespace {

/// More senders are turned away.
constexpr size_t kMostClients = 8;

bool IsRoot(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  // A run on another tree may be any user's.
  return peer.uid == 0 || peer.uid == geteuid();
}

bool HasGone(int socket) {
  pollfd peer{socket, 0, 0};
  return poll(&peer, 1, 0) > 0 && (peer.revents & (POLLHUP | POLLERR));
}

ino_t Inode(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

}  // namespace

Control::Control(asio::io_context& loop, OnRequest on_request)
    : loop_(loop), on_request_(std::move(on_request)), socket_(loop) {}

Control::~Control() {
  if (inode_ != 0 && Inode(path_) == inode_) unlink(path_.c_str());
}

std::error_code Control::Listen(const std::string& path) {
  const Result<sockaddr_un> address = ControlAddress(path);
  if (!address) return address.error;
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // bind(2) gives the name the mode of the socket.
  if (!socket || fchmod(socket.get(), 0600) != 0) return LastError();
  unlink(path.c_str());
  const auto* name = reinterpret_cast<const sockaddr*>(&address.value);
  if (bind(socket.get(), name, sizeof address.value) != 0 ||
      listen(socket.get(), kMostClients) != 0) {
    return LastError();
  }
  path_ = path;
  inode_ = Inode(path);
  boost::system::error_code error;
  socket_.assign(socket.get(), error);
  if (error) return error;
  socket.Release();
  WaitForClient();
  return {};
}

void Control::WaitForClient() {
  socket_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error && Accept()) WaitForClient();
                     });
}

/// False when accept4 fails for good (EMFILE): a new wait would end at once.
bool Control::Accept() {
  Fd fd(accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  if (!IsRoot(fd.get()) || clients_.size() == kMostClients) return true;
  Client& client = clients_.emplace_back(loop_);
  boost::system::error_code error;
  client.socket.assign(fd.get(), error);
  if (error) return clients_.pop_back(), true;
  fd.Release();
  WaitForRequest(std::prev(clients_.end()));
  return true;
}

void Control::WaitForRequest(Place client) {
  client->socket.async_wait(asio::posix::descriptor_base::wait_read,
                            [this, client](const boost::system::error_code& error) {
                              if (!error) TakeRequest(client);
                            });
}

void Control::TakeRequest(Place client) {
  const int socket = client->socket.native_handle();
  char text[kRequestBytes];
  const ssize_t size = recv(socket, text, sizeof text, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return WaitForRequest(client);
  const auto request = DecodedRequest({text, size > 0 ? static_cast<size_t>(size) : 0});
  if (!request || HasGone(socket)) return static_cast<void>(clients_.erase(client));
  on_request_(*request, [this, client](const ControlAnswer& answer) { Answer(client, answer); });
}

void Control::Answer(Place client, const ControlAnswer& answer) {
  const std::string text = Encoded(answer);
  // An answer that does not fit into the socket is dropped: the sender does not read.
  (void)!send(client->socket.native_handle(), text.data(), text.size(),
              MSG_DONTWAIT | MSG_NOSIGNAL);
  clients_.erase(client);
}

}  // namespace curfew
