// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/status_line.h"

#include "console/escape.h"
#include "run/usual_durations.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr std::chrono::seconds kInterval{10};

bool IsInsideCharacter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

size_t Columns(std::string_view text) {
  size_t columns = 0;
  for (const char byte : text) {
    if (!IsInsideCharacter(byte)) columns += static_cast<unsigned char>(byte) < 0x80 ? 1 : 2;
  }
  return columns;
}

}  // namespace

std::string StatusLine(const Waiting& waiting) {
  const Script& script = *waiting.script;
  std::string text = "[" + std::to_string(waiting.ended) + "/" + std::to_string(waiting.scripts) +
                     "] " + (script.action == Action::kStart ? "starting " : "stopping ") +
                     Escaped(script.service) + " " + Seconds(waiting.elapsed);
  if (waiting.usual) text += ", " + UsuallyText(*waiting.usual);
  if (waiting.left) text += ", " + Seconds(*waiting.left) + " left";
  if (!waiting.process.empty()) text += ": " + Escaped(waiting.process);
  if (waiting.more > 0) text += "; and " + std::to_string(waiting.more) + " more";
  return text;
}

std::string Fitted(std::string_view line, std::string_view hint, size_t columns) {
  const size_t room = columns > 0 ? columns - 1 : 0;
  if (Columns(line) + Columns(hint) <= room) return std::string(line) + std::string(hint);
  while (Columns(line) > room) {
    while (IsInsideCharacter(line.back())) line.remove_suffix(1);
    line.remove_suffix(1);
  }
  return std::string(line);
}

bool StatusIntervals::IsDue(const Waiting& waiting) {
  if (waiting.script == script_ && waiting.elapsed < next_) return false;
  script_ = waiting.script;
  next_ = (waiting.elapsed / kInterval + 1) * kInterval;
  return true;
}

}  // namespace curfew
