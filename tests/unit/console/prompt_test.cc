// SPDX-License-Identifier: GPL-2.0-or-later
// Questions on a terminal: a pty, whose other end the tests hold.
#include "console/prompt.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <chrono>

#include "check.h"

namespace prompt_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

/// A person's end of a terminal and the prompt on the other.
struct Desk {
  Desk() : master(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    unlockpt(master.get());
    constexpr int kFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    slave = Fd(ioctl(master.get(), TIOCGPTPEER, kFlags));
    prompt.emplace(loop, Fd(ioctl(master.get(), TIOCGPTPEER, kFlags)));
  }

  void Ask(Question question) {
    replies.clear();
    prompt->Ask(question, [this](const std::string& reply) { replies.push_back(reply); });
  }

  /// The answer to a question; "-" if there was none in a second.
  std::string Answer(const std::string& typed, bool line = false) {
    Ask({"Go? ", line, std::nullopt});
    Type(typed);
    Turn(1s);
    return replies.empty() ? "-" : replies.at(0);
  }

  void Type(const std::string& text) {
    CHECK_EQ(write(master.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  void Turn(std::chrono::milliseconds most) {
    const auto end = std::chrono::steady_clock::now() + most;
    loop.restart();
    while (replies.empty() && loop.run_one_until(end) != 0) continue;
  }

  std::string Screen() {
    std::string text;
    char chunk[4096];
    for (ssize_t size; (size = read(master.get(), chunk, sizeof chunk)) > 0;) {
      text.append(chunk, static_cast<size_t>(size));
    }
    return text;
  }

  bool IsRaw() const {
    termios modes{};
    tcgetattr(slave.get(), &modes);
    return (modes.c_lflag & ICANON) == 0;
  }

  boost::asio::io_context loop{1};
  Fd master, slave;
  std::optional<Prompt> prompt;
  std::vector<std::string> replies;
};

}  // namespace

TEST("one key is an answer, without Enter; Enter, blank and Ctrl-D are none") {
  Desk desk;
  CHECK_EQ(desk.Answer("n"), std::string("n"));
  CHECK_EQ(desk.Screen(), std::string("Go? n\r\n"));
  for (const char* key : {"\r", "\n", " ", "\x04"}) CHECK_EQ(desk.Answer(key), std::string());
}

TEST("what is typed ahead belongs to the next question") {
  Desk desk;
  CHECK_EQ(desk.Answer("nc"), std::string("n"));
  CHECK_EQ(desk.Answer(""), std::string("c"));
}

TEST("a line is an answer when Enter comes, without the blanks around it") {
  Desk desk;
  CHECK_EQ(desk.Answer("n", true), std::string("-"));
  desk.Type("o \r");
  desk.Turn(1s);
  CHECK_EQ(desk.replies.at(0), std::string("no"));
  CHECK_EQ(desk.Answer("\r", true), std::string());
  CHECK_EQ(desk.Answer("\x04", true), std::string());
}

TEST("an arrow or function key is one odd key, whatever letter it ends in, also byte by byte") {
  Desk desk;
  for (const char* key : {"\033[C", "\033OS", "\033[[C", "\033[1;5C", "\303\244"}) {
    CHECK_EQ(desk.Answer(key), std::string(1, KeyReader::kOther));
  }
  CHECK_EQ(desk.Answer("\033"), std::string("-"));
  desk.Type("[");
  desk.Turn(100ms);
  CHECK(desk.replies.empty());
  desk.Type("Cy");
  desk.Turn(1s);
  CHECK_EQ(desk.replies.at(0), std::string(1, KeyReader::kOther));
  CHECK_EQ(desk.Answer(""), std::string("y"));
  CHECK_EQ(desk.Answer("\033n"), std::string("n"));
}

TEST("Ctrl-C is a key like others and sends no signal") {
  Desk desk;
  CHECK_EQ(desk.Answer("\x03"), std::string("\x03"));
}

TEST("after its limit a question gets the empty answer, once") {
  Desk desk;
  desk.Ask({"Go? ", false, 0s});
  desk.Turn(10s);
  CHECK_EQ(desk.replies, std::vector<std::string>{""});
  // A key that comes too late is none.
  desk.Type("n");
  desk.loop.run_for(100ms);
  CHECK_EQ(desk.replies.size(), 1u);
}

TEST("every question gets the empty answer if the terminal hangs up or there is none") {
  Desk desk;
  desk.Ask({"Go? ", true, std::nullopt});
  desk.master.Close();
  desk.Turn(10s);
  CHECK_EQ(desk.replies, std::vector<std::string>{""});
  desk.Ask({"Go? ", false, std::nullopt});
  desk.Turn(10s);
  CHECK_EQ(desk.replies, std::vector<std::string>{""});
  desk.prompt.emplace(desk.loop, Fd());
  CHECK(!desk.prompt->CanAsk());
  desk.Ask({"Go? ", false, std::nullopt});
  CHECK(desk.replies.empty());
  desk.Turn(10s);
  CHECK_EQ(desk.replies, std::vector<std::string>{""});
}

TEST("the terminal's modes change only while a question is open, also one that is never answered") {
  Desk desk;
  CHECK(!desk.IsRaw());
  desk.Ask({"Go? ", false, std::nullopt});
  CHECK(desk.IsRaw());
  desk.Type("y");
  desk.Turn(10s);
  CHECK(!desk.IsRaw());
  desk.Ask({"Go? ", false, std::nullopt});
  CHECK(desk.IsRaw());
  desk.prompt.reset();
  CHECK(!desk.IsRaw());
}

TEST("a terminal that takes nothing delays the question, not the caller") {
  Desk desk;
  tcflow(desk.slave.get(), TCOOFF);
  const auto begin = std::chrono::steady_clock::now();
  desk.Ask({"Go? ", true, 0s});
  desk.Turn(10s);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  CHECK_EQ(desk.replies.size(), 1u);
  tcflow(desk.slave.get(), TCOON);
}

TEST("what is shown is lines without control characters") {
  Desk desk;
  desk.Ask({"Go? ", false, std::nullopt, "one\n\033[2Jtwo\n\nthree"});
  CHECK_EQ(desk.Screen(), std::string("one\r\ntwo\r\n\r\nthree\r\nGo? "));
}

TEST("lines wait as long as the writer is held, and then come in order") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  const auto read_all = [&] {
    char text[64];
    const ssize_t size = read(in.get(), text, sizeof text);
    return std::string(text, size > 0 ? static_cast<size_t>(size) : 0);
  };
  LineWriter writer(loop, out.get());
  writer.Hold(true);
  writer.Write("a");
  writer.WriteText("b ");
  CHECK_EQ(read_all(), std::string());
  writer.Hold(false);
  writer.Write("c");
  CHECK_EQ(read_all(), std::string("a\nb c\n"));
  writer.Hold(true);
  writer.Write("last");
  writer.Finish();
  CHECK_EQ(read_all(), std::string("last\n"));
}

}  // namespace prompt_test
