// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/next_boot.h"

#include <sys/klog.h>

#include <algorithm>

#include "config/rooted.h"
#include "kernel/run_files.h"
#include "report/kept_runs.h"
#include "report/pstore.h"
#include "report/time_text.h"
#include "report/usual_times.h"
#include "report/verdict.h"
#include "text/text.h"
#include "trace/trace.h"

namespace curfew {
namespace {

/// A message about a file system that was in use when the machine ended. The device stands in it
/// after `before`, up to a blank, ")" or ":".
struct Sign {
  std::string_view text;
  std::string_view before;
  const char* what;
};

/// Linux 6.1: ext4/super.c, jbd2, xfs/xfs_log_recover.c, btrfs/disk-io.c, fat/inode.c.
constexpr Sign kKernelSigns[] = {
    {"): recovery complete", "EXT4-fs (", "journal replayed"},
    {"): recovery complete", "EXT3-fs (", "journal replayed"},
    {"): Starting recovery", "XFS (", "journal replayed"},
    {"): start tree-log replay", "device ", "log replayed"},
    {"): Volume was not properly unmounted", "FAT-fs (", "was not unmounted"},
};
/// e2fsck 1.47 (also behind the initramfs' fsck), fsck.fat 4.2.
constexpr Sign kCheckSigns[] = {
    {": recovering journal", "", "journal replayed"},
    {" was not cleanly unmounted, check forced", "", "was not unmounted"},
    {"Dirty bit is set", "", "was not unmounted"},
};

/// Bytes of a log that are read.
constexpr std::size_t kMostOfBootLog = 256 << 10;
constexpr int kReadAll = 3;     // SYSLOG_ACTION_READ_ALL of syslog(2)
constexpr int kSizeOfLog = 10;  // SYSLOG_ACTION_SIZE_BUFFER

std::string DeviceIn(std::string_view line, std::string_view before) {
  const auto at = line.find(before);
  if (at == line.npos) return "";
  line.remove_prefix(at + before.size());
  return std::string(line.substr(0, line.find_first_of(" ):")));
}

template <typename Signs>
void Find(std::string_view log, const Signs& signs, std::vector<std::string>* found) {
  for (const std::string_view line : Lines(log)) {
    for (const Sign& sign : signs) {
      if (line.find(sign.text) == line.npos || line.find(sign.before) == line.npos) continue;
      const std::string reason = DeviceIn(line, sign.before) + ": " + sign.what;
      if (!Contains(*found, reason)) found->push_back(reason);
    }
  }
}

std::string KernelLog() {
  const int size = klogctl(kSizeOfLog, nullptr, 0);
  std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  const int got = klogctl(kReadAll, text.data(), size);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

/// A check of an earlier boot tells nothing: its log is older than this boot.
std::vector<std::string> CheckLogs(Kernel& kernel, const std::string& root) {
  std::vector<std::string> logs;
  const long long boot_us = kernel.WallClock().count() - BootTimeMicroseconds();
  for (const char* file :
       {"/run/initramfs/fsck.log", "/var/log/fsck/checkroot", "/var/log/fsck/checkfs"}) {
    const auto path = ResolveBelow(root, file);
    const auto info = path ? kernel.Stat(path.value) : path.error;
    if (!info || info.value.st_mtime * 1000000LL < boot_us) continue;
    logs.push_back(kernel.ReadRegular(path.value, kMostOfBootLog).value);
  }
  return logs;
}

std::string Joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string LeftAlone(const RecordedRun& run) {
  std::vector<std::string> names;
  for (const RecordedScript& script : run.scripts)
    if (script.outcome == RecordedOutcome::kAbandoned) names.push_back(script.service);
  return names.empty() ? "" : "; left alone: " + Joined(names, ", ");
}

std::string Line(const RecordedRun& run) {
  std::string when;
  if (run.begin_us && run.wall_offset_us) {
    const long long wall_us = *run.begin_us + *run.wall_offset_us;
    when = " of " + DateText(wall_us) + " " + ClockText(wall_us).substr(0, 8);
  }
  return "the last shutdown" + when + ", level " + run.Level() + ": " + JudgeRun(run, false).text +
         LeftAlone(run);
}

/// Appends `lines` to the trace at `path`, which has `text`. Where the last line of it is torn,
/// they begin a new one.
std::error_code AppendLines(Kernel& kernel, const std::string& path, const std::string& text,
                            const std::string& lines) {
  const bool torn = !text.empty() && text.back() != '\n';
  return kernel.Append(path, (torn ? "\n" : "") + lines);
}

/// Appends to the trace what pstore holds of its end, and removes the records that halt asked for.
/// Where it fails they stay.
std::error_code JoinPstore(Kernel& kernel, const std::string& root, const RunSource& kept,
                           LoadedRun* loaded) {
  const PstoreEvents pstore = ReadPstore(kernel, root, kept.path);
  if (pstore.events.empty()) return {};
  const auto error = AppendLines(kernel, kept.path, loaded->trace.text, pstore.events);
  if (error) return error;
  for (const std::string& record : pstore.records) kernel.Unlink(record);
  auto again = LoadRun(kept);
  if (again) *loaded = std::move(again.value);
  return again.error;
}

}  // namespace

std::vector<std::string> SignsOfUse(const BootLogs& logs) {
  std::vector<std::string> found;
  Find(logs.kernel, kKernelSigns, &found);
  for (const std::string& check : logs.checks) Find(check, kCheckSigns, &found);
  return found;
}

NextBoot JudgeLastEnd(const RecordedRun& run, const BootLogs& logs) {
  const auto signs = SignsOfUse(logs);
  return {run.trace_end && signs.empty(), Joined(signs, "; ")};
}

NextBootAnswer TellNextBoot(Kernel& kernel, const std::string& root) {
  const auto runs = ListRuns(root, RunKind::kShutdowns);
  if (!runs || runs.value.empty() || runs.value.back().in_memory) return {};
  const std::string& path = runs.value.back().path;
  // The shutdown that goes on has no boot behind it.
  const auto link = ResolveBelow(root, run_files::kDirectory);
  if (link && kernel.ReadLink(link.value + "/kept").value == path) return {};
  auto loaded = LoadRun(runs.value.back());
  if (!loaded) return {"", path + ": " + loaded.error.message()};
  RecordedRun& run = loaded.value.run;
  if (!run.began || run.next_boot) return {};
  if (const auto error = JoinPstore(kernel, root, runs.value.back(), &loaded.value))
    return {"", path + ": " + error.message()};
  BootLogs logs{root.empty() ? KernelLog() : "", CheckLogs(kernel, root)};
  run.next_boot = JudgeLastEnd(run, logs);
  const std::string event = TraceLine("next-boot")
                                .Number("clean", run.next_boot->clean)
                                .Text("reason", run.next_boot->reason)
                                .Done();
  const auto error = AppendLines(kernel, path, loaded.value.trace.text, event);
  return {Line(run), error ? path + ": " + error.message() : ""};
}

std::error_code WriteUsual(Kernel& kernel, const std::string& root) {
  constexpr std::size_t kMost = 10;
  const auto path = ResolveBelow(root, run_files::kUsual);
  const auto runs = ListRuns(root, RunKind::kShutdowns);
  if (!path || !runs) return path ? runs.error : path.error;
  UsualTimes usual;
  const std::size_t count = runs.value.size();
  for (std::size_t i = count - std::min(count, kMost); i < count; ++i) {
    const auto loaded = LoadRun(runs.value[i], EventKinds::kWithoutOutput);
    if (loaded) usual.Add(loaded.value.run);
  }
  return ReplaceFile(kernel, path.value, UsualText(usual.All()));
}

}  // namespace curfew
