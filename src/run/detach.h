// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <vector>

namespace curfew {

/// Forks a helper that rc never has to wait for: init's child, in a session of its own, signals at
/// their defaults, no descriptors but `keep`. True in the helper (which must end in _exit), false
/// in rc, also when the fork failed: a helper is always something one can do without.
bool Detach(std::vector<int> keep);

/// The same for a helper that stays rc's child, to be killed and reaped by its pid: 0 in the
/// helper, -1 where the fork failed.
pid_t ForkHelper(std::vector<int> keep);

}  // namespace curfew
