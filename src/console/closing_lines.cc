// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/closing_lines.h"

#include <algorithm>
#include <cstdio>

namespace curfew {
namespace {

/// "3.2 s"
std::string Tenths(std::chrono::steady_clock::duration time) {
  char text[32];
  snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(time).count());
  return text;
}

}  // namespace

void ClosingLines::On(const Event& event) {
  std::visit([this](const auto& e) { Take(e); }, event);
}

void ClosingLines::Take(const ScriptStarted& e) {
  running_.emplace(&e.script, Clock::now());
}

/// A script that was left alone has had its line, whatever becomes of it: the kill stage may have
/// ended it.
void ClosingLines::Take(const ScriptEnded& e) {
  const auto found = running_.find(&e.script);
  if (found == running_.end()) return;
  const auto took = Clock::now() - found->second;
  running_.erase(found);
  ended_.push_back({e.script.service, Classify(e.status, e.script.action)});
  if (e.script.action != Action::kStop || e.script.kind != ScriptKind::kScript) return;
  ++stopped_;
  if (took < slowest_took_) return;
  slowest_ = e.script.service;
  slowest_took_ = took;
}

void ClosingLines::Take(const ScriptSkipped& e) {
  left_alone_.push_back(e.script.service + " (skipped)");
}

void ClosingLines::Take(const ScriptAbandoned& e) {
  running_.erase(&e.script);
  left_alone_.push_back(e.script.service + " (" + std::string(e.reason) + ")");
}

std::string ClosingLines::Stopped() const {
  return std::to_string(stopped_) + (stopped_ == 1 ? " service" : " services") + " stopped in " +
         Tenths(Clock::now() - begin_) + ", slowest: " + slowest_ + " " + Tenths(slowest_took_);
}

/// The words of SUSE's rc. Its boot script has none, and on the way down the machine ends before.
std::string ClosingLines::Reached() const {
  if (!dialect_.names_level || plan_.down || plan_.level == dialect_.boot_level) return "";
  return "Master Resource Control: runlevel " + plan_.level + " has been reached";
}

std::string ClosingLines::With(const std::string& what,
                               std::initializer_list<Outcome> outcomes) const {
  std::string names;
  for (const Outcome outcome : outcomes)
    for (const auto& [service, o] : ended_)
      if (o == outcome) names += " " + service;
  return names.empty() ? "" : what + names;
}

std::vector<std::string> ClosingLines::Lines(bool is_reached) const {
  std::vector<std::string> lines;
  if (plan_.down && stopped_ > 0) lines.push_back(Stopped());
  std::string alone;
  for (const std::string& name : left_alone_) alone += (alone.empty() ? "" : ", ") + name;
  lines.push_back(alone.empty() ? "" : "left alone: " + alone);
  if (is_reached) lines.push_back(Reached());
  if (dialect_.names_level) {
    const std::string where = " services in runlevel " + plan_.level + ":";
    lines.push_back(With("Failed" + where, {Outcome::kFailed}));
    lines.push_back(With("Skipped" + where, {Outcome::kNotInstalled, Outcome::kNotConfigured}));
  } else {
    lines.push_back(With("service(s) returned failure:", {Outcome::kFailed}));
    lines.push_back(
        With("service(s) skipped, program is not installed:", {Outcome::kNotInstalled}));
    lines.push_back(
        With("service(s) skipped, program is not configured:", {Outcome::kNotConfigured}));
  }
  std::erase(lines, "");
  return lines;
}

}  // namespace curfew
