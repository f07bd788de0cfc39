// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/plan_text.h"

#include <algorithm>

#include "console/escape.h"

namespace curfew {
namespace {

constexpr size_t kWidest = 40;  // a longer name does not widen its column

/// The cells of one line.
using Line = std::vector<std::string>;

/// The number of characters on screen: UTF-8 continuation bytes take no place.
size_t Width(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

/// The lines, with each cell but the last padded to the width of its column.
std::string Table(const std::vector<Line>& lines) {
  std::vector<size_t> widths;
  for (const Line& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) {
      if (Width(line[i]) <= kWidest) widths[i] = std::max(widths[i], Width(line[i]));
    }
  }
  std::string text;
  for (const Line& line : lines) {
    std::string row = " ";
    for (size_t i = 0; i < line.size(); ++i) {
      row += " " + line[i];
      if (Width(line[i]) < widths[i]) row.append(widths[i] - Width(line[i]), ' ');
      row += " ";
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + Escaped(word);
  return text;
}

std::string What(const Script& script) {
  if (script.kind == ScriptKind::kHandOver) return "hand-over";
  if (!script.until_power.empty()) return Joined(script.until_power);
  if (script.kind == ScriptKind::kNativeStage) return "halt --stage " + script.stages;
  const char* shell = script.trace ? "sh -x " : script.shell ? "sh " : "";
  return shell + Escaped(script.path) + " " + ActionWord(script.action);
}

std::string After(const Pass& pass, const Script& script) {
  std::string text = script.interactive ? "alone, on the console" : "";
  // Only a hook has one limit for both.
  if (script.limit.count() > 0 && script.limit == script.limit_hard) {
    text +=
        (text.empty() ? "at most " : "; at most ") + std::to_string(script.limit.count()) + " s";
  }
  for (size_t i = 0; i < script.after.size(); ++i) {
    text += i > 0 ? ", " : text.empty() ? "after " : "; after ";
    text += Escaped(pass.scripts[script.after[i]].service);
  }
  return text;
}

std::string PassText(const Pass& pass) {
  std::vector<Line> lines;
  for (const Script& script : pass.scripts) {
    lines.push_back({Escaped(script.link), What(script), After(pass, script)});
  }
  return std::string(ActionWord(pass.action)) + ":\n" + Table(lines);
}

std::string Title(const Plan& plan) {
  size_t count = 0;
  for (const Pass& pass : plan.passes) count += pass.scripts.size();
  std::string title = "level " + Escaped(plan.level);
  if (plan.previous != "N") title += " after level " + Escaped(plan.previous);
  if (plan.unchanged) return title + ": no change of level, nothing runs\n";
  title += ": " + std::to_string(count) + (count == 1 ? " script" : " scripts");
  return title + (plan.serial ? ", one at a time\n" : ", in parallel\n");
}

}  // namespace

std::string PlanText(const Plan& plan) {
  std::string text = Title(plan);
  for (const Pass& pass : plan.passes) text += PassText(pass);
  if (!plan.omitted.empty()) {
    std::vector<Line> lines;
    for (const Omitted& omitted : plan.omitted) {
      lines.push_back({Escaped(omitted.link), Escaped(omitted.reason)});
    }
    text += "left out:\n" + Table(lines);
  }
  if (!plan.hand_over.empty()) {
    text += "hand-over: " + Joined(plan.hand_over) + "\n";
  }
  return text;
}

}  // namespace curfew
