// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "console/escape.h"
#include "console/plain.h"

namespace curfew {
namespace {

/// Whether a line can be erased there. init sets TERM for what it starts.
bool CanErase(int fd) {
  const char* term = getenv("TERM");
  return isatty(fd) && term && *term && std::string_view(term) != "dumb";
}

}  // namespace

Console::Console(boost::asio::io_context& loop, int fd)
    : out_(loop, fd), fd_(fd), in_place_(CanErase(fd)) {}

void Console::Line(const Script& script, std::string_view text) {
  out_.Write(Text(script.link, text));
}

std::string Console::Text(std::string_view link, std::string_view line) {
  return Escaped(link) + ": " + PlainLine(line);
}

void Console::Ended(const Script& script, ExitStatus status) {
  if (Classify(status, script.action) != Outcome::kFailed) return;
  out_.Write(Escaped(script.link) + ": failed, " + status.Text());
}

void Console::Skipped(const Script& script) {
  out_.Write(Escaped(script.link) + ": skipped");
}

void Console::NearLimit(const Script& script, std::chrono::seconds quiet,
                        std::chrono::seconds left) {
  out_.Write(Escaped(script.link) + ": no progress for " + std::to_string(quiet.count()) +
             " s; left alone in " + std::to_string(left.count()) + " s unless it makes some");
}

void Console::Abandoned(const Script& script, const Abandonment& why) {
  const std::string link = Escaped(script.link);
  out_.Write(link + ": " + Escaped(why.reason) + "; left alone, the run goes on without it");
  if (!why.last_line.empty()) out_.Write(link + ": its last line: " + PlainLine(why.last_line));
}

void Console::Evidence(const Script&, const std::vector<std::string>&) {}

void Console::WaitsFor(const Waiting* waiting) {
  if (lent_) return;
  const bool keys = keys_ && keys_->Count(waiting != nullptr);
  if (!waiting) return out_.ShowStatus("");
  if (keys && !std::exchange(keys_explained_, true)) Note(Keys::kHelp);
  // A native stage has limits of its own, and is not skipped.
  const char* hint = keys && waiting->script->kind == ScriptKind::kScript ? Keys::kHint : "";
  const std::string line = StatusLine(*waiting);
  if (in_place_) {
    out_.ShowStatus(Fitted(line, hint, Columns()));
  } else if (intervals_.IsDue(*waiting)) {
    out_.Write(line + hint);
  }
}

size_t Console::Columns() const {
  winsize size{};
  return ioctl(fd_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void Console::Note(std::string_view text) {
  out_.Write("rc: " + Escaped(text));
}

/// What waits goes out first: afterwards somebody else writes to the same terminal, and no line of
/// ours may come between a question and its answer.
void Console::ConsoleLent(bool lent) {
  lent_ = lent;
  if (lent && keys_) keys_->Stop();
  if (lent) out_.Finish();
  out_.Hold(lent);
}

void Console::RunIsOver() {
  if (keys_) keys_->Stop();
  keys_ = nullptr;
  out_.ShowStatus("");
}

}  // namespace curfew
