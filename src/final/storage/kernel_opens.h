// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// A file, directory or device that the kernel itself keeps open, without a process.
struct KernelOpen {
  std::string name;       ///< For people: "nfsd", "binfmt_misc arm", "LIO fileio_0/lun", "zram0".
  std::string path;       ///< "/srv/pub", "/dev/dm-0"
  bool writable = false;  ///< It may be written to: its file system cannot become read-only.
};

/// Exports of nfsd; interpreters of binfmt_misc with the flag F; backstores of LIO and namespaces
/// of nvmet that are enabled; backing devices of zram. A child reads these files, and what it
/// cannot read within 0.2 s is left out.
std::vector<KernelOpen> ReadKernelOpens(Kernel& kernel);

}  // namespace curfew
