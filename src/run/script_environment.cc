// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_environment.h"

#include <unistd.h>

#include <algorithm>

namespace curfew {

std::vector<std::string> ScriptEnvironment(const LevelChange& change, const winsize& size) {
  std::vector<std::string> strings;
  for (char** e = environ; *e; ++e) strings.emplace_back(*e);
  const auto set = [&](const std::string& name, const std::string& value) {
    const auto old = std::find_if(strings.begin(), strings.end(), [&](const std::string& string) {
      return string.starts_with(name + "=");
    });
    (old == strings.end() ? strings.emplace_back() : *old) = name + "=" + value;
  };
  // A level that ends the machine gets COLD_BOOT after S (bnc#709825); a boot does not.
  const Request& request = change.request;
  if (IsFinal(request.level) && request.after_single == AfterSingle::kBoot) set("COLD_BOOT", "yes");
  set("PATH", "/sbin:/usr/sbin:/bin:/usr/bin");
  set("runlevel", change.plan.level);
  set("previous", change.plan.previous);
  set("VERBOSE", change.settings.verbose ? "yes" : "no");
  if (size.ws_row != 0) {
    set("LINES", std::to_string(size.ws_row));
    set("COLUMNS", std::to_string(size.ws_col));
  }
  return strings;
}

rlimit ScriptDescriptors(const rlimit& inherited) {
  // INR_OPEN_CUR and INR_OPEN_MAX of Linux's fs.h.
  constexpr rlim_t kLeast = 64, kSoft = 1024, kHard = 4096;
  if (inherited.rlim_cur >= kLeast) return inherited;
  return {kSoft, std::max(inherited.rlim_max, kHard)};
}

}  // namespace curfew
