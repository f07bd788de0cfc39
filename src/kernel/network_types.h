// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "text/text.h"

namespace curfew {

/// Whether another machine serves file systems of this type: the list of Debian's umountnfs.sh, and
/// newer types.
inline bool IsNetworkType(std::string_view type) {
  constexpr std::string_view kTypes[] = {
      "nfs",  "nfs4", "smbfs", "smb3",           "ncp",        "ncpfs",     "cifs",  "coda",
      "ceph", "afs",  "9p",    "fuse.glusterfs", "fuse.sshfs", "fuse.ceph", "lustre"};
  return Contains(kTypes, type);
}

}  // namespace curfew
