// SPDX-License-Identifier: GPL-2.0-or-later
// Settings, the kernel command line, utmp, options.
#include "config/assignments.h"
#include "config/command_line.h"
#include "config/rooted.h"
#include "config/settings.h"
#include "config/utmp.h"
#include "final/options.h"
#include "fuzz.h"
#include "report/curfew_options.h"
#include "run/rc_options.h"
#include "stop/stop_options.h"
#include "text/text.h"

namespace curfew::config_fuzz {

/// As sh reads it back.
static std::string Quoted(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

FUZZ("assignments", text) {
  std::vector<std::string> warnings;
  const std::vector<Assignment> first = ParseAssignments("f", text, &warnings);
  HOLDS(warnings.size() <= 6);
  std::string again;
  for (const Assignment& one : first) again += one.name + "=" + Quoted(one.value) + "\n";
  warnings.clear();
  const std::vector<Assignment> second = ParseAssignments("f", again, &warnings);
  HOLDS(warnings.empty() && second.size() == first.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    HOLDS(second[i].name == first[i].name && second[i].value == first[i].value);
}

static void HoldFor(const Settings& settings) {
  const auto is_limit = [](std::chrono::seconds time) {
    return time.count() >= 0 && time <= std::chrono::hours(24);
  };
  for (const auto time : {settings.stop_budget, settings.final_budget, settings.final_hard,
                          settings.kill_wait, settings.confirm_timeout})
    HOLDS(is_limit(time));
  for (const auto& [service, limits] : settings.service_limits) {
    const StopLimits both = LimitsOf(settings, service);
    HOLDS(is_limit(both.limit) && is_limit(both.limit_hard));
  }
  HOLDS(settings.final_budget.count() > 0 && settings.final_hard.count() > 0);
  HOLDS(settings.jobs >= 0);
  HOLDS(settings.rtc.find('/') == settings.rtc.npos);
}

/// "=PATH" begins each file; "=suse", "=redhat" and "=lfs" are layouts.
FUZZ("settings", input) {
  SettingsFiles found;
  for (const fuzz::File& file : fuzz::FilesIn(input))
    if (!ParseLayout(file.path, &found.layout)) found.files.push_back({file.path, file.text});
  std::vector<std::string> warnings;
  HoldFor(ParseSettings(found, &warnings));
  HOLDS(warnings.size() <= input.size());
}

FUZZ("command-line", text) {
  Settings settings;
  std::vector<std::string> warnings;
  ReadCommandLine(std::string(text), &settings, &warnings);
  HoldFor(settings);
  HOLDS(warnings.size() <= text.size());
}

FUZZ("utmp", records) {
  (void)ParseUtmpLevels(records);
  for (const Login& login : ParseLogins(records)) {
    HOLDS(!login.user.empty() && login.user.size() <= 32 && login.terminal.size() <= 32);
    HOLDS(login.user.find('\0') == login.user.npos);
  }
}

/// An argument a line, the name of the program first.
class CommandLine {
 public:
  explicit CommandLine(std::string_view text) {
    // A word ends with a NUL.
    for (const std::string_view line : Lines(text))
      words_.emplace_back(line.substr(0, line.find('\0')));
    for (const std::string& word : words_) argv_.push_back(word.c_str());
    argv_.push_back(nullptr);
  }
  int argc() const { return static_cast<int>(words_.size()); }
  const char* const* argv() const { return argv_.data(); }
  /// Whether a word before "--" is the option --root, or the value of an option.
  bool HasRoot() const {
    const auto begin = words_.begin() + (words_.empty() ? 0 : 1);
    const auto end = std::find(begin, words_.end(), "--");
    return std::any_of(begin, end, [](const std::string& word) {
      return word == "--root" || word.starts_with("--root=");
    });
  }

 private:
  std::vector<std::string> words_;
  std::vector<const char*> argv_;
};

FUZZ("options", text) {
  const CommandLine line(text);
  for (const std::string_view word : Lines(text)) {
    const Result<std::string> prefix = TreePrefix(std::string(word));
    HOLDS(prefix ? !prefix.value.empty() : word.empty());
  }
  Options options;
  std::string error;
  const bool good = ParseOptions(line.argc(), line.argv(), &options, &error);
  HOLDS(good == error.empty());
  HOLDS(options.program == "halt" || options.program == "reboot" || options.program == "poweroff");
  HOLDS(options.spare_fd >= -1 && options.heartbeat_fd >= -1);
}

FUZZ("rc-options", text) {
  const CommandLine line(text);
  RcOptions options;
  if (!ParseRcOptions(line.argc(), line.argv(), &options).empty()) return;
  // Who names another tree must never act on the machine itself.
  HOLDS(line.HasRoot() == !options.root.empty());
}

FUZZ("curfew-options", text) {
  const CommandLine line(text);
  CurfewOptions options;
  if (!ParseCurfewOptions(line.argc(), line.argv(), &options).empty()) return;
  HOLDS(!line.HasRoot() || !options.root.empty() || !options.why.empty());
  HOLDS(options.words.size() <= static_cast<std::size_t>(line.argc()));
  HOLDS(options.json == Contains(options.given, "json"));
}

FUZZ("stop-options", text) {
  const CommandLine line(text);
  std::vector<char*> words;
  for (int i = 0; i <= line.argc(); ++i) words.push_back(const_cast<char*>(line.argv()[i]));
  const std::vector<char*> before = words;
  const auto options = ParseStopOptions(line.argc(), words.data());
  // dpkg's program gets them in this order.
  HOLDS(words == before);
  if (!options) return;
  HOLDS(!options->schedule.empty() && options->pid >= 0 && options->parent >= 0);
  // Without a match, all processes would be meant.
  HOLDS(options->pid > 0 || options->parent > 0 ||
        !(options->pidfile + options->exec + options->name + options->user).empty());
  HOLDS(options->exec.empty() || options->exec[0] == '/');
  for (std::size_t i = 0; i < options->schedule.size(); ++i) {
    const ScheduleItem& item = options->schedule[i];
    HOLDS(item.value >= 0);
    HOLDS(item.kind != ScheduleItem::Kind::kGoto || static_cast<std::size_t>(item.value) < i);
  }
}

}  // namespace curfew::config_fuzz
