// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/settings.h"

namespace curfew {

struct Tree;

enum class Action { kStart, kStop };

/// "start" or "stop": the one argument a script gets.
const char* ActionWord(Action action);

/// What rc does when it is a script's turn.
enum class ScriptKind {
  kScript,       ///< runs the script
  kNativeStage,  ///< runs `halt --stage STAGES`, which replaces an unchanged Debian script
  kHandOver      ///< runs nothing: rc becomes halt after the last pass
};

/// One service of a level, with everything needed to run it and to wait for it.
struct Script {
  std::string service;  ///< the name behind the link's number: "cups"
  std::string link;     ///< the link's own name: "K02cups"; prefix of the script's output lines
  std::string path;     ///< what is executed, below the root: "/etc/init.d/cups"
  std::string argv0;    ///< `$0` for programs; for "#!" scripts the kernel uses `path`
  Action action = Action::kStop;
  ScriptKind kind = ScriptKind::kScript;
  std::string stages;        ///< kNativeStage only: "kill", "record,unmount-network"
  bool interactive = false;  ///< runs alone, with the real console
  int importance = 0;        ///< among ready scripts the higher starts first; ties in list order
  bool shell = false;        ///< /bin/sh runs it: it need not be executable
  bool trace = false;        ///< `sh -x` runs it: curfew.trace= on the kernel command line
  /// So long without progress, and the run goes on without it; 0: it may take for ever.
  std::chrono::seconds limit{0};
  std::chrono::seconds limit_hard{0};  ///< The same for its whole time, progress or none; 0: none.
  std::vector<int> after;  ///< indices, in the same pass, of the scripts that must end before
};

/// The scripts of one direction. A later pass begins when the one before it has ended.
struct Pass {
  Action action = Action::kStop;
  /// In an order that satisfies every `after` (each index is smaller than its owner's).
  std::vector<Script> scripts;
};

/// A link that will not run, and why.
struct LeftOut {
  std::string link;
  std::string reason;
};

/// What one change of level runs, in which order. A plain value: building it starts nothing.
struct Plan {
  std::string level;       ///< "0".."9" or "S"; SUSE's "boot" and "halt"
  std::string previous;    ///< the level left, "N" for none
  bool down = false;       ///< part of the machine's way down: level 0, 6 or "halt"
  bool unchanged = false;  ///< no change of level: rc returns at once and says nothing
  bool serial = false;     ///< one script at a time
  std::vector<Pass> passes;
  /// Level 0 and 6 only: the argv of the halt that rc becomes after the last pass.
  std::vector<std::string> hand_over;
  std::vector<LeftOut> left_out;
  /// One line each, ready for the console: broken cycles, unreadable files, edited scripts.
  std::vector<std::string> warnings;
};

/// What level S had left undone, for a dialect that boots from there.
enum class AfterSingle {
  kNothing,  ///< not coming from S, or not under init
  kDevices,  ///< only Dialect::after_single
  kBoot      ///< all: the machine has not booted
};

/// What init asked for, and what rc knows besides the tree.
struct Request {
  std::string level;
  std::string previous = "N";  ///< "N" unless a level is being left
  std::string init_halt;       ///< $INIT_HALT: "HALT", "POWEROFF" or empty
  AfterSingle after_single = {};
  /// Services whose stop is recorded complete by an earlier rc of this shutdown (0 <-> 6).
  std::vector<std::string> already_stopped = {};
};

/// The one decision about order. Never fails: what cannot be honoured is in `warnings`, what will
/// not run is in `left_out`.
Plan MakePlan(const Request& request, const Settings& settings, const Tree& tree);

}  // namespace curfew
