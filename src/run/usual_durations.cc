// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/usual_durations.h"

#include "config/rooted.h"
#include "kernel/run_files.h"
#include "text/encoded_line.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::microseconds;

/// Bytes; 20,000 services of 30 letters have less. A file with more is not ours.
constexpr std::size_t kLongestHistory = 1 << 20;
constexpr microseconds kLongestTime = std::chrono::hours(24);

void TakeLineInto(std::string_view line, UsualDurations* usual) {
  const auto first = std::min(line.find(' '), line.size());
  const auto second = std::min(line.find(' ', first + 1), line.size());
  const std::string_view action = line.substr(0, first);
  if (second == line.size() || (action != "stop" && action != "start")) return;
  const auto time = ParseNumber<long long>(line.substr(first + 1, second - first - 1));
  const std::string service = DecodedLine(line.substr(second + 1));
  if (!time || *time < 0 || *time > kLongestTime.count() || service.empty()) return;
  const Action direction = action == "stop" ? Action::kStop : Action::kStart;
  (*usual)[{service, direction}] = microseconds(*time);
}

}  // namespace

std::string UsualText(const UsualDurations& usual) {
  std::string text;
  for (const auto& [key, time] : usual) {
    text += std::string(ActionWord(key.second)) + " " + std::to_string(time.count()) + " " +
            EncodedLine(key.first) + "\n";
  }
  return text;
}

UsualDurations ReadUsual(Files& files, const std::string& root) {
  const auto path = ResolveBelow(root, run_files::kUsual);
  const auto text = path ? files.ReadRegular(path.value, kLongestHistory) : path;
  UsualDurations usual;
  // What follows the last newline is torn.
  const std::string_view whole = std::string_view(text.value).substr(0, text.value.rfind('\n') + 1);
  for (const std::string_view line : Lines(whole)) TakeLineInto(line, &usual);
  return usual;
}

std::optional<microseconds> UsualOf(const UsualDurations& usual, const Script& script) {
  const auto found = usual.find({script.service, script.action});
  return found == usual.end() ? std::nullopt : std::optional(found->second);
}

std::string RoughText(microseconds time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time);
  return seconds.count() == 0 ? "under 1 s" : Seconds(seconds);
}

std::string UsuallyText(microseconds usual) {
  return "usually " + RoughText(usual);
}

}  // namespace curfew
