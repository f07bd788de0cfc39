// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/mount_holders.h"

#include <algorithm>

#include "config/limits.h"
#include "final/processes/other_processes.h"
#include "kernel/in_child.h"

namespace curfew {

MountHolders::MountHolders(StageContext& context, const StorageGraph& graph,
                           const std::vector<Mount>& mounts, HolderUse use)
    : context_(context), graph_(graph), mounts_(mounts), use_(use) {
  if (mounts_.empty()) return;
  AskProcesses();
  AskKernel();
}

void MountHolders::AskProcesses() {
  Kernel& kernel = context_.kernel;
  const auto processes = OtherProcesses(kernel);
  const auto sockets = ReadSocketPaths(kernel);
  ProcessFiles files(kernel, graph_, sockets, mounts_, use_);
  const auto found = EachInChild(
      kernel, processes.size(), limits::kProcessFiles,
      [&](std::size_t i) { return files.Of(processes[i].pid); },
      [&](std::size_t i) { return processes[i].state == 'D'; });
  for (std::size_t i = 0; i < processes.size(); ++i)
    for (std::size_t k = 0; found[i] && k < found[i].value.count; ++k) {
      const auto& held = found[i].value.held[k];
      auto& holders = holders_[mounts_[held.mount].id];
      holders.infos.push_back(processes[i]);
      holders.processes.push_back(processes[i].Label() + " (" + held.path +
                                  (held.elsewhere ? " in its own mount namespace)" : ")"));
    }
}

void MountHolders::AskKernel() {
  const auto opens = ReadKernelOpens(context_.kernel);
  const DeviceUsers users(graph_, opens);
  const bool writing = use_ == HolderUse::kWriting;
  for (const Mount& mount : mounts_) {
    auto& holders = holders_[mount.id].kernel;
    holders = users.Of(mount.device);
    for (const Mount& other : graph_.mounts)
      if (!writing && other.parent == mount.id && other.id != mount.id)
        holders.push_back({"the mount " + other.target});
    for (const KernelOpen& open : opens) {
      const Mount* on = graph_.MountOf(open.path);
      if (!on || (writing ? !open.writable || on->device != mount.device : on->id != mount.id))
        continue;
      holders.push_back({open.name + " (" + open.path + ")"});
    }
  }
}

std::string MountHolders::Of(const Mount& mount) const {
  const auto found = holders_.find(mount.id);
  if (found == holders_.end()) return {};
  std::vector<std::string> users;
  for (const KernelUser& user : found->second.kernel) users.push_back(user.text);
  const auto processes = JoinedNames(found->second.processes), kernel = JoinedNames(users);
  return processes + (processes.empty() || kernel.empty() ? "" : ", ") + kernel;
}

std::vector<ProcessInfo> MountHolders::Processes(const Mount& mount) const {
  const auto found = holders_.find(mount.id);
  return found == holders_.end() ? std::vector<ProcessInfo>() : found->second.infos;
}

bool MountHolders::OnlyDevices(const Mount& mount) const {
  const auto found = holders_.find(mount.id);
  if (found == holders_.end() || !found->second.processes.empty()) return false;
  const auto& kernel = found->second.kernel;
  return !kernel.empty() && std::all_of(kernel.begin(), kernel.end(),
                                        [](const KernelUser& user) { return user.only_devices; });
}

}  // namespace curfew
