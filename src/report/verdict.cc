// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/verdict.h"

#include <algorithm>

namespace curfew {
namespace {

/// What says that something was lost, though the machine came to its planned end.
std::string Loss(const RecordedRun& run) {
  for (const Finding& finding : run.findings)
    if (finding.what == "closing") return finding.text;
  for (const Finding& finding : run.findings) {
    if (finding.what == "unwritten") return finding.text + " is not written";
    if (finding.what == "read-only") return finding.text + " did not become read-only";
    if (finding.what == "mark") return finding.text + " is not clean";
    if (finding.what == "dead") return finding.text + " did not answer";
  }
  return "";
}

std::string Gap(const RecordedRun& run) {
  if (run.cut_off) return "only the first 64 MiB of its trace were read";
  if (run.dropped > 0) return "its trace has more than one run can have";
  if (run.damage.unreadable == 1) return "a line of its trace cannot be read";
  if (run.damage.unreadable > 1) {
    return std::to_string(run.damage.unreadable) + " lines of its trace cannot be read";
  }
  return run.damage.torn ? "the last line of its trace is torn" : "";
}

/// Of a shutdown whose trace has its planned end.
Verdict JudgeEnd(const RecordedRun& run) {
  if (run.next_boot && !run.next_boot->clean) {
    return {VerdictKind::kUnclean,
            "unclean: " + (run.next_boot->reason.empty() ? "the next boot gives no reason"
                                                         : run.next_boot->reason)};
  }
  const std::string loss = Loss(run);
  if (!loss.empty()) return {VerdictKind::kUnclean, "unclean: " + loss};
  const std::string gap = Gap(run);
  if (!gap.empty()) return {VerdictKind::kEnded, "ended as planned; not called clean: " + gap};
  if (!run.next_boot) {
    return {VerdictKind::kEnded, "ended as planned; no boot has looked at it yet"};
  }
  return {VerdictKind::kClean, "clean"};
}

/// Why the dead-man ended the machine; empty: it did not.
std::string ForcedEnd(const RecordedRun& run) {
  const auto found = std::find_if(run.findings.begin(), run.findings.end(),
                                  [](const Finding& f) { return f.what == "dead-man-end"; });
  return found == run.findings.end() ? "" : found->text;
}

/// Of one that stopped on the way.
Verdict JudgeBreak(const RecordedRun& run) {
  const std::string at = LastSeenAt(run);
  if (run.cut_off) return {VerdictKind::kUnknown, "not known: " + Gap(run)};
  if (run.schema == 0) {
    return {VerdictKind::kUnknown,
            "not known: a trace of this age does not say how it ended; this one stops " + at};
  }
  if (run.next_boot && run.next_boot->clean) {
    return {VerdictKind::kUnknown,
            "not known: the trace stops " + at + ", but the next boot found nothing wrong"};
  }
  const std::string forced = ForcedEnd(run);
  std::string text = "unclean: " + (forced.empty() ? "reset or power lost " + at
                                                   : "ended by the dead-man, " + forced);
  if (run.next_boot && !run.next_boot->reason.empty()) text += "; " + run.next_boot->reason;
  return {VerdictKind::kUnclean, text};
}

Verdict JudgeBoot(const RecordedRun& run) {
  if (!run.scripts_end) return JudgeBreak(run);
  const std::string gap = Gap(run);
  return {VerdictKind::kDone, gap.empty() ? "done" : "done; " + gap};
}

}  // namespace

const char* VerdictWord(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kClean:
      return "clean";
    case VerdictKind::kUnclean:
      return "unclean";
    case VerdictKind::kEnded:
      return "ended";
    case VerdictKind::kDone:
      return "done";
    case VerdictKind::kGoingOn:
      return "going-on";
    case VerdictKind::kUnknown:
      break;
  }
  return "unknown";
}

Verdict JudgeRun(const RecordedRun& run, bool in_memory) {
  const bool done = !run.IsShutdown() && run.scripts_end;
  if (in_memory && !done) return {VerdictKind::kGoingOn, "goes on, " + LastSeenAt(run)};
  if (!run.IsShutdown()) return JudgeBoot(run);
  return run.trace_end ? JudgeEnd(run) : JudgeBreak(run);
}

std::vector<const RecordedScript*> WaitedFor(const RecordedRun& run) {
  std::vector<const RecordedScript*> scripts;
  for (const RecordedScript& script : run.scripts) {
    if (script.outcome == RecordedOutcome::kRunning) scripts.push_back(&script);
  }
  std::stable_sort(scripts.begin(), scripts.end(),
                   [](const auto* a, const auto* b) { return *a->start_us < *b->start_us; });
  return scripts;
}

std::string LastSeenAt(const RecordedRun& run) {
  const auto scripts = WaitedFor(run);
  // Stages that start the guards of a shutdown run before its first script.
  const bool among_scripts = !run.scripts_end && !run.scripts.empty();
  if (!run.stages.empty() && !among_scripts) {
    const RecordedStage& stage = run.stages.back();
    return (stage.took_us ? "after stage " : "in stage ") + stage.name;
  }
  if (run.scripts_end) return "after the last script";
  if (scripts.empty()) return "between two scripts";
  const RecordedScript& first = *scripts.front();
  std::string text = "while waiting for " + first.service;
  if (!first.link.empty()) text += " (" + first.link + ")";
  if (!first.stages.empty()) text += ", which is stage " + first.stages;
  if (scripts.size() > 1) text += " and " + std::to_string(scripts.size() - 1) + " more";
  const long long seconds = std::max(0LL, run.last_us.value_or(0) - *first.start_us) / 1000000;
  return seconds > 0 ? text + ", for at least " + std::to_string(seconds) + " s" : text;
}

}  // namespace curfew
