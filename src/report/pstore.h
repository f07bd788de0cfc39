// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// What the kernel's log, kept in pstore, tells of an end.
struct PstoreEvents {
  std::string events;                ///< lines of the trace that came after it had been closed
  std::vector<std::string> records;  ///< files that exist because halt asked for them
};

/// The events of the run whose copy is `copy`. Nothing where there is no pstore, or no record of
/// that run.
PstoreEvents ReadPstore(Kernel& kernel, const std::string& root, const std::string& copy);

}  // namespace curfew
