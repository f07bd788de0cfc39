// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "report/trace_events.h"

namespace curfew {

/// Who asked for a change of level, as a trace says: the event "asked".
struct RecordedRequest {
  std::string
      by;  ///< "init": the caller is not known; else the program that was called, "rc" or "halt"
  std::string command;
  std::string terminal;                     ///< "pts/0"; empty: none
  std::vector<std::string> from;            ///< "sudo[812]", the nearest first
  std::optional<long long> uid, login_uid;  ///< login_uid: of who logged in, also behind sudo
  std::optional<long long> before_us;       ///< from the call of halt to rc
};

RecordedRequest ReadRequest(const TraceEvent& event);

/// "asked by uid 1000 (as uid 0) on pts/0: poweroff; from sudo[812], bash[640]"
std::string RequestText(const RecordedRequest& request);
boost::json::object RequestJson(const RecordedRequest& request);

}  // namespace curfew
