// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// One line of /proc/PID/mountinfo (proc(5)), its octal escapes undone.
struct Mount {
  int id = 0;
  int parent = 0;
  std::string device;  ///< st_dev of its files as "major:minor"; one for each superblock.
  std::string target;  ///< The mount point.
  std::string options;
  std::string type;  ///< "ext4", "fuse.sshfs"
  std::string source;
  std::string super_options;

  /// Whether this mount, or the whole superblock, refuses writes.
  bool ReadOnly() const;
  bool SuperReadOnly() const;
};

/// Undoes the escapes (`\040` ...) by which the kernel writes blank, tab, newline and backslash.
std::string UndoOctal(std::string_view text);

/// Whether `options` (comma separated) has the word `option`.
bool HasOption(std::string_view options, std::string_view option);

/// The lines of mountinfo in their order, which is the order of mounting. Leaves out garbled lines.
std::vector<Mount> ParseMountInfo(std::string_view text);

/// The mounts of this process; none if /proc cannot be read.
std::vector<Mount> ReadMounts(Files& files);

}  // namespace curfew
