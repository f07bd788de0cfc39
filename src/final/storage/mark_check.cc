// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mark_check.h"

#include <algorithm>
#include <utility>

#include "config/limits.h"
#include "console/escape.h"
#include "final/storage/device_limits.h"
#include "final/storage/marked_device.h"
#include "final/storage/marks/read_mark.h"
#include "kernel/in_child.h"
#include "kernel/run_files.h"
#include "kernel/shared_memory.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The device with the superblock. One of btrfs has a number of its own and names its first device.
const BlockDevice* SuperblockOf(const StorageGraph& graph, const Mount& mount) {
  if (const BlockDevice* device = graph.FindNumber(mount.device)) return device;
  for (const std::string& number : graph.Below(mount.device))
    if (const BlockDevice* device = graph.FindNumber(number)) return device;
  return nullptr;
}

/// "logdev=/dev/sdb1", of xfs.
std::string LogOf(const StorageGraph& graph, const Mount& mount) {
  constexpr std::string_view kLog = "logdev=";
  for (const std::string_view option : Split(mount.super_options, ',')) {
    if (!option.starts_with(kLog)) continue;
    const auto path = UndoOctal(option.substr(kLog.size()));
    const BlockDevice* device =
        graph.FindDevice(std::string_view(path).substr(path.rfind('/') + 1));
    return device ? device->number : std::string();
  }
  return {};
}

std::string StateWord(const Mark& mark) {
  if (mark.state == MarkState::kClean) return "clean";
  if (mark.state == MarkState::kUnknown) return "unknown";
  return mark.from_before ? "before" : "dirty";
}

}  // namespace

MarkCheck::MarkCheck(StageContext& context, DeadDevices& dead, Reader read)
    : context_(context), dead_(dead), read_(std::move(read)) {
  if (read_) return;
  Files& files = context.kernel;
  read_ = [&files](const std::string& type, const std::string& number, const std::string& log) {
    return ReadMarkOf(files, type, number, log);
  };
}

void MarkCheck::Watch(const std::vector<Mount>& mounts, const StorageGraph& graph) {
  if (context_.request.container) return;
  graph_ = graph;
  for (const Mount& mount : mounts) {
    const bool known = std::any_of(watched_.begin(), watched_.end(), [&](const Watched& watched) {
      return watched.device == mount.device;
    });
    if (known || mount.SuperReadOnly() || !HasMark(mount.type)) continue;
    const BlockDevice* device = SuperblockOf(graph, mount);
    if (!device) continue;
    watched_.push_back({mount.device, mount.target, mount.type, device->number, LogOf(graph, mount),
                        device->Title()});
  }
}

void MarkCheck::Prove(const std::set<std::string>& closed) {
  if (!watched_.empty()) ReadAll(TakeClosed(closed));
}

void MarkCheck::Prove(const std::vector<HiddenFileSystem>& hidden) {
  if (hidden.empty()) return;
  graph_ = ReadStorage(context_.kernel);
  std::vector<Watched> due;
  for (const HiddenFileSystem& found : hidden) {
    const std::string type = found.name.substr(0, found.name.find(' '));
    const BlockDevice* device = graph_.FindNumber(found.number);
    if (device && HasMark(type))
      due.push_back({found.number, "", type, found.number, "", device->Title()});
  }
  ReadAll(due);
}

void MarkCheck::Prove(const std::vector<Teardown>& taken_down, const StorageGraph& graph) {
  std::vector<Watched> due;
  for (const auto& [device, error] : taken_down) {
    const bool raid = device.kind == DeviceKind::kRaid;
    if (error || (!raid && device.kind != DeviceKind::kMapped)) continue;
    for (const std::string& number : graph.Below(device))
      if (const BlockDevice* part = graph.FindNumber(number); part && !dead_.Contains(number))
        due.push_back({.device = number,
                       .target = device.Title(),
                       .type = raid ? "md" : "dm-cache",
                       .number = number,
                       .log = {},
                       .name = part->Title(),
                       .below = true});
  }
  if (due.empty()) return;
  graph_ = graph;
  ReadAll(due);
}

