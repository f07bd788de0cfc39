// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "check.h"
#include "console/plain.h"
#include "console/writer.h"
#include "kernel/fd.h"
#include "run/line_buffer.h"
#include "trace/trace.h"

namespace output_test {
using namespace curfew;

namespace {

std::vector<std::string> Lines(LineBuffer& buffer, std::string_view bytes) {
  std::vector<std::string> lines;
  buffer.Add(bytes, [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

std::string ReadAll(int fd) {
  std::string text;
  char chunk[4096];
  for (ssize_t size; (size = read(fd, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<size_t>(size));
  }
  return text;
}

}  // namespace

TEST("bytes become lines only where they end") {
  LineBuffer buffer;
  CHECK_EQ(Lines(buffer, "a\nb"), (std::vector<std::string>{"a"}));
  CHECK_EQ(Lines(buffer, "c\r\n\nd\n"), (std::vector<std::string>{"bc", "", "d"}));
  CHECK(buffer.empty());
}

TEST("a line longer than the buffer comes in pieces and loses nothing") {
  LineBuffer buffer;
  std::string joined;
  for (const std::string& piece : Lines(buffer, std::string(1000000, 'x') + "\n")) {
    CHECK(piece.size() <= LineBuffer::kLongest);
    joined += piece;
  }
  CHECK_EQ(joined.size(), 1000000u);
}

TEST("what log_end_msg writes into column 1 stays in the line's own text") {
  CHECK_EQ(PlainLine("[....] Stopping x: y\0337\033[1G[\033[32m ok \033[39;49m\0338."),
           std::string("[ ok ] Stopping x: y."));
  CHECK_EQ(PlainLine("50%\r100%"), std::string("100%"));
  CHECK_EQ(PlainLine("abc\b\bX"), std::string("aXc"));
}

TEST("no control byte passes to the console, UTF-8 does") {
  CHECK_EQ(PlainLine(std::string("a\0b\007\033[2Jc", 9)), std::string("abc"));
  CHECK_EQ(PlainLine("\303\244\342\202\254"), std::string("\303\244\342\202\254"));
  // Nor one that turns the writing direction: what follows would be read from its end.
  CHECK_EQ(PlainLine("a\xE2\x80\xAE"
                     "b\xE2\x81\xA6"
                     "c\xC2\x9B"),
           std::string("abc"));
  CHECK_EQ(PlainLine("\033"), std::string());
  CHECK_EQ(PlainLine("\033[12"), std::string());
}

TEST("a reader that does not read costs lines, which are marked, and no time") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]);
  Fd out(ends[1]);
  {
    LineWriter writer(loop, out.get());
    for (int i = 0; i < 3000; ++i) writer.Write(std::string(99, 'x'));
    std::string text = ReadAll(in.get());
    writer.Write("last");
    for (int i = 0; i < 4; ++i) {
      writer.Finish();
      text += ReadAll(in.get());
    }
    CHECK(text.size() < 200000);
    CHECK(text.find(" lines not shown]\nlast\n") != std::string::npos);
  }
}

TEST("the status stays below all lines: erased before each, drawn again after it") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  LineWriter writer(loop, out.get());
  writer.ShowStatus("1 s");
  CHECK_EQ(ReadAll(in.get()), std::string("\r\033[K1 s"));
  writer.Write("line");
  writer.ShowStatus("2 s");
  CHECK_EQ(ReadAll(in.get()), std::string("\r\033[Kline\n\r\033[K2 s"));
  writer.ShowStatus("2 s");
  CHECK_EQ(ReadAll(in.get()), std::string());
  writer.ShowStatus("");
  writer.Write("end");
  CHECK_EQ(ReadAll(in.get()), std::string("\r\033[Kend\n"));
  writer.ShowStatus("3 s");
  writer.Finish();
  CHECK_EQ(ReadAll(in.get()), std::string("\r\033[K3 s\r\033[K"));
}

TEST("the status begins on an empty line where somebody else may have left one open, once") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  LineWriter writer(loop, out.get());
  writer.BeginOnEmptyLine();
  writer.ShowStatus("1 s");
  writer.ShowStatus("2 s");
  CHECK_EQ(ReadAll(in.get()), std::string("\n\r\033[K1 s\r\033[K2 s"));
}

