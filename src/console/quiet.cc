// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/quiet.h"

namespace curfew {
namespace {

/// A script that has run for so long is slow, as the status line has it.
constexpr std::chrono::seconds kSlow{3};
/// Of one script's lines the last ones are held: some hundred, more than a screen shows.
constexpr std::size_t kHeldBytes = 16384;

}  // namespace

void Quiet::On(const Event& event) {
  if (std::visit([this](const auto& e) { return Take(e); }, event)) show_(event);
}

bool Quiet::Take(const ScriptStarted& e) {
  scripts_[&e.script] = {Clock::now(), !e.script.trace.empty()};
  return true;
}

bool Quiet::Take(const OutputLine& e) {
  if (e.script.kind != ScriptKind::kScript) return true;
  const auto found = scripts_.find(&e.script);
  // A daemon's, whose script has ended well.
  if (found == scripts_.end()) return false;
  Heard& heard = found->second;
  if (IsSlow(heard)) Show(e.script, &heard);
  if (heard.shown) return true;
  heard.bytes += e.text.size();
  heard.lines.emplace_back(e.text);
  while (heard.bytes > kHeldBytes) {
    heard.bytes -= heard.lines.front().size();
    heard.lines.pop_front();
    ++heard.dropped;
  }
  return false;
}

bool Quiet::Take(const ScriptEnded& e) {
  const auto found = scripts_.find(&e.script);
  if (found == scripts_.end()) return true;
  const bool failed = Classify(e.status, e.script.action) == Outcome::kFailed;
  if (failed || IsSlow(found->second)) Show(e.script, &found->second);
  if (!failed) scripts_.erase(found);
  return true;
}

bool Quiet::Take(const ScriptAbandoned& e) {
  if (const auto found = scripts_.find(&e.script); found != scripts_.end())
    Show(e.script, &found->second);
  return true;
}

/// No script has ended for 3 s: the run waits for all that run.
bool Quiet::Take(const Waiting&) {
  for (auto& [script, heard] : scripts_) Show(*script, &heard);
  return true;
}

bool Quiet::Take(const Note& note) {
  return !note.text.starts_with("hand-over:");
}

bool Quiet::IsSlow(const Heard& heard) const {
  return Clock::now() - heard.begin >= kSlow;
}

void Quiet::Show(const Script& script, Heard* heard) {
  if (std::exchange(heard->shown, true)) return;
  if (heard->dropped > 0)
    show_(OutputLine{script, "[" + std::to_string(heard->dropped) + " lines not shown]"});
  for (const std::string& line : heard->lines) show_(OutputLine{script, line});
  heard->lines.clear();
}

}  // namespace curfew
