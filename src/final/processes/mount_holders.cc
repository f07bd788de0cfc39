// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/mount_holders.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "config/limits.h"
#include "final/storage/mount_plan.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Names in one line.
constexpr std::size_t kMostNames = 3;

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
    text += (text.empty() ? "" : ", ") + names[i];
  const auto more = names.size() - std::min(names.size(), kMostNames);
  return more > 0 ? text + " and " + std::to_string(more) + " more" : text;
}

std::vector<ProcessInfo> AllProcesses(Kernel& kernel) {
  std::vector<ProcessInfo> processes;
  for (const std::string& name : kernel.List("/proc").value) {
    const pid_t pid = ParsePid(name);
    if (pid == 0 || pid == kernel.Self()) continue;
    if (auto process = ReadProcess(kernel, pid); process && !process.value.kernel_thread)
      processes.push_back(std::move(process.value));
  }
  return processes;
}

/// Whether it is a file's path, and not of memory that only looks like a file.
bool IsNamed(const std::string& path) {
  constexpr std::array<std::string_view, 4> kNoFiles{"/memfd:", "/SYSV", "/dev/zero", "/[aio]"};
  return path.starts_with('/') &&
         std::none_of(kNoFiles.begin(), kNoFiles.end(),
                      [&](std::string_view prefix) { return path.starts_with(prefix); });
}

/// What a child found of one process: for each mount that it keeps one path, as far as there is
/// room.
struct Finding {
  struct Kept {
    std::size_t mount;
    char path[120];
  };
  std::size_t count = 0;
  Kept kept[4];
};

/// Looks for the files of one process that keep a mount. Runs in a child.
class ProcessFiles {
 public:
  ProcessFiles(Files& files, const StorageGraph& graph, const std::vector<Mount>& mounts,
               MountHolders::Use use, pid_t pid)
      : files_(files),
        graph_(graph),
        mounts_(mounts),
        writing_(use == MountHolders::Use::kWriting),
        dir_("/proc/" + std::to_string(pid)) {}

  Finding Find() {
    // Its paths are those of its own namespace.
    const auto space = files_.ReadLink(dir_ + "/ns/mnt");
    if (space && space.value != files_.ReadLink("/proc/self/ns/mnt").value) return finding_;
    for (const std::string& fd : files_.List(dir_ + "/fd").value) AddOpen(fd);
    for (const char* link : {"/cwd", "/root", "/exe"}) AddPath(files_.ReadLink(dir_ + link).value);
    // Asked last, because it waits for the memory lock of the process.
    const auto maps = files_.Read(dir_ + "/maps").value;
    for (const std::string_view line : Lines(maps))
      if (const auto path = line.find('/'); path != line.npos)
        AddPath(std::string(line.substr(path)));
    return finding_;
  }

 private:
  /// The mount of an open file is known by its id: another one may be at its path by now.
  void AddOpen(const std::string& fd) {
    const auto path = files_.ReadLink(dir_ + "/fd/" + fd).value;
    if (!IsNamed(path)) return;
    const auto info = files_.Read(dir_ + "/fdinfo/" + fd).value;
    constexpr unsigned kAccess = 3;  // O_ACCMODE; the file has octal digits.
    const auto flags = NumberAfter(info, "flags"), id = NumberAfter(info, "mnt_id");
    const auto found =
        std::find_if(graph_.mounts.begin(), graph_.mounts.end(),
                     [&](const Mount& mount) { return id && mount.id == static_cast<int>(*id); });
    Add(path, found == graph_.mounts.end() ? graph_.MountOf(path) : &*found,
        flags && (*flags & kAccess) != 0);
  }

  void AddPath(const std::string& path) {
    if (IsNamed(path)) Add(path, graph_.MountOf(path), false);
  }

  void Add(const std::string& path, const Mount* mount, bool for_writing) {
    if (!mount) return;
    for (std::size_t i = 0; i < mounts_.size() && finding_.count < std::size(finding_.kept); ++i) {
      if (writing_ ? mounts_[i].device != mount->device : mounts_[i].id != mount->id) continue;
      if (writing_ && !path.ends_with(" (deleted)") && !for_writing) continue;
      const auto end = finding_.kept + finding_.count;
      if (std::any_of(finding_.kept, end, [&](const auto& kept) { return kept.mount == i; }))
        continue;
      end->mount = i;
      end->path[path.copy(end->path, sizeof end->path - 1)] = '\0';
      ++finding_.count;
    }
  }

  Files& files_;
  const StorageGraph& graph_;
  const std::vector<Mount>& mounts_;
  const bool writing_;
  const std::string dir_;
  Finding finding_;
};

}  // namespace

MountHolders::MountHolders(StageContext& context, const StorageGraph& graph,
                           const std::vector<Mount>& mounts, Use use)
    : context_(context), graph_(graph), mounts_(mounts), use_(use) {
  if (mounts_.empty()) return;
  AskProcesses();
  AskKernel();
}

void MountHolders::AskProcesses() {
  Kernel& kernel = context_.kernel;
  const auto processes = AllProcesses(kernel);
  const auto findings = EachInChild(
      kernel, processes.size(), limits::kProcessFiles,
      [&](std::size_t i) {
        return ProcessFiles(kernel, graph_, mounts_, use_, processes[i].pid).Find();
      },
      [&](std::size_t i) { return processes[i].state == 'D'; });
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (std::size_t k = 0; findings[i] && k < findings[i].value.count; ++k) {
      const auto& kept = findings[i].value.kept[k];
      holders_[mounts_[kept.mount].id].push_back(processes[i].Label() + " (" + kept.path + ")");
    }
}

void MountHolders::AskKernel() {
  const auto exports = context_.kernel.Read("/proc/fs/nfsd/exports").value;
  for (const Mount& mount : mounts_) {
    auto& holders = holders_[mount.id];
    for (const std::string& user : graph_.UsersOf(mount.device)) holders.push_back(user);
    for (const Mount& other : graph_.mounts)
      if (use_ == Use::kAny && other.parent == mount.id && other.id != mount.id)
        holders.push_back("the mount " + other.target);
    for (const std::string_view line : Lines(exports))
      if (line.starts_with('/') &&
          IsWithin(UndoOctal(line.substr(0, line.find('\t'))), mount.target))
        holders.push_back("nfsd");
  }
}

std::string MountHolders::Of(const Mount& mount) const {
  const auto found = holders_.find(mount.id);
  return found == holders_.end() ? std::string() : Joined(found->second);
}

std::string FindNamespaces(StageContext& context, const std::string& number) {
  Kernel& kernel = context.kernel;
  const auto processes = AllProcesses(kernel);
  const auto sees =
      EachInChild(kernel, processes.size(), limits::kProcessFiles, [&](std::size_t i) {
        const auto text =
            kernel.Read("/proc/" + std::to_string(processes[i].pid) + "/mountinfo").value;
        const auto mounts = ParseMountInfo(text);
        return std::any_of(mounts.begin(), mounts.end(),
                           [&](const Mount& mount) { return mount.device == number; });
      });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < processes.size(); ++i)
    if (sees[i] && sees[i].value) names.push_back(processes[i].Label());
  return Joined(names);
}

}  // namespace curfew
