// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/recorded_request.h"

#include <boost/json.hpp>

#include "report/json_text.h"
#include "report/time_text.h"

namespace curfew {
namespace {

/// A call that init took longer to act on is told with its time.
constexpr long long kLong = 5000000;

std::string User(std::optional<long long> uid) {
  return uid ? "uid " + std::to_string(*uid) : "somebody";
}

}  // namespace

RecordedRequest ReadRequest(const TraceEvent& event) {
  RecordedRequest request;
  request.by = event.Text("by");
  request.command = event.Text("command");
  request.terminal = event.Text("terminal");
  request.from = event.Texts("from");
  request.uid = event.Number("uid");
  request.login_uid = event.Number("login_uid");
  request.before_us = event.Time("before_us");
  return request;
}

std::string RequestText(const RecordedRequest& request) {
  if (request.by == "init") return "asked through init";
  const bool as_other = request.login_uid && request.login_uid != request.uid;
  std::string text = "asked by " + User(as_other ? request.login_uid : request.uid);
  if (as_other) text += " (as " + User(request.uid) + ")";
  if (!request.terminal.empty()) text += " on " + request.terminal;
  if (!request.command.empty()) text += ": " + request.command;
  for (std::size_t i = 0; i < request.from.size(); ++i)
    text += (i == 0 ? "; from " : ", ") + request.from[i];
  if (request.before_us.value_or(0) >= kLong)
    text += "; " + DurationText(*request.before_us) + " before";
  return text;
}

boost::json::object RequestJson(const RecordedRequest& request) {
  return {{"by", request.by},
          {"command", request.command},
          {"terminal", request.terminal},
          {"from", boost::json::array(request.from.begin(), request.from.end())},
          {"uid", JsonNumber(request.uid)},
          {"login_uid", JsonNumber(request.login_uid)},
          {"before_us", JsonNumber(request.before_us)}};
}

}  // namespace curfew
