// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/processes/process_files.h"
#include "final/storage/device_users.h"
#include "final/storage/storage_graph.h"
#include "kernel/process_info.h"

namespace curfew {

/// Finds the holders of mounts and file systems, for a line to people. Looks once at every process,
/// at links, maps and fdinfo in /proc alone; a process that does not answer within 0.2 s is left
/// out.
class MountHolders {
 public:
  /// `mounts` are those that Of() is asked for.
  MountHolders(StageContext& context, const StorageGraph& graph, const std::vector<Mount>& mounts,
               HolderUse use);

  /// "mariadbd[812] (/srv/db/ibdata1), swap /srv/swap, loop3 -> dm-0 \"vault\"": at most three
  /// processes and three of the kernel's own, which are swap areas, devices, overlays, mounts
  /// below, and what ReadKernelOpens() finds. Empty: nobody is known.
  std::string Of(const Mount& mount) const;

  /// The processes among them.
  std::vector<ProcessInfo> Processes(const Mount& mount) const;

  /// Whether devices of the kernel are the only holders. The last halt takes them down, so that
  /// until then this is no fault.
  bool OnlyDevices(const Mount& mount) const;

 private:
  struct Holders {
    std::vector<std::string> processes;
    std::vector<ProcessInfo> infos;  ///< Of `processes`.
    std::vector<KernelUser> kernel;
  };

  void AskProcesses();
  void AskKernel();

  StageContext& context_;
  const StorageGraph& graph_;
  const std::vector<Mount> mounts_;
  const HolderUse use_;
  std::map<int, Holders> holders_;  ///< By mount id.
};

}  // namespace curfew
