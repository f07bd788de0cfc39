// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Finds the holders of mounts and file systems, for a line to people. Looks once at every process,
/// at links, maps and fdinfo in /proc alone; a process that does not answer within 0.2 s is left
/// out.
class MountHolders {
 public:
  /// What counts: all that keeps a mount in use, or what keeps its file system writable: files open
  /// for writing, and deleted ones.
  enum class Use { kAny, kWriting };

  /// `mounts` are those that Of() is asked for.
  MountHolders(StageContext& context, const StorageGraph& graph, const std::vector<Mount>& mounts,
               Use use);

  /// "rsyslogd[812] (/var/log/syslog), loop0", at most three; empty: nobody is known. The kernel's
  /// own are swap areas, devices, mounts below, and nfsd.
  std::string Of(const Mount& mount) const;

 private:
  void AskProcesses();
  void AskKernel();

  StageContext& context_;
  const StorageGraph& graph_;
  const std::vector<Mount> mounts_;
  const Use use_;
  std::map<int, std::vector<std::string>> holders_;  ///< By mount id.
};

/// The processes that see a file system which is mounted nowhere here: "app[812], ...", at most
/// three. They live in another mount namespace.
std::string FindNamespaces(StageContext& context, const std::string& number);

}  // namespace curfew
