// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "kernel/files.h"
#include "plan/dialect.h"
#include "plan/plan.h"

namespace curfew {

/// Which questions one run asks, and in whose words.
struct ConfirmRules {
  enum class Begin {
    kOff,    ///< nothing is asked
    kOffer,  ///< the first question is whether to ask at all
    kOn,
  };

  Begin begin = Begin::kOff;
  bool all = false;     ///< each script, hooks and stops too; else only S links that start
  bool line = false;    ///< see Question
  std::string choices;  ///< of a question, behind the name of the service
  std::optional<std::chrono::seconds> limit;  ///< of each question
  std::string banner;                         ///< said when the questions begin
  std::string banner_off;                     ///< said instead when there are none
  std::string remove;  ///< file to remove when the person lets the rest run without questions
  std::string create;  ///< file to create for the next rc when the person takes the offer
};

/// What a run to `plan.level` asks: about each script with `option` (`rc --confirm`), else what the
/// rc of SUSE and of Red Hat asks (SUSE: rc.status:324-347, only on the way up from no level; Red
/// Hat: RHEL 6 functions:753-768, in each level as long as /var/run/confirm exists). Reads their
/// files below `root`, and removes /run/do_confirm.
///
/// Each question has the limit CONFIRM_PROMPT_TIMEOUT. On the way up Red Hat's questions have none;
/// in level 0 and 6 they do, because no question may hold up a shutdown.
ConfirmRules FindConfirmRules(Files& files, const std::string& root, ConfirmStyle style,
                              const Plan& plan, const Settings& settings, bool option);

/// The LSB headers of scripts, by Script::path, from "### BEGIN INIT INFO" to "### END INIT INFO"
/// as they are written; empty if one of the two is missing.
using Headers = std::map<std::string, std::string>;

/// The headers of the plan's scripts, read below `root`. May wait for a disk.
Headers ReadHeaders(const std::string& root, const Plan& plan);

}  // namespace curfew
