// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "report/recorded_run.h"

namespace curfew {

enum class VerdictKind {
  kClean,    ///< a shutdown ended as planned, and the next boot found nothing wrong
  kUnclean,  ///< the machine ended before its shutdown, or lost something
  kEnded,    ///< a shutdown ended as planned, and nothing says yet what it left
  kDone,     ///< a boot, or another change of level, came to its end
  kGoingOn,
  kUnknown,
};

/// What is sure of how a run ended. A trace with a gap is never called clean.
struct Verdict {
  VerdictKind kind = VerdictKind::kUnknown;
  std::string text;  ///< one line for people: "unclean: reset or power lost in stage unmount"
};

/// "clean", "unclean", "ended", "done", "going-on", "unknown"
const char* VerdictWord(VerdictKind kind);

/// `in_memory`: the trace is that of this boot, so the machine has not lost power since.
Verdict JudgeRun(const RecordedRun& run, bool in_memory);

/// What the run was at when its trace stopped: "waiting for cups (K02cups), for at least 34 s".
std::string LastSeenAt(const RecordedRun& run);

/// The scripts that ran when the trace stopped and that the run waited for, the first to begin
/// first.
std::vector<const RecordedScript*> WaitedFor(const RecordedRun& run);

}  // namespace curfew
