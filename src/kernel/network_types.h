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

/// Whether a mount with this source and these options comes from a loopback address: NFS and CIFS
/// write the address behind "addr=", FUSE clients have the server's name in the source.
inline bool IsOwnServer(std::string_view source, std::string_view options) {
  const auto has = [](std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
  };
  return has(options, ",addr=127.") || has(options, ",addr=::1") ||
         source.starts_with("localhost:") || source.starts_with("127.") ||
         source.starts_with("[::1]:");
}

}  // namespace curfew
