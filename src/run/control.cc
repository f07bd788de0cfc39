// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/control.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>

namespace curfew {

namespace asio = boost::asio;

namespace {

/// More senders are turned away.
constexpr size_t kMostClients = 8;
/// From one connection of a user to the next.
constexpr std::chrono::milliseconds kAcceptPause{50};

Result<ucred> PeerOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return LastError();
  return peer;
}

/// Root, and the user who runs rc: on another tree that may be anybody.
bool OwnsRun(const ucred& peer) {
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

/// Whether a process listens there: a file that rc left when it was killed stays.
bool IsHeard(const sockaddr_un& address) {
  const Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  // EAGAIN: too many others wait to be heard.
  return socket && (connect(socket.get(), name, sizeof address) == 0 || errno == EAGAIN);
}

/// Where the socket of another rc waits until this one ends.
std::string Aside(const std::string& path) {
  return path + ".outer";
}

}  // namespace

Control::Control(asio::io_context& loop, OnRequest on_request)
    : loop_(loop), on_request_(std::move(on_request)), root_(loop), all_(loop) {}

Control::~Control() {
  for (const Door* door : {&root_, &all_}) {
    if (door->inode == 0) continue;
    if (Inode(Aside(door->path)) == door->inode) unlink(Aside(door->path).c_str());
    if (Inode(door->path) != door->inode) continue;
    if (rename(Aside(door->path).c_str(), door->path.c_str()) != 0) unlink(door->path.c_str());
  }
}

std::error_code Control::Open(Door& door, const std::string& path, mode_t mode) {
  const Result<sockaddr_un> address = ControlAddress(path);
  if (!address) return address.error;
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // bind(2) gives the name the mode of the socket, less the umask.
  if (!socket || fchmod(socket.get(), 0600) != 0) return LastError();
  unlink(Aside(path).c_str());
  // A socket keeps its listener whatever its file is called.
  if (IsHeard(address.value)) (void)!rename(path.c_str(), Aside(path).c_str());
  unlink(path.c_str());
  const auto* name = reinterpret_cast<const sockaddr*>(&address.value);
  if (bind(socket.get(), name, sizeof address.value) != 0 || chmod(path.c_str(), mode) != 0 ||
      listen(socket.get(), kMostClients) != 0) {
    return LastError();
  }
  door.path = path;
  door.inode = Inode(path);
  boost::system::error_code error;
  door.socket.assign(socket.get(), error);
  if (error) return error;
  socket.Release();
  WaitForClient(door);
  return {};
}

void Control::WaitForClient(Door& door) {
  door.socket.async_wait(asio::posix::descriptor_base::wait_read,
                         [this, &door](const boost::system::error_code& error) {
                           if (error || !Accept(door)) return;
                           &door == &all_ ? Pause(door) : WaitForClient(door);
                         });
}

void Control::Pause(Door& door) {
  door.pause.expires_after(kAcceptPause);
  door.pause.async_wait([this, &door](const boost::system::error_code& error) {
    if (!error) WaitForClient(door);
  });
}

/// False when accept4 fails for good (EMFILE): a new wait would end at once.
bool Control::Accept(Door& door) {
  Fd fd(accept4(door.socket.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  const Result<ucred> peer = PeerOf(fd.get());
  const bool owner = peer && OwnsRun(peer.value);
  if (!peer || (&door == &root_ && !owner) || !MakeRoom(door)) return true;
  const auto client = std::make_shared<Client>(loop_);
  if (!owner) client->sender = peer.value.pid;
  boost::system::error_code error;
  client->socket.assign(fd.get(), error);
  if (error) return true;
  fd.Release();
  door.clients.push_back(client);
  WaitForRequest(door, client);
  return true;
}

/// Whether there is room for one more client. A user's that has asked nothing makes it.
bool Control::MakeRoom(Door& door) {
  if (door.clients.size() < kMostClients) return true;
  const auto mute = std::find_if(door.clients.begin(), door.clients.end(),
                                 [](const ClientPtr& client) { return !client->asked; });
  if (&door == &root_ || mute == door.clients.end()) return false;
  door.clients.erase(mute);
  return true;
}

void Control::WaitForRequest(Door& door, const ClientPtr& client) {
  client->socket.async_wait(
      asio::posix::descriptor_base::wait_read,
      [this, &door, held = std::weak_ptr(client)](const boost::system::error_code& error) {
        if (const ClientPtr client = held.lock(); client && !error) TakeRequest(door, client);
      });
}

void Control::TakeRequest(Door& door, const ClientPtr& client) {
  const int socket = client->socket.native_handle();
  char text[kRequestBytes];
  const ssize_t size = recv(socket, text, sizeof text, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return WaitForRequest(door, client);
  auto request = DecodedRequest({text, size > 0 ? static_cast<size_t>(size) : 0});
  if (!request || HasGone(socket)) return static_cast<void>(door.clients.remove(client));
  if (&door == &all_ && request->kind != ControlRequest::Kind::kExtend)
    return Answer(door, client, {false, "that is for root"});
  client->asked = true;
  request->sender = client->sender;
  on_request_(*request, [&door, held = std::weak_ptr(client)](const ControlAnswer& answer) {
    if (const ClientPtr client = held.lock()) Answer(door, client, answer);
  });
}

void Control::Answer(Door& door, const ClientPtr& client, const ControlAnswer& answer) {
  const std::string text = Encoded(answer);
  // An answer that does not fit into the socket is dropped: the sender does not read.
  (void)!send(client->socket.native_handle(), text.data(), text.size(),
              MSG_DONTWAIT | MSG_NOSIGNAL);
  door.clients.remove(client);
}

}  // namespace curfew
