// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/kernel_log.h"

#include <algorithm>

#include "final/console_report.h"
#include "final/guard/kept_log.h"

namespace curfew {
namespace {

/// pstore keeps 10 KB of the log's end by default (kmsg_bytes of fs/pstore/platform.c).
constexpr int kMostLines = 64;

bool IsNoise(std::string_view name) {
  return name == "stage-start" || name == "trace-end" || name == "begin";
}

std::string ValueOf(std::initializer_list<EventField> fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const EventField& field) { return field.key == key; });
  return found == fields.end() ? "" : found->value;
}

}  // namespace

/// After a hand-over the trace is closed from the beginning on: rc's stages have done it.
KernelLog::KernelLog(Kernel& kernel, Report& report, const FinalRequest& request)
    : kernel_(kernel),
      report_(report),
      request_(request),
      closed_(request.last && request.in_shutdown && !request.without_rc) {}

void KernelLog::Event(std::string_view name, std::initializer_list<EventField> fields) {
  report_.Event(name, fields);
  if (request_.container) return;
  closed_ = closed_ || name == "trace-end";
  if (!closed_) return;
  if (name == "closing") unclean_ = !ValueOf(fields, "left").empty();
  if (!IsNoise(name) && ++lines_ <= kMostLines) LogEvent(kernel_, EventLine(name, fields));
  if (ValueOf(fields, "stage") != "power") return;
  if (name == "stage-start" && unclean_ && request_.settings.pstore) before_ = KeepLog(kernel_);
  if (name == "stage-end") ForgetLog(kernel_, before_);
}

}  // namespace curfew
