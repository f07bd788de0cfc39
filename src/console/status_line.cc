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

/// The begin of `text` that fits in so many columns, whole characters.
std::string Cut(std::string_view text, size_t columns) {
  while (Columns(text) > columns) {
    while (IsInsideCharacter(text.back())) text.remove_suffix(1);
    text.remove_suffix(1);
  }
  return std::string(text);
}

/// A shorter piece says nothing of a process: ": cupsd".
constexpr size_t kShortestProcess = 8;

struct Parts {
  std::string what;     ///< "[17/23] stopping cups 14 s"
  std::string usual;    ///< ", usually 12 s", or empty
  std::string left;     ///< ", 76 s left", or empty
  std::string process;  ///< ": cupsd[812] D nfs_wait", or empty
  std::string more;     ///< "; and 2 more", or empty
};

Parts PartsOf(const Waiting& waiting) {
  const Script& script = *waiting.script;
  Parts parts;
  parts.what = "[" + std::to_string(waiting.ended) + "/" + std::to_string(waiting.scripts) + "] " +
               (script.action == Action::kStart ? "starting " : "stopping ") +
               Escaped(script.service) + " " + Seconds(waiting.elapsed);
  if (waiting.usual) parts.usual = ", " + UsuallyText(*waiting.usual);
  if (waiting.left) parts.left = ", " + Seconds(*waiting.left) + " left";
  if (!waiting.process.empty()) parts.process = ": " + Escaped(waiting.process);
  if (waiting.more > 0) parts.more = "; and " + std::to_string(waiting.more) + " more";
  return parts;
}

}  // namespace

std::string StatusLine(const Waiting& waiting) {
  const Parts parts = PartsOf(waiting);
  return parts.what + parts.usual + parts.left + parts.process + parts.more;
}

std::string FittedStatus(const Waiting& waiting, std::string_view hint, size_t columns) {
  const size_t room = columns > 0 ? columns - 1 : 0;
  const std::string whole = StatusLine(waiting);
  if (Columns(whole) + Columns(hint) <= room) return whole + std::string(hint);
  if (Columns(whole) <= room) return whole;
  const Parts parts = PartsOf(waiting);
  const std::string times = parts.what + parts.usual + parts.left;
  const size_t needed = Columns(times) + Columns(parts.more);
  if (needed + kShortestProcess <= room)
    return times + Cut(parts.process, room - needed) + parts.more;
  if (needed <= room) return times + parts.more;
  return Columns(times) <= room ? times : Cut(parts.what + parts.left, room);
}

bool StatusIntervals::IsDue(const Waiting& waiting) {
  if (waiting.script == script_ && waiting.elapsed < next_) return false;
  script_ = waiting.script;
  next_ = (waiting.elapsed / kInterval + 1) * kInterval;
  return true;
}

}  // namespace curfew
