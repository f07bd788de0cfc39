// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "kernel/fd.h"
#include "kernel/kernel.h"

namespace curfew {

/// The dead-man of rc's first moments. The other one is halt's, which rc has to read from the disk
/// as it has links and scripts: where the root is gone those reads never end. Until it is released,
/// or rc is gone, this one counts 60 s (FINAL_BUDGET's default, for settings are on that disk, too)
/// and then ends the machine through the kernel.
class LoadGuard {
 public:
  /// None for a `level` other than 0 and 6, and in a container.
  LoadGuard(Kernel& kernel, std::string_view level);

  /// rc can run its scripts.
  void Release() { alive_.Close(); }

 private:
  Fd alive_;
};

}  // namespace curfew
