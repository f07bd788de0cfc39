// SPDX-License-Identifier: GPL-2.0-or-later
// Keys at consoles: ptys, whose other ends the tests hold.
#include "console/keys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "check.h"

namespace keys_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

constexpr int kFlags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;

/// A terminal and the far end of its line.
struct Line {
  Line() : master(posix_openpt(kFlags)) {
    unlockpt(master.get());
    terminal = Open();
  }

  Fd Open() const { return Fd(ioctl(master.get(), TIOCGPTPEER, kFlags)); }
  termios Modes() const {
    termios modes{};
    tcgetattr(terminal.get(), &modes);
    return modes;
  }
  bool IsRaw() const { return (Modes().c_lflag & (ICANON | ECHO | ISIG)) == 0; }
  void Type(const std::string& text) const {
    CHECK_EQ(write(master.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  Fd master, terminal;
};

struct Desk {
  Desk()
      : keys(loop,
             [this] {
               std::vector<Fd> open;
               for (Line& line : lines) {
                 if (Fd fd = line.Open()) open.push_back(std::move(fd));
               }
               return open;
             },
             {[this] { acts += "skip "; }, [this] { acts += "all "; }}) {}

  /// The acts that keys typed on line `i` caused.
  std::string Typed(const std::string& text, size_t i = 0) {
    acts.clear();
    std::next(lines.begin(), static_cast<long>(i))->Type(text);
    for (int turns = 0; turns < 8 && acts.empty(); ++turns) Turn();
    return acts;
  }
  void Turn() {
    loop.restart();
    loop.run_for(50ms);
  }

  boost::asio::io_context loop{1};
  std::list<Line> lines{1};
  std::string acts;
  Keys keys;
};

}  // namespace

TEST("Ctrl-C skips, a second within 3 s skips all, and no other key does anything") {
  Desk desk;
  CHECK(desk.keys.Count(true));
  CHECK_EQ(desk.Typed("s\x1a\x1c\r\x13\x11q\033[s"), std::string());
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
  CHECK_EQ(desk.Typed("\x03"), std::string("all "));
}

TEST("a Ctrl-C more than 3 s after another skips one again") {
  Desk desk;
  desk.keys.Count(true);
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
  desk.loop.restart();
  desk.loop.run_for(3500ms);
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
}

TEST("after a Ctrl-C keys count for the 3 s of the second, even if nothing is waited for") {
  Desk desk;
  desk.keys.Count(true);
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
  desk.keys.Count(false);
  CHECK(desk.lines.front().IsRaw());
  CHECK_EQ(desk.Typed("\x03"), std::string("all "));
  desk.loop.restart();
  desk.loop.run_for(3500ms);
  CHECK(!desk.lines.front().IsRaw());
}

TEST("the modes are others only while keys count, VMIN is 1 then, and output stays as it is") {
  Desk desk;
  Line& line = desk.lines.front();
  const termios before = line.Modes();
  desk.keys.Count(true);
  desk.keys.Count(true);
  const termios during = line.Modes();
  CHECK(line.IsRaw());
  CHECK_EQ(static_cast<int>(during.c_cc[VMIN]), 1);
  CHECK_EQ(during.c_oflag, before.c_oflag);
  CHECK_EQ(during.c_iflag, before.c_iflag);
  for (const bool stop : {true, false}) {
    desk.keys.Count(true);
    stop ? desk.keys.Stop() : static_cast<void>(desk.keys.Count(false));
    const termios after = line.Modes();
    CHECK_EQ(after.c_lflag, before.c_lflag);
    CHECK_EQ(static_cast<int>(after.c_cc[VMIN]), static_cast<int>(before.c_cc[VMIN]));
  }
}

TEST("what is typed while keys do not count does nothing, then or later") {
  Desk desk;
  desk.keys.Count(true);
  desk.keys.Stop();
  CHECK_EQ(desk.Typed("\x04"), std::string());
  desk.lines.front().Type("x");
  desk.keys.Count(true);
  CHECK_EQ(desk.Typed(""), std::string());
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
}

TEST("keys count on every terminal, also on one that comes later, and two names of one are one") {
  Desk desk;
  desk.keys.Count(true);
  desk.lines.emplace_back();
  CHECK(!desk.lines.back().IsRaw());
  desk.keys.Count(true);
  CHECK(desk.lines.back().IsRaw());
  CHECK_EQ(desk.Typed("\x03", 1), std::string("skip "));
  CHECK_EQ(desk.Typed("\x03", 0), std::string("all "));
  desk.keys.Stop();
  for (const Line& line : desk.lines) CHECK(!line.IsRaw());
}

TEST("a terminal whose far end has gone is closed, and the others are still read") {
  Desk desk;
  desk.lines.emplace_back();
  CHECK(desk.keys.Count(true));
  desk.lines.back().master.Close();
  // Each turn of a loop that spins would end at once.
  desk.Turn();
  desk.loop.restart();
  CHECK_EQ(desk.loop.poll(), 0u);
  CHECK(desk.keys.Count(true));
  CHECK_EQ(desk.Typed("\x03"), std::string("skip "));
  desk.lines.front().master.Close();
  desk.Turn();
  CHECK(!desk.keys.Count(true));
}

TEST("without a terminal no key counts") {
  boost::asio::io_context loop(1);
  Keys keys(loop, [] { return std::vector<Fd>(); }, {});
  CHECK(!keys.Count(true));
  keys.Count(false);
}

}  // namespace keys_test
