// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/control.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "check.h"

namespace control_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

struct Folder {
  Folder() {
    char name[] = "/tmp/control_test.XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string Socket() const { return path + "/control"; }
  std::string path;
};

/// What a process of its own is told by the rc that `loop` is.
std::string Told(boost::asio::io_context& loop, const std::string& path,
                 const ControlRequest& request) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  const pid_t asker = fork();
  if (asker == 0) {
    const Result<ControlAnswer> answer = AskControl(path, request);
    const std::string text = answer ? Encoded(answer.value) : answer.error.message();
    _exit(write(ends[1], text.data(), text.size()) < 0);
  }
  while (waitpid(asker, nullptr, WNOHANG) == 0) {
    loop.restart();
    loop.run_for(5ms);
  }
  char text[256];
  const ssize_t size = read(ends[0], text, sizeof text);
  close(ends[0]);
  close(ends[1]);
  return {text, size > 0 ? static_cast<size_t>(size) : 0};
}

}  // namespace

TEST("requests and answers survive the way through a message; nothing else is one") {
  using Kind = ControlRequest::Kind;
  CHECK_EQ(DecodedRequest(Encoded({Kind::kSkip, "a b"}))->name, std::string("a b"));
  for (const Kind kind : {Kind::kSkip, Kind::kSkipAll, Kind::kExtend, Kind::kStatus})
    CHECK(DecodedRequest(Encoded({kind, "a", 7s}))->kind == kind);
  const auto extend = DecodedRequest(Encoded({Kind::kExtend, "a b", 7s}));
  CHECK(extend->name == "a b" && extend->time == 7s);
  CHECK(DecodedAnswer(Encoded(ControlAnswer{true, "x"}))->done);
  CHECK_EQ(DecodedAnswer(Encoded(ControlAnswer{false, "x y"}))->text, std::string("x y"));
  for (const char* odd : {"", "skip", "skip ", "skip-allx", "stop a", "extend", "extend 5",
                          "extend a b", "extend -5 a", "extend 5 ", "status x"})
    CHECK(!DecodedRequest(odd));
  for (const char* odd : {"", "done", "don x"}) CHECK(!DecodedAnswer(odd));
}

TEST("a request gets its answer, on a socket of root alone, which goes with its owner") {
  const Folder folder;
  boost::asio::io_context loop(1);
  {
    Control control(loop, [](const ControlRequest& request, Control::Reply reply) {
      reply({request.name == "a", "<" + request.name + ">"});
    });
    CHECK(!control.Listen(folder.Socket()));
    struct stat info {};
    stat(folder.Socket().c_str(), &info);
    CHECK_EQ(info.st_mode & 07777, 0600u);
    CHECK_EQ(Told(loop, folder.Socket(), {ControlRequest::Kind::kSkip, "a"}),
             std::string("done <a>"));
    CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("not <>"));
  }
  CHECK(access(folder.Socket().c_str(), F_OK) != 0);
  CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("No such file or directory"));
}

TEST("a new rc takes the place of a dead one, and of one that still ends") {
  const Folder folder;
  boost::asio::io_context loop(1);
  std::optional<Control> first, second;
  first.emplace(loop, [](const ControlRequest&, Control::Reply reply) { reply({true, "first"}); });
  CHECK(!first->Listen(folder.Socket()));
  second.emplace(loop, [](const ControlRequest&, Control::Reply reply) {
    reply({true, "second"});
  });
  CHECK(!second->Listen(folder.Socket()));
  first.reset();
  CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("done second"));
}