/// Takes those out of the list that are closed as far as the kernel shows. One that is in no mount
/// of this namespace may still be active in another one.
std::vector<MarkCheck::Watched> MarkCheck::TakeClosed(const std::set<std::string>& closed) {
  std::vector<Watched> due, open;
  const StorageGraph now = ReadStorage(context_.kernel);
  if (now.mounts.empty()) return {};
  std::set<std::string> hidden;
  for (const HiddenFileSystem& found : HiddenFileSystems(context_.kernel, now))
    hidden.insert(found.number);
  for (Watched& watched : watched_) {
    bool is_mounted = false, is_writable = false;
    for (const Mount& mount : now.mounts) {
      if (mount.device != watched.device) continue;
      is_mounted = true;
      is_writable = is_writable || !mount.SuperReadOnly();
    }
    watched.gone = !is_mounted;
    const bool is_open = !closed.contains(watched.device) &&
                         (is_writable || (watched.gone && hidden.contains(watched.number)));
    (is_open ? open : due).push_back(std::move(watched));
  }
  watched_ = std::move(open);
  std::erase_if(due, [&](const Watched& watched) {
    return dead_.Contains(watched.device) || dead_.Contains(watched.number);
  });
  return due;
}

void MarkCheck::ReadAll(const std::vector<Watched>& due) {
  if (due.empty()) return;
  DeviceLimits device_limits(context_.kernel, graph_);
  const SharedArray<Mark> marks(due.size());
  if (!marks) return;
  const auto errors = EachInChild(
      context_.kernel,
      {.count = due.size(),
       .limit = limits::kDisk,
       .limit_of = [&](std::size_t i) { return device_limits.Of(due[i].number); },
       .call =
           [&](std::size_t i) {
             marks[i] = read_(due[i].type, due[i].number, due[i].log);
             return std::error_code();
           },
       .resource = [&](std::size_t i) { return due[i].number; },
       .timed_out = [&](std::size_t i) { dead_.Add(due[i].device, due[i].target, due[i].name); }});
  for (std::size_t i = 0; i < due.size(); ++i) Tell(due[i], errors[i] ? kUnknownMark : marks[i]);
}

void MarkCheck::Tell(const Watched& watched, const Mark& mark) {
  if (watched.below && mark.state == MarkState::kUnknown) return;
  const std::string what = watched.type + " on " + watched.name;
  const std::string name = watched.target.empty() ? what : watched.target + ": " + what;
  context_.report.Event("mark", {{"target", watched.target.empty() ? what : watched.target},
                                 {"type", watched.type},
                                 {"device", watched.name},
                                 {"state", StateWord(mark)},
                                 {"why", mark.why}});
  const bool is_dirty = mark.state == MarkState::kDirty && !mark.from_before;
  if (is_dirty) context_.report.Say(name + " is not clean: " + mark.why);
  // Of one that is gone another namespace may have it in use: then the mark is of now.
  if (mark.state == MarkState::kDirty && mark.from_before && !watched.gone && !watched.below)
    context_.report.Say(name + " was not clean when it was mounted: " + mark.why);
  if (mark.state != MarkState::kUnknown) Record(name, is_dirty ? mark.why : "");
}

/// For the closing line of this halt or a later one; what is clean by now is taken out.
void MarkCheck::Record(const std::string& name, const std::string& why) {
  if (!context_.request.in_shutdown) return;
  const auto kept = context_.kernel.Read(run_files::kUnwritten).value;
  const std::string begin = Escaped(name + " (");
  std::string text;
  for (const std::string_view line : Lines(kept))
    if (!line.starts_with(begin)) text += std::string(line) + "\n";
  if (!why.empty()) text += begin + Escaped(why + ")") + "\n";
  if (text != kept) (void)ReplaceFile(context_.kernel, run_files::kUnwritten, text);
}

}  // namespace curfew
