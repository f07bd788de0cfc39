// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/schedule.h"

#include <signal.h>

#include <algorithm>

#include "text/text.h"

namespace curfew {
namespace {

using Kind = ScheduleItem::Kind;

/// dpkg has room for 20 bytes with the NUL.
constexpr std::size_t kLongestItem = 19;

struct SignalName {
  std::string_view name;
  int number;
};

/// Those of start-stop-daemon in dpkg 1.21.
constexpr SignalName kSignalNames[] = {
    {"ABRT", SIGABRT}, {"ALRM", SIGALRM}, {"FPE", SIGFPE},   {"HUP", SIGHUP},   {"ILL", SIGILL},
    {"INT", SIGINT},   {"KILL", SIGKILL}, {"PIPE", SIGPIPE}, {"QUIT", SIGQUIT}, {"SEGV", SIGSEGV},
    {"TERM", SIGTERM}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"CHLD", SIGCHLD}, {"CONT", SIGCONT},
    {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},
};

bool BeginsWithDigit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

/// An item but `forever`: digits are a timeout, and a signal by number has a '-' before it.
std::optional<ScheduleItem> ParseItem(std::string_view text) {
  if (text.size() > kLongestItem) return std::nullopt;
  const bool timeout = BeginsWithDigit(text);
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::optional<int> value = timeout ? ParseCount(text) : ParseSignalName(text);
  if (!value) return std::nullopt;
  return ScheduleItem{timeout ? Kind::kTimeout : Kind::kSignal, *value};
}

bool Pauses(const ScheduleItem& item) {
  return item.kind == Kind::kTimeout && item.value > 0;
}

}  // namespace

std::optional<int> ParseCount(std::string_view text) {
  return BeginsWithDigit(text) ? ParseNumber<int>(text) : std::nullopt;
}

std::optional<int> ParseSignalName(std::string_view text) {
  for (const SignalName& known : kSignalNames)
    if (known.name == text) return known.number;
  return ParseCount(text);
}

std::optional<Schedule> ParseSchedule(std::string_view text, int signal) {
  if (text.find('/') == text.npos) {
    const auto item = ParseItem(text);
    if (!item || item->kind != Kind::kTimeout) return std::nullopt;
    return Schedule{{Kind::kSignal, signal}, *item, {Kind::kSignal, SIGKILL}, *item};
  }
  Schedule schedule;
  std::optional<std::size_t> repeated;
  for (const std::string_view word : Split(text, '/')) {
    if (word == "forever") {
      if (repeated) return std::nullopt;
      repeated = schedule.size();
      continue;
    }
    const auto item = ParseItem(word);
    if (!item) return std::nullopt;
    schedule.push_back(*item);
  }
  if (!repeated) return schedule;
  const auto begin = schedule.begin() + static_cast<std::ptrdiff_t>(*repeated);
  if (std::none_of(begin, schedule.end(), Pauses)) return std::nullopt;
  schedule.push_back({Kind::kGoto, static_cast<int>(*repeated)});
  return schedule;
}

}  // namespace curfew
