// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/control_message.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/fd.h"

namespace curfew {
namespace {

constexpr int kAnswerMilliseconds = 2000;

/// What follows `word` and a blank.
std::optional<std::string> After(std::string_view word, std::string_view message) {
  if (!message.starts_with(word) || message.size() <= word.size() || message[word.size()] != ' ') {
    return std::nullopt;
  }
  return std::string(message.substr(word.size() + 1));
}

Result<ControlAnswer> Receive(int socket) {
  pollfd ready{socket, POLLIN, 0};
  if (poll(&ready, 1, kAnswerMilliseconds) == 0) return std::make_error_code(std::errc::timed_out);
  char text[kControlBytes];
  const ssize_t size = recv(socket, text, sizeof text, MSG_DONTWAIT);
  if (size < 0) return LastError();
  const auto answer = DecodedAnswer({text, static_cast<size_t>(size)});
  // rc ended after it took the request.
  if (!answer) return std::make_error_code(std::errc::connection_refused);
  return *answer;
}

}  // namespace

std::string Encoded(const SkipRequest& request) {
  return request.name.empty() ? "skip-all" : "skip " + request.name;
}

std::string Encoded(const ControlAnswer& answer) {
  return (answer.done ? "done " : "not ") + answer.text;
}

std::optional<SkipRequest> DecodedRequest(std::string_view message) {
  if (message == "skip-all") return SkipRequest{};
  const auto name = After("skip", message);
  return name && !name->empty() ? std::optional(SkipRequest{*name}) : std::nullopt;
}

std::optional<ControlAnswer> DecodedAnswer(std::string_view message) {
  if (const auto text = After("done", message)) return ControlAnswer{true, *text};
  if (const auto text = After("not", message)) return ControlAnswer{false, *text};
  return std::nullopt;
}

Result<sockaddr_un> ControlAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return std::make_error_code(std::errc::filename_too_long);
  }
  path.copy(address.sun_path, path.size());
  return address;
}

Result<ControlAnswer> AskControl(const std::string& path, const SkipRequest& request) {
  const Result<sockaddr_un> address = ControlAddress(path);
  if (!address) return address.error;
  const Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return LastError();
  const auto* name = reinterpret_cast<const sockaddr*>(&address.value);
  if (connect(socket.get(), name, sizeof address.value) != 0) {
    // The queue of the socket is full: rc does not accept.
    if (errno == EAGAIN) return std::make_error_code(std::errc::timed_out);
    return LastError();
  }
  const std::string message = Encoded(request);
  if (send(socket.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) return LastError();
  return Receive(socket.get());
}

}  // namespace curfew
