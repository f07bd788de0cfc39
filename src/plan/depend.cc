// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/depend.h"

#include <algorithm>
#include <utility>

#include "text/text.h"

namespace curfew {
namespace {

constexpr int kMostWarnings = 5;

bool IsGarbage(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](unsigned char c) { return (c < 0x20 && !IsBlank(c)) || c == 0x7F; });
}

/// Adds the content of one line. False if the line is of none of the known kinds.
bool ParseLine(std::string_view line, Depend* depend) {
  line = Trimmed(line);
  if (line.empty() || line[0] == '#') return true;
  if (IsGarbage(line)) return false;
  size_t sign = line.find_first_of(":=");
  if (sign == std::string_view::npos) return false;
  const auto is_list = [](std::string_view name) {
    return name == "TARGETS" || name == "INTERACTIVE";
  };
  // A service may have '=' in its name.
  if (line[sign] == '=' && !is_list(Trimmed(line.substr(0, sign)))) sign = line.find(':', sign);
  if (sign == std::string_view::npos) return false;
  const std::string_view head = Trimmed(line.substr(0, sign));
  std::vector<std::string> words = Words(line.substr(sign + 1));
  if (line[sign] == ':') {
    if (head.empty() || std::any_of(head.begin(), head.end(), IsBlank)) return false;
    depend->rules.push_back({std::string(head), std::move(words)});
    return true;
  }
  std::vector<std::string>* list = head == "TARGETS" ? &depend->targets : &depend->interactive;
  list->insert(list->end(), words.begin(), words.end());
  return true;
}

}  // namespace

Depend ParseDepend(std::string path, std::string_view text) {
  Depend depend;
  depend.path = std::move(path);
  depend.empty = text.empty();
  const auto warn = [&](const std::string& what) { depend.warnings.push_back(depend.path + what); };
  int number = 0, bad = 0;
  for (const std::string_view line : Lines(text)) {
    ++number;
    if (ParseLine(line, &depend) || ++bad > kMostWarnings) continue;
    warn(":" + std::to_string(number) + ": no rule, TARGETS or INTERACTIVE; line ignored");
  }
  if (bad > kMostWarnings) {
    warn(": " + std::to_string(bad - kMostWarnings) + " more lines ignored");
  }
  if (!depend.empty && !depend.Usable()) {
    warn(": names no service; order comes from headers and numbers");
  }
  return depend;
}

}  // namespace curfew
