// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>
#include <utmp.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

#include "config/limits.h"
#include "final/guard/trace_writer.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_progress.h"
#include "kernel/in_child.h"
#include "trace/kept_trace.h"

namespace curfew {
namespace {

constexpr const char* kWtmp = "/var/log/wtmp";

/// Writes `text` at the front of a field; the rest of the field stays zero, from record{}.
template <size_t N>
void Put(char (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

/// The bytes of the wtmp record that says "shutdown" to last(1): type RUN_LVL, line and id "~~",
/// user "shutdown", host the kernel's release (utmp.c of sysvinit 3.06).
std::string ShutdownRecord(std::chrono::microseconds wall_clock, const std::string& release) {
  utmp record{};
  record.ut_type = RUN_LVL;
  Put(record.ut_line, "~~");
  Put(record.ut_id, "~~");
  Put(record.ut_user, "shutdown");
  Put(record.ut_host, release);
  // On many machines both fields have 32 bits, although time_t has 64 (utmp(5)).
  record.ut_tv.tv_sec = static_cast<decltype(record.ut_tv.tv_sec)>(wall_clock.count() / 1000000);
  record.ut_tv.tv_usec = static_cast<decltype(record.ut_tv.tv_usec)>(wall_clock.count() % 1000000);
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

struct Entry {
  const char* path;
  const char* what;
  std::function<std::error_code()> write;
};

/// The disk below /var/log is asked once in a shutdown: one that an earlier stage found dead is
/// left alone, and one that is dead here costs the next stages nothing.
std::vector<std::error_code> WriteEach(StageContext& context, const std::vector<Entry>& entries) {
  Kernel& kernel = context.kernel;
  const StorageGraph graph = ReadStorage(kernel);
  const Mount* mount = graph.MountOf(kWtmp);
  DeadDevices dead(context);
  DeviceLimits device_limits(kernel, graph);
  DeviceProgress progress(context, graph, "writing");
  const auto timed_out = std::make_error_code(std::errc::timed_out);
  if (mount && dead.Contains(mount->device)) return {entries.size(), timed_out};
  return EachInChild(
      kernel,
      {.count = entries.size(),
       .limit = mount ? device_limits.Of(mount->device) : limits::kDisk,
       .call = [&](std::size_t i) { return entries[i].write(); },
       .resource = [](std::size_t) { return "/var/log"; },
       .timed_out =
           [&](std::size_t) {
             if (mount) dead.Add(*mount);
           },
       .made_progress = [&](std::size_t) { return mount && progress.Made(mount->device); }});
}

}  // namespace

void RecordStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  const FinalRequest& request = context.request;
  std::vector<Entry> entries;
  const auto record = ShutdownRecord(kernel.WallClock(), kernel.Release());
  if (request.record)
    entries.push_back(
        {kWtmp, "no shutdown record", [&] { return kernel.AppendRecord(kWtmp, record); }});
  if (request.in_shutdown && request.sync)
    entries.push_back(
        {kKeptTraces, "the trace is not kept", [&] { return WriteKeptTrace(context); }});
  const auto errors = WriteEach(context, entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!errors[i] || errors[i] == std::errc::no_such_file_or_directory ||
        errors[i] == std::errc::operation_canceled)
      continue;
    context.report.Say(std::string(entries[i].path) + ": " + entries[i].what + ": " +
                       errors[i].message());
  }
}

}  // namespace curfew
