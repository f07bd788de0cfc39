// SPDX-License-Identifier: GPL-2.0-or-later
// What halt reads of the kernel and of disks.
#include <set>
#include <sstream>

#include "final/context/background.h"
#include "final/pid1.h"
#include "final/processes/skip_list.h"
#include "final/processes/upstart.h"
#include "final/stages/stages.h"
#include "final/storage/dead_devices.h"
#include "final/storage/device_limits.h"
#include "final/storage/device_users.h"
#include "final/storage/marks/read_mark.h"
#include "final/storage/marks/sparse_image.h"
#include "final/storage/mount_plan.h"
#include "final/storage/stack.h"
#include "final/storage/storage_graph.h"
#include "final/storage/unwritten.h"
#include "final_stage_test.h"
#include "fuzz.h"
#include "kernel/container.h"
#include "run/process_scan.h"
#include "text/text.h"
#include "trace/asker.h"

namespace curfew::final_fuzz {

/// As the kernel writes names in procfs.
static std::string Octal(std::string_view text) {
  std::string line;
  for (const char c : text) {
    char octal[8];
    std::snprintf(octal, sizeof octal, "\\%03o", c);
    line += IsBlank(c) || c == '\\' ? std::string(octal) : std::string(1, c);
  }
  return line;
}

static std::string Line(const Mount& mount) {
  const bool seems_deleted = mount.target.ends_with("//deleted");
  return std::to_string(mount.id) + " " + std::to_string(mount.parent) + " " + mount.device +
         " / " + Octal(mount.target + (seems_deleted ? "//deleted" : "")) + " " + mount.options +
         " - " + Octal(mount.type) + " " + Octal(mount.source) + " " + mount.super_options + "\n";
}

FUZZ("mountinfo", text) {
  HOLDS(UndoOctal(text).size() <= text.size());
  HOLDS(UndoOctal(Octal(text)) == text);
  const std::vector<Mount> mounts = ParseMountInfo(text);
  std::string first, second;
  for (const Mount& mount : mounts) first += Line(mount);
  for (const Mount& mount : ParseMountInfo(first)) second += Line(mount);
  HOLDS(first == second);
  (void)NetdevTargets(text);
  const auto network = NetworkMounts(mounts, NetdevTargets(text), AlsoUnmount::kKernelInterfaces);
  const auto unmountable = Unmountable(mounts);
  HOLDS(unmountable.size() <= mounts.size() && network.size() <= unmountable.size());
  HOLDS(WritableDisks(unmountable, mounts).size() <= mounts.size());
  HOLDS(SharedMemory(mounts).size() <= mounts.size());
}

FUZZ("swaps", text) {
  const std::vector<SwapArea> first = ParseSwaps(text);
  std::string again;
  for (const SwapArea& area : first)
    again += Octal(area.path) + (area.is_file ? " file" : " partition") + " 1 " +
             std::to_string(area.used_kib) + " -2\n";
  const std::vector<SwapArea> second = ParseSwaps(again);
  HOLDS(first.size() == second.size());
  for (std::size_t i = 0; i < first.size(); ++i)
    HOLDS(first[i].path == second[i].path && first[i].is_file == second[i].is_file &&
          first[i].used_kib == second[i].used_kib);
}

FUZZ("stat", text) {
  const auto first = ParseStat(text);
  (void)BitSet(std::string(text), "SigCgt");
  if (!first) return;
  std::ostringstream line;
  line << first->pid << " (" << first->name << ") " << first->state << ' ' << first->parent << ' '
       << first->group << ' ' << first->session << ' ' << first->terminal << " 0 "
       << (first->kernel_thread ? 0x00200000 : 0) << " 0 0 0 0 " << first->cpu << " 0 0 0 0 0 "
       << first->threads << " 0 " << first->start << " 0";
  const auto second = ParseStat(line.str());
  HOLDS(second && second->pid == first->pid && second->name == first->name);
  HOLDS(second->state == first->state && second->parent == first->parent);
  HOLDS(second->group == first->group && second->session == first->session);
  HOLDS(second->cpu == first->cpu && second->start == first->start);
  HOLDS(second->kernel_thread == first->kernel_thread && second->threads == first->threads);
}

/// What halt writes into /etc/adjtime is what hwclock(8) reads, whatever was in it.
FUZZ("adjtime", text) {
  StageTest test;
  test.kernel.files["/dev/rtc0"] = "";
  test.kernel.files["/etc/adjtime"] = text;
  ClockStage(test.context);
  FinishBackground(test.context);
  const std::string& written = test.kernel.files["/etc/adjtime"];
  HOLDS(Lines(written).size() == 3);
  HOLDS(written.ends_with("\nUTC\n") || written.ends_with("\nLOCAL\n"));
  HOLDS(written.find_first_not_of("0123456789-. \nUTCLOA") == written.npos);
}

/// An image as tests/vm/sparse-image writes it, read as each format.
FUZZ("marks", text) {
  SparseImage image;
  std::istringstream lines{std::string(text)};
  if (!image.Read(lines)) return;
  for (const char* type : {"ext4", "xfs", "btrfs", "vfat", "f2fs", "md", "dm-cache", "tmpfs"}) {
    image.reads = 0;
    image.read_bytes = 0;
    const MarkReader reader = image.Reader();
    const Mark mark = ReadMark(type, reader, &reader);
    HOLDS(image.reads < 150 && image.read_bytes < 2 << 20);
    HOLDS((mark.state == MarkState::kDirty) == (*mark.why != '\0'));
    HOLDS(HasMark(type) || mark.state == MarkState::kUnknown);
  }
}

/// The files of procfs and sysfs that an input describes, and the directories in which they are.
static void Describe(std::string_view input, ScriptedKernel* kernel) {
  std::set<std::string> known;
  for (const fuzz::File& file : fuzz::FilesIn(input)) {
    (file.is_link ? kernel->links : kernel->files)[file.path] = file.text;
    for (std::string path = file.path; path.rfind('/') != path.npos && known.insert(path).second;) {
      const std::string name = path.substr(path.rfind('/') + 1);
      path.resize(path.rfind('/'));
      if (!name.empty()) kernel->dirs[path].push_back(name);
    }
  }
}

/// /proc/self/mountinfo, /proc/swaps, /sys/class/block, md, dm, zram, exports.
FUZZ("storage", input) {
  ScriptedKernel kernel;
  Describe(input, &kernel);
  const StorageGraph graph = ReadStorage(kernel);
  const DeviceUsers users(graph, ReadKernelOpens(kernel));
  DeviceLimits limits(kernel, graph);
  std::set<std::string> numbers{"8:1"};
  for (const Mount& mount : graph.mounts) numbers.insert(mount.device);
  for (const BlockDevice& device : graph.devices) numbers.insert(device.number);
  for (const std::string& number : numbers) {
    HOLDS(!graph.CarriersOf(number).contains(number));
    HOLDS(limits.Of(number).count() > 0);
    (void)users.Of(number);
    (void)graph.UsersOf(number);
    (void)DisksBelow(graph, number);
    (void)UnwrittenOf(kernel, graph, number);
    (void)WrittenKib(kernel, graph, number);
  }
  for (const SwapArea& swap : graph.swaps) (void)graph.HoldsStorage(swap);
  for (const Mount& mount : graph.mounts) (void)DeviceText(graph, mount);
  (void)HiddenFileSystems(kernel, graph);
  std::size_t carried = 0;
  for (const auto& step : graph.CarriedFirst(graph.mounts)) carried += step.size();
  HOLDS(carried == graph.mounts.size());
}

/// /proc/PID/stat, io, cmdline ..., /run/sendsigs.omit, a script and its pid files.
FUZZ("processes", input) {
  StageTest test;
  Describe(input, &test.kernel);
  std::vector<ProcessInfo> processes;
  for (const std::string& name : test.kernel.dirs["/proc"])
    if (const auto process = ReadProcess(test.kernel, ParsePid(name)))
      processes.push_back(process.value);
  SkipList skipped(test.context, FuseUse::kMounted);
  skipped.Refresh();
  HOLDS(skipped.SkipEach(processes).size() == processes.size());
  for (const ProcessInfo& process : processes) HOLDS(process.pid != 1 || skipped.Skips(process));
  (void)StartedByPid1(test.kernel, FindAsker(test.kernel, 0));
  (void)Pid1(test.kernel).Name();
  (void)InContainer(test.kernel);
  (void)ParseJobs(input);
  const DeadDevices dead(test.context);
  for (const auto& [device, target] : dead.Targets()) HOLDS(dead.Contains(device));
  std::size_t found = 0;
  ProcessScan scan(test.kernel, "", {},
                   {.reads_process = [](pid_t) {},
                    .reads_script = [](int) {},
                    .process = [&](int, const ScannedProcess&) { ++found; },
                    .evidence = [](int, const std::string&) {},
                    .done = [](int) {}});
  using Purpose = ScanRequest::Purpose;
  for (const Purpose purpose : {Purpose::kProgress, Purpose::kDaemons, Purpose::kEvidence})
    scan.Run({{purpose, 1, "cups", "/etc/init.d/cups", 20, {}, {}}});
  HOLDS(found <= 3 * processes.size());
}

}  // namespace curfew::final_fuzz
