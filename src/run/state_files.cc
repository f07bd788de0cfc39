// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/state_files.h"

#include "config/rooted.h"
#include "kernel/run_files.h"
#include "text/encoded_line.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Bytes. A file with more is not one of rc's.
constexpr std::size_t kLongestState = 1 << 20;
/// Precedes the action of an abandoned script.
constexpr std::string_view kAbandoned = "abandoned-";

}  // namespace

std::string StateFiles::PathOf(const char* file) const {
  const Result<std::string> path = ResolveBelow(root_, file);
  return path ? path.value : root_ + file;
}

std::string StateFiles::Read(const char* file) const {
  return files_.ReadRegular(PathOf(file), kLongestState).value;
}

std::vector<std::string> StateFiles::Stopped() const {
  std::vector<std::string> services;
  const std::string text = Read(run_files::kStopped);
  for (const std::string_view line : Lines(text)) services.push_back(DecodedLine(line));
  return services;
}

std::vector<StateFiles::Running> StateFiles::LeftRunning() const {
  std::vector<Running> running;
  const std::string text = Read(run_files::kRunning);
  for (std::string_view line : Lines(text)) {
    const auto field = [&] {
      const std::string_view word = line.substr(0, line.find(' '));
      line.remove_prefix(std::min(word.size() + 1, line.size()));
      return word;
    };
    std::string_view action = field();
    const auto pid = ParseNumber<pid_t>(field());
    const auto start_time = ParseNumber<unsigned long long>(field());
    if (!pid || !start_time || line.empty()) continue;
    const bool abandoned = action.starts_with(kAbandoned);
    if (abandoned) action.remove_prefix(kAbandoned.size());
    running.push_back({action == "stop" ? Action::kStop : Action::kStart, *pid, *start_time,
                       DecodedLine(line), abandoned});
  }
  return running;
}

std::string StateFiles::LevelLeft() const {
  const std::string text = Read(run_files::kLevelLeft);
  return DecodedLine(FirstLine(text));
}

void StateFiles::Forget() {
  using namespace run_files;
  for (const char* file : {kStopped, kLevelLeft, kDead, kUnwritten}) files_.Unlink(PathOf(file));
  for (const char* file : kMarkers) files_.Unlink(PathOf(file));
}

std::error_code StateFiles::RecordStopped(const std::string& service) {
  const std::string path = PathOf(run_files::kStopped), line = EncodedLine(service) + "\n";
  const auto error = files_.Append(path, line);
  const bool is_first = error == std::errc::no_such_file_or_directory;
  return is_first ? ReplaceFile(files_, path, line) : error;
}

std::error_code StateFiles::RecordLevelLeft(const std::string& level) {
  return ReplaceFile(files_, PathOf(run_files::kLevelLeft), EncodedLine(level) + "\n");
}

std::error_code StateFiles::RecordRunning(const std::vector<Running>& running) {
  std::string lines;
  for (const Running& r : running) {
    lines += std::string(r.abandoned ? kAbandoned : "") + ActionWord(r.action) + " " +
             std::to_string(r.pid) + " " + std::to_string(r.start_time) + " " +
             EncodedLine(r.service) + "\n";
  }
  return ReplaceFile(files_, PathOf(run_files::kRunning), lines);
}

}  // namespace curfew
