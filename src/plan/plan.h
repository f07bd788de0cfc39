// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/settings.h"
#include "plan/dependency.h"

namespace curfew {

struct Tree;

enum class Action { kStart, kStop };

/// "start" or "stop": the one argument a script gets.
const char* ActionWord(Action action);

/// What rc does when it is a script's turn.
enum class ScriptKind {
  kScript,       ///< runs the script
  kNativeStage,  ///< runs stages of halt, most often in the place of a stock Debian script
  kHandOver      ///< runs nothing: rc becomes halt after the last pass
};

/// One service of a level, with all that rc needs to run it and to wait for it.
struct Script {
  std::string service;  ///< "cups"
  std::string link;     ///< "K02cups"; the prefix of the script's output lines
  std::string path;     ///< what is executed, below the root: "/etc/init.d/cups"
  std::string argv0;    ///< `$0` of a program; the kernel passes `path` to a "#!" script
  Action action = Action::kStop;
  ScriptKind kind = ScriptKind::kScript;
  std::string stages;  ///< kNativeStage only: "kill", "record,unmount-network"
  /// kNativeStage only: the argv of the halt that runs all stages but power; where it fails no
  /// script follows. Empty: `halt --stage STAGES`.
  std::vector<std::string> until_power;
  bool interactive = false;  ///< runs alone, with the real console
  bool shell = false;        ///< /bin/sh runs it: it need not be executable
  /// curfew.trace= on the kernel command line: the shell of its "#!" line and "-x" run it, such as
  /// {"/bin/bash", "-x"}. Empty: it is not traced.
  std::vector<std::string> trace = {};
  std::chrono::seconds limit{0};       ///< longest time without progress; 0: no limit
  std::chrono::seconds limit_hard{0};  ///< longest time in all, with or without progress; 0: none
  std::vector<Dependency> after;  ///< the scripts of the same pass that must end before; rising
};

/// The scripts of one direction. A later pass begins when the one before it has ended.
struct Pass {
  Action action = Action::kStop;
  /// In an order that satisfies every `after`: each index is smaller than that of its owner.
  std::vector<Script> scripts;
  std::string depend = {};  ///< the path of its .depend file, which may be missing; empty: none
};

/// A link that will not run, and why.
struct Omitted {
  std::string link;
  std::string reason;
  std::string service;  ///< empty: the name is no link's name
};

/// What one change of level runs, in which order. A plain value: making it starts nothing.
struct Plan {
  std::string level;       ///< "0".."9" or "S"; SUSE's "boot" and "halt"
  std::string previous;    ///< the previous level, "N" for none
  bool down = false;       ///< part of the machine's way down: level 0, 6 or "halt"
  bool unchanged = false;  ///< no change of level: rc returns at once without a word
  bool serial = false;     ///< one script at a time
  std::vector<Pass> passes;
  /// Level 0 and 6 only: the argv of the halt that rc becomes after the last pass.
  std::vector<std::string> hand_over;
  /// From three sources: FindMembers() for a single link (member.cc); in plan.cc OmitAll() for all
  /// links of a letter, and AddHook() for a hook.
  std::vector<Omitted> omitted;
  /// One line each, ready for the console: broken cycles, unreadable files, edited scripts.
  std::vector<std::string> warnings;
};

/// The part of the boot that level S has not done, in a dialect that boots from level S.
enum class AfterSingle {
  kNothing,  ///< none is missing, or the change does not come from S, or not from init
  kDevices,  ///< Dialect::after_single
  kBoot      ///< all: the machine has not booted
};

/// The change of level that init asks for, and what rc knows besides the tree.
struct Request {
  std::string level;
  std::string previous = "N";  ///< "N": there is no previous level
  std::string init_halt;       ///< $INIT_HALT: "HALT", "POWEROFF" or empty
  AfterSingle after_single = {};
  std::string trace = {};  ///< curfew.trace=: the service whose "#!" line counts
  /// Services that an earlier rc of this shutdown has stopped, when 6 turns into 0 or back.
  std::vector<std::string> already_stopped = {};
};

/// Decides what runs, and in which order. Never fails: what cannot be honoured is in `warnings`,
/// what will not run is in `omitted`.
Plan MakePlan(const Request& request, const Settings& settings, const Tree& tree);

}  // namespace curfew
