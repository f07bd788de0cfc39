// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "kernel/process_info.h"

namespace curfew {

/// Which processes are left alone when others are ended.
class Choice {
 public:
  virtual ~Choice() = default;
  /// Reads anew what may have changed since the last signal.
  virtual void Refresh() = 0;
  /// Whether `process` is spared for what it belongs to, whatever it is.
  virtual bool Protects(const ProcessInfo& process) const = 0;
  /// For each of `processes` whether it is spared.
  virtual std::vector<bool> Choose(const std::vector<ProcessInfo>& processes) = 0;
};

}  // namespace curfew
