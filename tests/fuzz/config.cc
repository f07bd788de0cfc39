// SPDX-License-Identifier: GPL-2.0-or-later
// Settings, the kernel command line, utmp, options.
#include "config/assignments.h"
#include "config/command_line.h"
#include "config/rooted.h"
#include "config/settings.h"
#include "config/utmp.h"
#include "final/options.h"
#include "fuzz.h"
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

/// An argument a line, the name of the program first. rc and curfew have few options of their own;
/// the one that is dangerous is --root.
FUZZ("options", text) {
  std::vector<std::string> words;
  for (const std::string_view line : Lines(text)) words.emplace_back(line);
  for (const std::string& word : words) {
    const Result<std::string> prefix = TreePrefix(word);
    HOLDS(prefix ? !prefix.value.empty() : word.empty());
  }
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  Options options;
  std::string error;
  const bool good = ParseOptions(static_cast<int>(words.size()), argv.data(), &options, &error);
  HOLDS(good == error.empty());
  HOLDS(options.program == "halt" || options.program == "reboot" || options.program == "poweroff");
  HOLDS(options.spare_fd >= -1 && options.heartbeat_fd >= -1);
}

}  // namespace curfew::config_fuzz
