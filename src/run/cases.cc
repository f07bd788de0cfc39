// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/cases.h"

namespace curfew {
namespace {

/// Each costs no more than what the look waits for one process, and the run goes on meanwhile.
constexpr int kMostCuts = 5;

}  // namespace

void Cases::Hear(const Probe::Answer& answer, Listener& listener) {
  std::erase_if(open_, [&](Case& c) {
    const bool whole = answer.processes.contains(c.key);
    if (!whole && (answer.cut != c.key || ++c.cut < kMostCuts)) return false;
    const auto found = answer.evidence.find(c.key);
    if (found != answer.evidence.end()) listener.On(Evidence{*c.script, found->second});
    return true;
  });
}

}  // namespace curfew
