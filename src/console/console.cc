// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

#include "console/colour.h"
#include "console/escape.h"
#include "console/plain.h"
#include "console/terminal.h"
#include "text/text.h"

namespace curfew {

Console::Console(boost::asio::io_context& loop, int fd, bool quiet)
    : out_(loop, fd), fd_(fd), in_place_(CanErase(fd)), coloured_(ShowsColours(fd)) {
  if (in_place_) out_.BeginOnEmptyLine();
  if (quiet) quiet_.emplace([this](const Event& event) { ShowAny(event); });
}

void Console::On(const Event& event) {
  quiet_ ? quiet_->On(event) : ShowAny(event);
}

void Console::ShowAny(const Event& event) {
  std::visit([this](const auto& e) { Show(e); }, event);
}

void Console::Show(const OutputLine& e) {
  out_.Write(Text(e.script.link, e.text));
}

std::string Console::Text(std::string_view link, std::string_view line) {
  return Escaped(link) + ": " + PlainLine(line);
}

void Console::Show(const ScriptEnded& e) {
  if (Classify(e.status, e.script.action) != Outcome::kFailed) return;
  WriteIn(Colour::kRed, Escaped(e.script.link) + ": failed, " + e.status.Text());
}

void Console::Show(const ScriptSkipped& e) {
  out_.Write(Escaped(e.script.link) + ": skipped");
}

void Console::Show(const NearLimit& e) {
  out_.Write(Escaped(e.script.link) + ": no progress for " + Seconds(e.quiet) + "; left alone in " +
             Seconds(e.left) + " unless it makes some");
}

void Console::Show(const ScriptAbandoned& e) {
  const std::string link = Escaped(e.script.link);
  WriteIn(Colour::kYellow,
          link + ": " + Escaped(e.reason) + "; left alone, the run goes on without it");
  if (!e.last_line.empty()) out_.Write(link + ": its last line: " + PlainLine(e.last_line));
}

void Console::Show(const Waiting& waiting) {
  if (lent_) return;
  const bool keys = keys_ && keys_->Count(true);
  if (keys && !std::exchange(keys_explained_, true)) Show(Note{Keys::kHelp});
  // A person cannot skip a native stage: it has limits of its own.
  const char* hint = keys && waiting.script->kind == ScriptKind::kScript ? Keys::kHint : "";
  if (in_place_) {
    out_.ShowStatus(FittedStatus(waiting, hint, Columns()));
  } else if (intervals_.IsDue(waiting)) {
    out_.Write(StatusLine(waiting) + hint);
  }
}

void Console::Show(const WaitOver&) {
  if (lent_) return;
  if (keys_) keys_->Count(false);
  out_.ShowStatus("");
}

void Console::WriteIn(Colour colour, const std::string& line) {
  out_.Write(coloured_ ? Coloured(colour, line) : line);
}

size_t Console::Columns() const {
  winsize size{};
  return ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::Show(const Note& note) {
  out_.Write("rc: " + Escaped(note.text));
}

/// Writes all lines that wait before another writer begins: no line of rc may come between a
/// question and its answer.
void Console::Show(const ConsoleLent& e) {
  lent_ = e.lent;
  if (lent_ && keys_) keys_->Stop();
  if (lent_) out_.Finish();
  out_.Hold(lent_);
  if (!lent_ && in_place_) out_.BeginOnEmptyLine();
}

void Console::RunIsOver() {
  if (keys_) keys_->Stop();
  keys_ = nullptr;
  out_.ShowStatus("");
}

}  // namespace curfew
