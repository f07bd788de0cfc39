// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "report/trace_events.h"

namespace curfew {

/// Who an event is about: the service, else "halt" for an event of a stage, "rc" for the others.
std::string EventSubject(const TraceEvent& event);

/// What happened, in words: "began, process 812"; of output the text itself. Not safe for a
/// terminal. Unknown events have their name and their fields.
std::string EventText(const TraceEvent& event);

}  // namespace curfew