TEST(
    "an rc inside another one gives the socket back; a dead or an outer one that has gone leaves") {
  const Folder folder;
  boost::asio::io_context loop(1);
  std::optional<Control> outer, inner;
  const auto listen = [&](std::optional<Control>& control, const std::string& name) {
    control.emplace(loop, [name](const ControlRequest&, Control::Reply reply) {
      reply({true, name});
    });
    CHECK(!control->Listen(folder.Socket()));
  };
  listen(outer, "outer");
  for (int time = 0; time < 2; ++time) {
    listen(inner, "inner");
    CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("done inner"));
    inner.reset();
    CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("done outer"));
  }
  listen(inner, "inner");
  outer.reset();
  CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("done inner"));
  inner.reset();
  CHECK(std::filesystem::is_empty(folder.path));
  // What a killed rc leaves does not come back.
  const sockaddr_un name = ControlAddress(folder.Socket()).value;
  const Fd dead(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  CHECK_EQ(bind(dead.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  listen(inner, "inner");
  inner.reset();
  CHECK(std::filesystem::is_empty(folder.path));
}

TEST("who connects and says nothing holds up nobody") {
  const Folder folder;
  boost::asio::io_context loop(1);
  Control control(loop, [](const ControlRequest&, Control::Reply reply) { reply({true, "x"}); });
  CHECK(!control.Listen(folder.Socket()));
  const sockaddr_un name = ControlAddress(folder.Socket()).value;
  const Fd mute(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  CHECK_EQ(connect(mute.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  CHECK_EQ(Told(loop, folder.Socket(), {}), std::string("done x"));
}

TEST("an rc that does not answer is waited for 2 s, and does nothing for whoever has gone") {
  const Folder folder;
  boost::asio::io_context loop(1);
  bool asked = false;
  Control control(loop, [&](const ControlRequest&, Control::Reply reply) {
    asked = true;
    reply({true, "x"});
  });
  CHECK(!control.Listen(folder.Socket()));
  const auto begin = std::chrono::steady_clock::now();
  const Result<ControlAnswer> answer = AskControl(folder.Socket(), {});
  CHECK(answer.error == std::errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
  loop.run_for(50ms);
  CHECK(!asked);
}

TEST(
    "the socket of all users takes extend alone, and its senders that say nothing hold up nobody") {
  using Kind = ControlRequest::Kind;
  const Folder folder;
  boost::asio::io_context loop(1);
  Control control(loop, [](const ControlRequest& request, Control::Reply reply) {
    reply({!request.sender, request.name});
  });
  CHECK(!control.ListenForAll(folder.Socket()));
  struct stat info {};
  stat(folder.Socket().c_str(), &info);
  CHECK_EQ(info.st_mode & 07777, 0666u);
  for (const Kind kind : {Kind::kSkip, Kind::kSkipAll, Kind::kStatus})
    CHECK_EQ(Told(loop, folder.Socket(), {kind, "a"}), std::string("not that is for root"));
  const sockaddr_un name = ControlAddress(folder.Socket()).value;
  std::vector<Fd> mute;
  for (int i = 0; i < 40; ++i) {
    mute.emplace_back(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)connect(mute.back().get(), reinterpret_cast<const sockaddr*>(&name), sizeof name);
    if (i % 8 == 7) loop.restart(), loop.run_for(600ms);
  }
  CHECK_EQ(Told(loop, folder.Socket(), {Kind::kExtend, "a", 5s}), std::string("done a"));
}

TEST("of all users' connections 20 a second are taken, however many there are") {
  const Folder folder;
  boost::asio::io_context loop(1);
  int asked = 0;
  Control control(loop, [&](const ControlRequest&, Control::Reply reply) {
    ++asked;
    reply({true, "x"});
  });
  CHECK(!control.ListenForAll(folder.Socket()));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) Told(loop, folder.Socket(), {ControlRequest::Kind::kExtend, "a"});
  CHECK(asked == 10 && std::chrono::steady_clock::now() - begin > 400ms);
}

TEST("where no descriptor is left a connection that cannot be taken costs no time") {
  const Folder folder;
  boost::asio::io_context loop(1);
  Control control(loop, nullptr);
  CHECK(!control.Listen(folder.Socket()));
  const int client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{AF_UNIX, {}};
  folder.Socket().copy(address.sun_path, sizeof address.sun_path - 1);
  CHECK_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const int highest = dup(client);
  close(highest);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{static_cast<rlim_t>(highest), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  // A wait that ended at once, again and again, would run thousands of handlers.
  CHECK(loop.run_for(100ms) < 20);
  setrlimit(RLIMIT_NOFILE, &before);
  close(client);
}

TEST("a path that is too long for a socket is an error, no other path") {
  boost::asio::io_context loop(1);
  Control control(loop, nullptr);
  CHECK(control.Listen("/tmp/" + std::string(120, 'x')) == std::errc::filename_too_long);
}

}  // namespace control_test
