// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/trace_writer.h"

#include <signal.h>

#include <string>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "kernel/child.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "kernel/run_files.h"
#include "text/text.h"
#include "trace/kept_trace.h"
#include "trace/trace.h"

namespace curfew {
namespace {

using std::chrono::seconds;

/// The writer of this shutdown, if it lives; 0: none.
pid_t Writer(StageContext& context) {
  if (!context.heartbeat) return 0;
  const auto pid = static_cast<pid_t>((*context.heartbeat)->trace_writer.load());
  if (pid == 0) return 0;
  const auto process = ReadProcess(context.kernel, pid);
  return process && process.value.name == kTraceWriterName && !process.value.Ended() ? pid : 0;
}

/// The level that names a new copy; '\0': the trace in memory is none of a shutdown.
char Level(Kernel& kernel) {
  const char level = LevelOfTrace(kernel.Read(Trace::kPath).value);
  return level == '0' || level == '6' ? level : '\0';
}

/// --fast without rc begins a trace in the place of the last one.
void BeginTrace(StageContext& context) {
  Kernel& kernel = context.kernel;
  kernel.Unlink(run_files::kKept);
  kernel.Unlink(run_files::kStacks);
  (void)kernel.Create(Trace::kPath, "", kTraceMode);
  context.report.Event("begin",
                       {{"schema", std::to_string(kTraceSchema)},
                        {"wall_us", std::to_string(kernel.WallClock().count())},
                        {"level", context.request.ending == Ending::kRestart ? "6" : "0", true}});
}

std::error_code Update(StageContext& context) {
  Kernel& kernel = context.kernel;
  const char level = Level(kernel);
  return level == '\0' ? std::error_code() : UpdateKeptTrace(kernel, kernel.WallClock(), level);
}

void Live(Kernel& kernel, HeartbeatPage& page, char level) {
  kernel.SetCpuPriority(CpuPriority::kStages);
  while (page.phase != HeartbeatPage::kDone) {
    const auto error = UpdateKeptTrace(kernel, kernel.WallClock(), level);
    page.trace_error = static_cast<std::uint32_t>(error.value());
    kernel.Poll({}, seconds(1));
  }
}

/// False if it still lives: a disk that does not answer holds it.
bool End(Kernel& kernel, pid_t writer) {
  const auto pidfd = kernel.PidfdOpen(writer);
  if (!pidfd) return IsGone(pidfd.error);
  kernel.PidfdSignal(pidfd.value, SIGKILL);
  pollfd ended{pidfd.value, POLLIN, 0};
  const auto ready = kernel.Poll({&ended, 1}, limits::kTraceWriter);
  kernel.Close(pidfd.value);
  return ready && ready.value > 0;
}

/// Whether the files of kKeptTraces lie on a file system other than /.
bool OnOwnFileSystem(Kernel& kernel) {
  std::string target;
  for (const Mount& mount : ReadMounts(kernel)) {
    if (IsWithin(kKeptTraces, mount.target)) target = mount.target;
  }
  return !target.empty() && target != "/";
}

}  // namespace

void TraceStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  if (context.request.without_rc) BeginTrace(context);
  if (!context.heartbeat || !context.request.sync || Writer(context) != 0) return;
  const char level = Level(kernel);
  if (level == '\0') return;
  HeartbeatPage& page = *context.heartbeat->page();
  const auto pid = StartDaemon(kernel, kTraceWriterName, {context.heartbeat->fd()},
                               [&] { Live(kernel, page, level); });
  if (!pid) return context.report.Say("no trace writer: " + pid.error.message());
  page.trace_writer = static_cast<std::uint32_t>(pid.value);
}

std::error_code WriteKeptTrace(StageContext& context) {
  if (Writer(context) == 0) return Update(context);
  const auto error = static_cast<int>((*context.heartbeat)->trace_error.load());
  return {error, std::generic_category()};
}

void CloseKeptTrace(StageContext& context, bool before_unmount) {
  Kernel& kernel = context.kernel;
  if (!context.request.in_shutdown || !context.request.sync) return;
  if (before_unmount && !OnOwnFileSystem(kernel)) return;
  context.report.Event("trace-end", {});
  if (const pid_t writer = Writer(context); writer != 0 && !End(kernel, writer)) return;
  (void)InChild(kernel, limits::kTraceWriter, [&] { return Update(context); });
}

}  // namespace curfew
