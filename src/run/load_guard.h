// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "kernel/fd.h"
#include "kernel/kernel.h"

namespace curfew {

/// A dead-man for the time in which rc reads settings, links and halt itself, the usual dead-man,
/// from the disk: such a read never ends where the root file system does not answer. Where rc does
/// not get on for limits::kLoad, neither by CPU nor by reads of its own or of the machine's disks,
/// it is killed, and its stub stops the services. Where that is of no use, the kernel ends the
/// machine.
class LoadGuard {
 public:
  /// Does nothing for a `level` other than 0 and 6, and in a container.
  LoadGuard(Kernel& kernel, std::string_view level);

  /// rc has read all that it needs.
  void Release() { alive_.Close(); }

 private:
  Fd alive_;
};

}  // namespace curfew
