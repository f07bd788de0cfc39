// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/rc_heartbeat.h"

#include <unistd.h>

#include <algorithm>

#include "config/heartbeat_rules.h"
#include "plan/dialect.h"

namespace curfew {

RcHeartbeat::RcHeartbeat(boost::asio::io_context& loop, const Plan& plan, const Settings& settings,
                         bool machine)
    : timer_(loop) {
  if (!machine) return;
  if (plan.down) {
    Take(plan.level, settings);
  } else if (const Heartbeat left = Heartbeat::Find()) {
    left->phase = HeartbeatPage::kDone;
  }
}

void RcHeartbeat::Take(const std::string& level, const Settings& settings) {
  // SUSE's halt link starts `rc halt` inside level 0 or 6. The outer rc owns the heartbeat.
  if (!IsFinal(level)) return;
  heartbeat_ = Heartbeat::Find();
  if (!heartbeat_) heartbeat_ = Heartbeat::Create();
  if (!heartbeat_) return;
  SetRules(settings, heartbeat_.page());
  heartbeat_->restart = level == "6";
  heartbeat_->main = static_cast<std::uint32_t>(getpid());
  Beat();
}

void RcHeartbeat::LeaveToNext() {
  auto self = static_cast<std::uint32_t>(getpid());
  // The next one may have begun.
  if (heartbeat_) heartbeat_->main.compare_exchange_strong(self, 0);
}

void RcHeartbeat::On(const Event& event) {
  if (const auto* e = std::get_if<ScriptStarted>(&event)) running_.insert(&e->script);
  if (const auto* e = std::get_if<ScriptEnded>(&event)) running_.erase(&e->script);
  if (const auto* e = std::get_if<ScriptAbandoned>(&event)) running_.erase(&e->script);
}

/// After a script has called halt, that halt is the main process and beats for itself.
void RcHeartbeat::Beat() {
  const bool ours = heartbeat_->main == static_cast<std::uint32_t>(getpid());
  if (ours && !OnlyStagesRun()) ++heartbeat_->beats;
  timer_.expires_after(std::chrono::seconds(1));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Beat();
  });
}

bool RcHeartbeat::OnlyStagesRun() const {
  return !running_.empty() && std::all_of(running_.begin(), running_.end(), [](const Script* s) {
    return s->kind == ScriptKind::kNativeStage;
  });
}

}  // namespace curfew
