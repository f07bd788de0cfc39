// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "plan/md5.h"
#include "plan/stock_scripts.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The line without blanks at its ends, and with one for several between words. One stays behind a
/// "\" at the end: the line goes on without it.
std::string WithoutBlanks(std::string_view line) {
  std::string text;
  for (const char c : line) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank)
      text += c;
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  if (text.ends_with(' ') && !text.ends_with("\\ ")) text.pop_back();
  return text;
}

}  // namespace

std::string ScriptDigest(std::string_view script) {
  std::string form;
  bool first = true, continued = false, as_it_is = false;
  for (const std::string_view line : Lines(script)) {
    as_it_is = as_it_is || line.find("<<") != line.npos;
    const std::string text = as_it_is ? std::string(line) : WithoutBlanks(line);
    const bool program = first && line.starts_with("#!");
    if (as_it_is || program || continued || !(text.empty() || text[0] == '#')) form += text + "\n";
    continued = text.ends_with('\\');
    first = false;
  }
  return Md5(form);
}

bool IsStockScript(std::string_view service, std::string_view script) {
  const std::string digest = ScriptDigest(script);
  const auto table = StockScripts();
  return std::any_of(table.begin(), table.end(), [&](const StockScript& known) {
    return known.service == service && known.digest == digest;
  });
}

}  // namespace curfew
