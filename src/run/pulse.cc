// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/pulse.h"

#include <unistd.h>

#include <algorithm>

#include "config/heartbeat_rules.h"
#include "plan/dialect.h"

namespace curfew {

Pulse::Pulse(boost::asio::io_context& loop, const Plan& plan, const Settings& settings,
             bool machine)
    : timer_(loop) {
  if (!machine) return;
  if (plan.down) {
    Take(plan.level, settings);
  } else if (const Heartbeat left = Heartbeat::Find()) {
    left->phase = HeartbeatPage::kDone;
  }
}

void Pulse::Take(const std::string& level, const Settings& settings) {
  // What a halt link has the pseudo-level "halt" run is part of the level above it.
  if (!IsFinal(level)) return;
  heartbeat_ = Heartbeat::Find();
  if (!heartbeat_) heartbeat_ = Heartbeat::Create();
  if (!heartbeat_) return;
  SetRules(settings, heartbeat_.page());
  heartbeat_->restart = level == "6";
  heartbeat_->main = static_cast<std::uint32_t>(getpid());
  Beat();
}

void Pulse::LeaveToNext() {
  if (heartbeat_) heartbeat_->main = 0;
}

void Pulse::On(const Event& event) {
  if (const auto* e = std::get_if<ScriptStarted>(&event)) running_.insert(&e->script);
  if (const auto* e = std::get_if<ScriptEnded>(&event)) running_.erase(&e->script);
  if (const auto* e = std::get_if<ScriptAbandoned>(&event)) running_.erase(&e->script);
}

/// A halt that a script has called is the main process from then on, and beats for itself.
void Pulse::Beat() {
  const bool ours = heartbeat_->main == static_cast<std::uint32_t>(getpid());
  if (ours && !OnlyStagesRun()) ++heartbeat_->beats;
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Beat();
  });
}

bool Pulse::OnlyStagesRun() const {
  return !running_.empty() && std::all_of(running_.begin(), running_.end(), [](const Script* s) {
    return s->kind == ScriptKind::kNativeStage;
  });
}

}  // namespace curfew
