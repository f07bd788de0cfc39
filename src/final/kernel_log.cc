// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/kernel_log.h"

#include <algorithm>

#include "final/console_report.h"
#include "kernel/run_files.h"
#include "trace/kept_trace.h"

namespace curfew {
namespace {

constexpr char kLog[] = "/dev/kmsg";
/// Debug, the one level that the kernel's default loglevel, 7, keeps from consoles (syslog(2)).
constexpr char kLevel[] = "<7>";
/// pstore keeps 10 KB of the log's end by default (kmsg_bytes of fs/pstore/platform.c).
constexpr int kMostLines = 64;
/// Without it the log of an oops or a panic alone goes to pstore (kernel/printk/printk.c).
constexpr char kAlwaysDump[] = "/sys/module/printk/parameters/always_kmsg_dump";

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
  if (!IsNoise(name)) Write(name, fields);
  if (ValueOf(fields, "stage") != "power") return;
  if (name == "stage-start") KeepLog();
  if (name == "stage-end") ForgetLog();
}

void KernelLog::Write(std::string_view name, std::initializer_list<EventField> fields) {
  if (++lines_ > kMostLines) return;
  if (mark_.empty()) mark_ = KernelLogMark(kernel_.ReadLink(run_files::kKept).value);
  // A descriptor of its own for each line: the kernel drops lines of one that come fast. The kernel
  // refuses a line over 1000 bytes; that event is lost.
  if (!mark_.empty()) (void)kernel_.Write(kLog, kLevel + mark_ + EventLine(name, fields).Done());
}

void KernelLog::KeepLog() {
  if (!unclean_ || !request_.settings.pstore) return;
  const auto before = kernel_.Read(kAlwaysDump);
  if (!before || before.value.starts_with('Y')) return;
  if (kernel_.Write(kAlwaysDump, "Y")) return;
  dumps_before_ = before.value;
  Write("pstore", {});
}

/// The machine goes on.
void KernelLog::ForgetLog() {
  if (!dumps_before_.empty()) (void)kernel_.Write(kAlwaysDump, dumps_before_);
  dumps_before_.clear();
}

}  // namespace curfew
