// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/command_line.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/values.h"
#include "text/text.h"

namespace curfew {
namespace {

bool SetSkip(const std::string& value, Settings* settings) {
  const size_t before = settings->skip.size();
  for (size_t begin = 0; begin <= value.size();) {
    const size_t end = std::min(value.find(',', begin), value.size());
    if (end > begin) settings->skip.push_back(value.substr(begin, end - begin));
    begin = end + 1;
  }
  return settings->skip.size() > before;
}

/// One word of the kernel command line.
struct Parameter {
  std::string_view name;
  /// Returns false for a bad value. `value` is empty if the word has no '='.
  bool (*set)(const std::string& value, Settings* settings);
};

using S = Settings;
using V = const std::string&;

constexpr Parameter kParameters[] = {
    // Any other value is for the kernel's driver core or a typing error: parallel (rc:63-72).
    {"concurrency", [](V v, S* s) { return s->serial |= v == "none", true; }},
    {"confirm", [](V v, S* s) { return ReadYesNo(v.empty() ? "yes" : v, &s->confirm); }},
    // Meant for a machine that hangs: it overrides the limits of single services.
    {"curfew.limit",
     [](V v, S* s) {
       return ReadSeconds(v, 1, &s->limits.limit) && (s->service_limits.clear(), true);
     }},
    {"curfew.budget", [](V v, S* s) { return ReadSeconds(v, 1, &s->stop_budget); }},
    {"curfew.skip", SetSkip},
    {"curfew.trace", [](V v, S* s) { return s->trace = v, !v.empty(); }},
    // Counts only under init: `quiet` must not silence a script that a person runs (#505468).
    {"quiet",
     [](V, S* s) {
       if (!getenv("RUNLEVEL") || !getenv("PREVLEVEL")) return true;
       s->verbose = false;
       return s->quiet = true;
     }},
};

/// False if the value is not one of the parameter's.
bool SetParameter(const std::string& key, const std::string& value, Settings* settings) {
  for (const Parameter& known : kParameters) {
    if (known.name == key) return known.set(value, settings);
  }
  return !key.starts_with("curfew.");
}

}  // namespace

void ReadCommandLine(const std::string& text, Settings* settings,
                     std::vector<std::string>* warnings) {
  for (const std::string& word : Words(text)) {
    const size_t end = std::min(word.find('='), word.size());
    const std::string value = word.substr(std::min(end + 1, word.size()));
    if (SetParameter(word.substr(0, end), value, settings)) continue;
    warnings->push_back("kernel command line: " + word.substr(0, 60) +
                        " is not understood; ignored");
  }
}

}  // namespace curfew