TEST("on a terminal blanks fill the line that may be open, and a line or the status comes next") {
  boost::asio::io_context loop(1);
  const Fd in(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
  CHECK_EQ(grantpt(in.get()) | unlockpt(in.get()), 0);
  const Fd out(open(ptsname(in.get()), O_RDWR | O_NOCTTY));
  const winsize size{24, 40, 0, 0};
  CHECK_EQ(ioctl(out.get(), TIOCSWINSZ, &size), 0);
  const std::string blanks = std::string(40, ' ') + "\r";
  LineWriter writer(loop, out.get());
  writer.BeginOnEmptyLine();
  writer.Write("line");
  CHECK_EQ(ReadAll(in.get()), blanks + "line\r\n");
  writer.BeginOnEmptyLine();
  writer.ShowStatus("1 s");
  writer.Write("more");
  CHECK_EQ(ReadAll(in.get()), blanks + "\r\033[K1 s\r\033[Kmore\r\n");
}

TEST("what somebody else writes behind the status stays, and the next status comes below it") {
  boost::asio::io_context loop(1);
  const Fd in(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
  CHECK_EQ(grantpt(in.get()) | unlockpt(in.get()), 0);
  const Fd out(open(ptsname(in.get()), O_RDWR | O_NOCTTY)), other(dup(out.get()));
  const winsize size{24, 40, 0, 0};
  CHECK_EQ(ioctl(out.get(), TIOCSWINSZ, &size), 0);
  const std::string blanks = std::string(40, ' ') + "\r", erase = "\r\033[K";
  LineWriter writer(loop, out.get());
  writer.BeginOnEmptyLine();
  for (const char* status : {"1 s", "2 s"}) writer.ShowStatus(status);
  CHECK_EQ(ReadAll(in.get()), blanks + erase + "1 s" + erase + "2 s");
  CHECK_EQ(write(other.get(), "Key: ", 5), 5);
  for (const char* status : {"3 s", "4 s"}) writer.ShowStatus(status);
  CHECK_EQ(ReadAll(in.get()), "Key: " + blanks + erase + "3 s" + erase + "4 s");
  CHECK_EQ(write(other.get(), "Pin: ", 5), 5);
  writer.ShowStatus("");
  writer.Write("end");
  CHECK_EQ(ReadAll(in.get()), "Pin: " + blanks + erase + "end\r\n");
}

TEST(
    "of the status a slow reader gets what is true when it reads, and a flood does not redraw it") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  const std::string full(65536, 'x');
  CHECK_EQ(write(out.get(), full.data(), full.size()), 65536);
  LineWriter writer(loop, out.get());
  for (int i = 0; i < 1000; ++i) writer.ShowStatus(std::to_string(i));
  CHECK_EQ(ReadAll(in.get()).size(), 65536u);
  loop.run_for(std::chrono::milliseconds(50));
  const std::string status = ReadAll(in.get());
  CHECK(status.ends_with("\r\033[K999"));
  CHECK(status.size() < 20);
  for (int i = 0; i < 50; ++i) writer.Write("x");
  CHECK(ReadAll(in.get()).size() < 150);
}

TEST("all that was written goes out before the end if the reader reads") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  CHECK_EQ(fcntl(out.get(), F_SETPIPE_SZ, 4096), 4096);
  LineWriter writer(loop, out.get());
  for (int i = 0; i < 600; ++i) writer.Write(std::string(99, 'x'));
  const pid_t reader = fork();
  if (reader == 0) {
    alarm(20);
    fcntl(in.get(), F_SETFL, 0);
    size_t size = 0;
    for (char byte[512]; size < 60000;) size += static_cast<size_t>(read(in.get(), byte, 512));
    _exit(0);
  }
  writer.Leave();
  int status = -1;
  waitpid(reader, &status, 0);
  CHECK_EQ(status, 0);
}

TEST("what cannot be written before the end is marked in its place, and costs no time") {
  boost::asio::io_context loop(1);
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const Fd in(ends[0]), out(ends[1]);
  const std::string full(65536, 'x');
  CHECK_EQ(write(out.get(), full.data(), full.size()), 65536);
  LineWriter writer(loop, out.get());
  for (int i = 0; i < 5; ++i) writer.Write(std::string(30000, 'y'));
  const auto begin = std::chrono::steady_clock::now();
  writer.Finish();
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
  CHECK_EQ(ReadAll(in.get()), full);
  writer.Leave();
  CHECK(ReadAll(in.get()).find("y\n[3 lines not shown]\n") != std::string::npos);
}

TEST("a trace line is JSON whatever a script prints") {
  std::string line =
      TraceLine("line").Text("text", "q\" b\\ n\n \377 \303\244").Number("n", -1).Done();
  line.erase(0, line.find(",\"event\""));
  CHECK_EQ(line,
           std::string(",\"event\":\"line\",\"text\":\"q\\\" b\\\\ n\\u000a \\ufffd \303\244\","
                       "\"n\":-1}\n"));
}

TEST("a description that others share keeps its mode, and is not waited for either") {
  // A socket cannot be opened anew, as nothing can where /proc is missing.
  int ends[2];
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Fd out(ends[0]), reader(ends[1]);
  boost::asio::io_context loop(1);
  LineWriter writer(loop, out.get());
  const auto mode = [&] { return fcntl(out.get(), F_GETFL) & O_NONBLOCK; };
  CHECK_EQ(mode(), 0);
  writer.Write("first");
  CHECK_EQ(mode(), 0);
  const std::string line(4000, 'x');
  for (int i = 0; i < 200; ++i) writer.Write(line);
  loop.run_for(std::chrono::milliseconds(20));
  CHECK_EQ(mode(), 0);
  fcntl(reader.get(), F_SETFL, O_NONBLOCK);
  CHECK(ReadAll(reader.get()).starts_with("first\n"));
  writer.Leave();
  CHECK_EQ(mode(), 0);
}

}  // namespace output_test
