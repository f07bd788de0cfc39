// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "run/plan_view.h"

namespace curfew {

/// The text that `curfew plan` and `rc --dry-run` print: each pass with its scripts, what rc runs
/// and what each script waits for directly; the links left out, with the reasons; the hand-over;
/// how long it takes at the most, and which services and logins it ends. Lines are folded to
/// `width`, but for that of the hand-over, which init.d/halt reads. Names are escaped. Warnings are
/// not included: they go to standard error.
std::string PlanText(const PlanView& view, std::size_t width);

/// One script of the plan alone, without what it waits for: "K01a runs: /etc/init.d/a stop" and
/// its limits.
std::string ScriptText(const PlanView& view, const Script& script, std::size_t width);

/// "cron[812], cron[813]"
std::string ProcessesText(const Unstopped& service);

}  // namespace curfew
