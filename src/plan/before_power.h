// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "plan/plan.h"

namespace curfew {

/// Adds the native stage that runs all stages of halt but power, before the first script of the
/// pass that may end the machine itself: a halt, reboot or kexec script that was edited, or that
/// NATIVE leaves out. Such a script may take LIMIT in all, since nothing is left to save. Debian's
/// own kexec runs as the script it is where such a script follows: the hand-over would come too
/// late. `hand_over` has the options of halt. Adds nothing if all scripts are replaced.
void AddStagesBeforePower(const Settings& settings, const std::string& level,
                          std::vector<std::string> hand_over, Pass* pass);

}  // namespace curfew
