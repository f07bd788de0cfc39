// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/console.h"

#include "console/escape.h"
#include "console/plain.h"

namespace curfew {

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

void Console::Abandoned(const Script& script, std::chrono::seconds limit) {
  out_.Write(Escaped(script.link) + ": over its limit of " + std::to_string(limit.count()) +
             " s; left alone");
}

void Console::Note(std::string_view text) {
  out_.Write("rc: " + Escaped(text));
}

/// What waits goes out first: afterwards somebody else writes to the same terminal, and no line of
/// ours may come between a question and its answer.
void Console::ConsoleLent(bool lent) {
  if (lent) out_.Finish();
  out_.Hold(lent);
}

}  // namespace curfew
