// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/level_request.h"

#include "config/rooted.h"
#include "kernel/process_info.h"
#include "kernel/run_files.h"
#include "text/encoded_line.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// Bytes. halt writes less; a longer file is not halt's.
constexpr std::size_t kLongest = 16384;
/// From the call of halt to rc, beside the delay: shutdown(8) syncs, and init ends what the new
/// level does not have.
constexpr seconds kMostBefore{60};
/// Nobody waits longer than a day; a number without a limit could overflow.
constexpr seconds kMostDelay{86400};

/// shutdown(8) keeps its number there until it asks init.
bool ShutdownWaits(Files& files) {
  constexpr std::size_t kLongestPid = 64;
  const auto text = files.ReadRegular("/run/shutdown.pid", kLongestPid);
  const pid_t pid = text ? ParsePid(Trimmed(text.value)) : 0;
  return pid != 0 && ReadProcess(files, pid);
}

/// The record of halt: a key, a blank and a value in each line.
struct Record {
  std::optional<long long> time_us, within_us;
  std::string level;
  std::optional<uid_t> uid;
  Asker asker;
};

Record Parsed(std::string_view text) {
  Record record;
  for (const std::string_view line : Lines(text)) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view key = line.substr(0, blank);
    const std::string value = DecodedLine(line.substr(std::min(blank + 1, line.size())));
    if (key == "time_us") record.time_us = ParseNumber<long long>(value);
    if (key == "within_us") record.within_us = ParseNumber<long long>(value);
    if (key == "level") record.level = value;
    if (key == "uid") record.uid = ParseNumber<uid_t>(value);
    if (key == "login_uid") record.asker.login_uid = ParseNumber<uid_t>(value);
    if (key == "terminal") record.asker.terminal = value;
    if (key == "command") record.asker.command = value;
    if (key == "from") record.asker.from.push_back(value);
  }
  return record;
}

std::optional<LevelRequest> RequestIn(std::string_view text, std::string_view level,
                                      microseconds now) {
  if (!text.ends_with('\n')) return std::nullopt;
  Record record = Parsed(text);
  if (!record.time_us || !record.within_us || !record.uid || record.asker.command.empty() ||
      record.level != level || *record.time_us < 0 || *record.time_us > now.count()) {
    return std::nullopt;
  }
  const microseconds before{now.count() - *record.time_us};
  if (before.count() > *record.within_us) return std::nullopt;
  record.asker.uid = *record.uid;
  return LevelRequest{LevelRequest::By::kHalt, std::move(record.asker), before};
}

}  // namespace

std::error_code RecordRequest(Files& files, const Asker& asker, char level, microseconds now,
                              seconds delay) {
  // Of an earlier call.
  files.Unlink(run_files::kAsked);
  if (ShutdownWaits(files)) return {};
  const microseconds within = std::min(delay, kMostDelay) + kMostBefore;
  std::string text = "time_us " + std::to_string(now.count()) + "\nwithin_us " +
                     std::to_string(within.count()) + "\nlevel " + level + "\nuid " +
                     std::to_string(asker.uid) + "\n";
  if (asker.login_uid) text += "login_uid " + std::to_string(*asker.login_uid) + "\n";
  if (!asker.terminal.empty()) text += "terminal " + EncodedLine(asker.terminal) + "\n";
  for (const std::string& process : asker.from) text += "from " + EncodedLine(process) + "\n";
  return ReplaceFile(files, run_files::kAsked,
                     text + "command " + EncodedLine(asker.command) + "\n");
}

LevelRequest TakeRequest(Files& files, const std::string& root, std::string_view level,
                         microseconds now, uid_t uid) {
  const auto path = ResolveBelow(root, run_files::kAsked);
  const auto text = path ? files.ReadRegular(path.value, kLongest) : path;
  if (path) files.Unlink(path.value);
  const Asker rc = FindAsker(files, uid);
  if (!StartedByPid1(files, rc)) return {LevelRequest::By::kRc, rc};
  const auto request = text ? RequestIn(text.value, level, now) : std::nullopt;
  return request.value_or(LevelRequest{});
}

}  // namespace curfew
