// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/kept_log.h"

#include "kernel/kernel.h"
#include "kernel/run_files.h"
#include "trace/kept_trace.h"

namespace curfew {
namespace {

constexpr char kLog[] = "/dev/kmsg";
/// Debug, the one level that the kernel's default loglevel, 7, keeps from consoles (syslog(2)).
constexpr char kLevel[] = "<7>";
/// Without it the log of an oops or a panic alone goes to pstore (kernel/printk/printk.c).
constexpr char kAlwaysDump[] = "/sys/module/printk/parameters/always_kmsg_dump";

}  // namespace

// A descriptor of its own for each line: the kernel drops lines of one that come fast. The kernel
// refuses a line over 1000 bytes; that event is lost.
void LogEvent(Kernel& kernel, const JsonLine& event) {
  const std::string mark = KernelLogMark(kernel.ReadLink(run_files::kKept).value);
  if (!mark.empty()) (void)kernel.Write(kLog, kLevel + mark + event.Done());
}

std::string KeepLog(Kernel& kernel) {
  const auto before = kernel.Read(kAlwaysDump);
  if (!before || before.value.starts_with('Y') || kernel.Write(kAlwaysDump, "Y")) return "";
  LogEvent(kernel, TraceLine("pstore"));
  return before.value;
}

void ForgetLog(Kernel& kernel, const std::string& before) {
  if (!before.empty()) (void)kernel.Write(kAlwaysDump, before);
}

}  // namespace curfew
