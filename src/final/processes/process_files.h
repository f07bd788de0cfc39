// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "final/storage/storage_graph.h"
#include "kernel/files.h"

namespace curfew {

/// What counts as holding: all that keeps a mount in use, or what keeps its file system writable:
/// files open for writing, and deleted ones.
enum class HolderUse { kAny, kWriting };

/// What a process was found to hold: for each mount one path, as far as there is room. Trivially
/// copyable, for shared memory.
struct HeldMounts {
  struct Held {
    std::size_t mount;  ///< Index into the mounts that were asked for.
    bool elsewhere;     ///< Seen in the process's own mount namespace.
    char path[120];     ///< Cut.
  };
  std::size_t count = 0;
  Held held[8];
};

/// The paths of bound sockets, by inode: such a socket keeps its mount in use as an open file does.
using SocketPaths = std::map<std::string, std::string>;
SocketPaths ReadSocketPaths(Files& files);

/// Looks by its files in /proc for what a process holds. The files of another process wait for its
/// memory lock: for a child with a limit.
class ProcessFiles {
 public:
  /// `graph` and `sockets` are of this process's namespaces.
  ProcessFiles(Files& files, const StorageGraph& graph, const SocketPaths& sockets,
               const std::vector<Mount>& mounts, HolderUse use)
      : files_(files), graph_(graph), sockets_(sockets), mounts_(mounts), use_(use) {}

  HeldMounts Of(pid_t pid);

 private:
  bool EnterNamespace(pid_t pid);
  const Mount* MountOfId(std::string_view fdinfo) const;
  void AddOpen(const std::string& fd);
  void AddPath(const std::string& path);
  void AddMapped(std::string_view line);
  void Add(const std::string& path, const Mount* mount, bool for_writing);

  Files& files_;
  const StorageGraph& graph_;
  const SocketPaths& sockets_;
  const std::vector<Mount>& mounts_;
  const HolderUse use_;

  // Of the process that is looked at.
  std::string dir_;
  bool elsewhere_ = false;
  std::string space_;    ///< The mount namespace that `theirs_` is of.
  StorageGraph theirs_;  ///< The mounts of that namespace, no devices.
  const StorageGraph* view_ = nullptr;
  HeldMounts found_;
};

}  // namespace curfew
