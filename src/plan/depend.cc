// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/depend.h"

#include <algorithm>
#include <string_view>

#include "text/text.h"

namespace curfew {
namespace {

constexpr int kMostWarnings = 5;

bool IsGarbage(std::string_view line) {
  return std::any_of(line.begin(), line.end(),
                     [](unsigned char c) { return (c < 0x20 && !IsBlank(c)) || c == 0x7F; });
}

/// One line; false if it is none of the four kinds.
bool ParseLine(std::string_view line, Depend* depend) {
  line = Trimmed(line);
  if (line.empty() || line[0] == '#') return true;
  if (IsGarbage(line)) return false;
  const size_t sign = line.find_first_of(":=");
  if (sign == std::string_view::npos) return false;
  const std::string_view head = Trimmed(line.substr(0, sign));
  std::vector<std::string> words = Words(line.substr(sign + 1));
  if (line[sign] == ':') {
    if (head.empty() || std::any_of(head.begin(), head.end(), IsBlank)) return false;
    depend->rules.push_back({std::string(head), std::move(words)});
    return true;
  }
  std::vector<std::string>* list = head == "TARGETS"       ? &depend->targets
                                   : head == "INTERACTIVE" ? &depend->interactive
                                                           : nullptr;
  if (list == nullptr) return false;
  list->insert(list->end(), words.begin(), words.end());
  return true;
}

}  // namespace

Depend ParseDepend(const TextFile& file, std::vector<std::string>* warnings) {
  Depend depend;
  int number = 0, bad = 0;
  for (std::string_view rest = file.text; !rest.empty();) {
    ++number;
    const size_t end = std::min(rest.find('\n'), rest.size());
    if (!ParseLine(rest.substr(0, end), &depend) && ++bad <= kMostWarnings) {
      warnings->push_back(file.path + ":" + std::to_string(number) +
                          ": no rule, TARGETS or INTERACTIVE; line ignored");
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (bad > kMostWarnings) {
    warnings->push_back(file.path + ": " + std::to_string(bad - kMostWarnings) +
                        " more lines ignored");
  }
  if (!file.text.empty() && !depend.Usable()) {
    warnings->push_back(file.path + ": names no service; order comes from headers and numbers");
  }
  return depend;
}

}  // namespace curfew
