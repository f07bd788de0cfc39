// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/console_report.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <functional>

#include "check.h"
#include "kernel/fd.h"

namespace console_report_test {
using namespace curfew;

namespace {

/// Standard error is `to`, as long as this lives.
class Redirected {
 public:
  explicit Redirected(int to) : before_(dup(STDERR_FILENO)) { dup2(to, STDERR_FILENO); }
  ~Redirected() { dup2(before_.get(), STDERR_FILENO); }

 private:
  Fd before_;
};

/// All that can be read of `fd` without waiting.
std::string Drain(int fd) {
  std::string text;
  char buffer[4096];
  for (pollfd ready{fd, POLLIN, 0}; poll(&ready, 1, 100) > 0 && (ready.revents & POLLIN);) {
    const ssize_t size = read(fd, buffer, sizeof buffer);
    if (size <= 0) break;
    text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

/// What arrives at `reader` of 2,000 lines written to `writer` while `reader` is not read, and of
/// what is said once `resume` is done. A report that waits for its reader never comes back.
std::string TalkToNobody(
    int writer, int reader, const std::function<void()>& resume = [] {}) {
  const Redirected redirected(writer);
  ConsoleReport report("halt");
  for (int i = 0; i < 2000; ++i) report.Say("line " + std::to_string(i) + std::string(80, '.'));
  resume();
  std::string text = Drain(reader);
  for (int i = 0; i < 10; ++i) {
    report.Say("the last");
    text += Drain(reader);
  }
  return text;
}

bool MarkedAndWhole(const std::string& text) {
  const auto mark = text.find(" lines not shown]");
  return text.starts_with("halt: line 0.") && mark != text.npos &&
         text.find("halt: the last", mark) != text.npos;
}

}  // namespace

TEST("a terminal that is stopped by Ctrl-S does not block, and the lines it lost are marked") {
  const Fd master(posix_openpt(O_RDWR | O_NOCTTY));
  CHECK(grantpt(master.get()) == 0 && unlockpt(master.get()) == 0);
  const Fd terminal(open(ptsname(master.get()), O_RDWR | O_NOCTTY));
  tcflow(terminal.get(), TCOOFF);
  CHECK(MarkedAndWhole(
      TalkToNobody(terminal.get(), master.get(), [&] { tcflow(terminal.get(), TCOON); })));
  CHECK_EQ(fcntl(terminal.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST("a full pipe does not block, and the lines it lost are marked") {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const Fd reader(ends[0]), writer(ends[1]);
  CHECK(MarkedAndWhole(TalkToNobody(writer.get(), reader.get())));
  CHECK_EQ(fcntl(writer.get(), F_GETFL) & O_NONBLOCK, 0);
}

TEST("a socket that is not read does not block") {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const Fd reader(ends[0]), writer(ends[1]);
  CHECK(MarkedAndWhole(TalkToNobody(writer.get(), reader.get())));
}

TEST("a console that vanished costs its lines and nothing else") {
  Fd master(posix_openpt(O_RDWR | O_NOCTTY));
  CHECK(grantpt(master.get()) == 0 && unlockpt(master.get()) == 0);
  const Fd terminal(open(ptsname(master.get()), O_RDWR | O_NOCTTY));
  const Redirected redirected(terminal.get());
  ConsoleReport report("halt");
  master.Close();
  for (int i = 0; i < 2000; ++i) report.Say("into nothing");
}

TEST("a value is a number in an event only where no byte of it is lost by that") {
  const std::string line = EventLine("ended", {{"pid", "70"}, {"name", "007"}, {"us", "0"}}).Done();
  CHECK(line.find("\"pid\":70,\"name\":\"007\",\"us\":0") != line.npos);
}

}  // namespace console_report_test
