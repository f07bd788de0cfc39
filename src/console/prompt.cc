// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/prompt.h"

#include <boost/asio/post.hpp>
#include <cerrno>

#include "console/escape.h"
#include "console/plain.h"
#include "console/terminal.h"
#include "text/text.h"

namespace curfew {

namespace asio = boost::asio;

namespace {

/// Ctrl-D
constexpr char kEnd = '\x04';

}  // namespace

std::optional<char> KeyReader::Feed(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  if (state_ == State::kEscape && (byte == '[' || byte == 'O')) {
    state_ = State::kSequence;
    return std::nullopt;
  }
  if (state_ == State::kSequence) {
    // Parameters are below '@'. The F keys of Linux consoles are ESC [ [ and a letter.
    if (code >= 0x20 && (code < '@' || byte == '[')) return std::nullopt;
    state_ = State::kPlain;
    return kOther;
  }
  state_ = byte == 0x1b ? State::kEscape : State::kPlain;
  // A UTF-8 character counts once, with its first byte.
  if (state_ == State::kEscape || (code & 0xc0) == 0x80) return std::nullopt;
  return code < 0x80 ? byte : kOther;
}

Fd Prompt::OpenTerminal(const std::string& root) {
  if (root.empty()) {
    Fd console(open("/dev/console", kTerminalFlags));
    if (console && isatty(console.get())) return console;
  }
  if (!isatty(STDIN_FILENO)) return Fd();
  return Fd(open("/proc/self/fd/0", kTerminalFlags));
}

Prompt::Prompt(asio::io_context& loop, Fd terminal)
    : loop_(loop), out_(loop, terminal.get()), in_(loop), timer_(loop) {
  boost::system::error_code error;
  if (terminal) in_.assign(terminal.get(), error);
  if (in_.is_open()) terminal.Release();
}

Prompt::~Prompt() {
  if (!on_reply_) return;
  RestoreModes();
  out_.Write("");
  out_.Finish();
}

void Prompt::Ask(const Question& question, OnReply on_reply) {
  on_reply_ = std::move(on_reply);
  line_ = question.line;
  keys_ = {};
  ++number_;
  if (!in_.is_open() || InBackground(in_.native_handle())) {
    return asio::post(loop_, [this, number = number_] {
      if (number == number_) Reply("");
    });
  }
  if (!question.shown.empty()) Show(question.shown);
  ChangeModes();
  out_.WriteText(Escaped(question.text));
  if (question.limit) StartTimer(*question.limit);
  WaitForInput();
}

void Prompt::Show(std::string_view text) {
  for (const std::string_view line : Lines(text)) out_.Write(PlainLine(line));
}

/// VMIN is 1: with 0 other readers of this terminal would see the end of the input.
void Prompt::ChangeModes() {
  termios modes{};
  if (tcgetattr(in_.native_handle(), &modes) != 0) return;
  modes_before_ = modes;
  modes.c_iflag = (modes.c_iflag | ICRNL) & ~static_cast<tcflag_t>(IGNCR | INLCR | IXON);
  modes.c_oflag |= OPOST | ONLCR;
  if (line_) {
    modes.c_lflag |= ICANON | ECHO | ECHOE;
  } else {
    modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
  }
  tcsetattr(in_.native_handle(), TCSANOW, &modes);
}

void Prompt::RestoreModes() {
  if (modes_before_) tcsetattr(in_.native_handle(), TCSANOW, &*modes_before_);
  modes_before_.reset();
}

void Prompt::StartTimer(std::chrono::seconds limit) {
  timer_.expires_after(limit);
  timer_.async_wait([this, number = number_](const boost::system::error_code& error) {
    if (error || number != number_) return;
    out_.Write("");
    Reply("");
  });
}

void Prompt::WaitForInput() {
  in_.async_wait(asio::posix::descriptor_base::wait_read,
                 [this, number = number_](const boost::system::error_code& error) {
                   if (number != number_) return;
                   if (error) return Reply("");
                   Read();
                 });
}

void Prompt::Read() {
  return line_ ? ReadLine() : ReadKeys();
}

/// A line longer than the buffer is no valid answer. Its rest is the next line.
void Prompt::ReadLine() {
  char text[256];
  const ssize_t size = read(in_.native_handle(), text, sizeof text);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return WaitForInput();
  if (size <= 0) out_.Write("");
  Reply(std::string(Trimmed({text, size > 0 ? static_cast<size_t>(size) : 0})));
}

/// Reads byte by byte: keys typed ahead belong to the next question, or to a script.
void Prompt::ReadKeys() {
  std::optional<char> key;
  while (!key) {
    char byte = kEnd;
    const ssize_t size = read(in_.native_handle(), &byte, 1);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return WaitForInput();
    key = size == 1 ? keys_.Feed(byte) : kEnd;
  }
  const bool visible = *key > ' ' && *key < 0x7f;
  out_.Write(visible ? std::string(1, *key) : "");
  Reply(*key == kEnd ? "" : std::string(Trimmed({&*key, 1})));
}

void Prompt::Reply(const std::string& reply) {
  ++number_;
  timer_.cancel();
  boost::system::error_code ignored;
  in_.cancel(ignored);
  RestoreModes();
  const OnReply report = std::exchange(on_reply_, nullptr);
  if (report) report(reply);
}

}  // namespace curfew
