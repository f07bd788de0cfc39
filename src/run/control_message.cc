// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/control_message.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "kernel/fd.h"
#include "text/text.h"

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
  std::string text(kAnswerBytes, '\0');
  const ssize_t size = recv(socket, text.data(), text.size(), MSG_DONTWAIT);
  if (size < 0) return LastError();
  const auto answer = DecodedAnswer(std::string_view(text).substr(0, static_cast<size_t>(size)));
  // rc ended after it took the request.
  if (!answer) return std::make_error_code(std::errc::connection_refused);
  return *answer;
}

}  // namespace

std::string Encoded(const ControlRequest& request) {
  using Kind = ControlRequest::Kind;
  switch (request.kind) {
    case Kind::kSkip:
      return "skip " + request.name;
    case Kind::kExtend:
      return "extend " + std::to_string(request.time.count()) + " " + request.name;
    case Kind::kStatus:
      return "status";
    case Kind::kSkipAll:
      break;
  }
  return "skip-all";
}

std::string Encoded(const ControlAnswer& answer) {
  return (answer.done ? "done " : "not ") + answer.text;
}

std::optional<ControlRequest> DecodedRequest(std::string_view message) {
  using Kind = ControlRequest::Kind;
  if (message == "skip-all") return ControlRequest{Kind::kSkipAll};
  if (message == "status") return ControlRequest{Kind::kStatus};
  if (const auto name = After("skip", message); name && !name->empty())
    return ControlRequest{Kind::kSkip, *name};
  const auto extend = After("extend", message);
  if (!extend) return std::nullopt;
  const auto blank = std::min(extend->find(' '), extend->size());
  const auto time = ParseNumber<std::uint32_t>(extend->substr(0, blank));
  if (!time || blank + 1 >= extend->size()) return std::nullopt;
  return ControlRequest{Kind::kExtend, extend->substr(blank + 1), std::chrono::seconds(*time)};
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

Result<ControlAnswer> AskControl(const std::string& path, const ControlRequest& request) {
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
