// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/lock_memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

namespace curfew {

void LockMemory(Pages pages) {
  // Under MCL_FUTURE an allocation beyond RLIMIT_MEMLOCK fails, and in a user namespace even root
  // is bound by it: better unlocked memory than none.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  const bool lifted = setrlimit(RLIMIT_MEMLOCK, &unlimited) == 0;
  mlockall(MCL_CURRENT | (lifted ? MCL_FUTURE : 0) |
           (pages == Pages::kLoaded ? int(MCL_ONFAULT) : 0));
}

}  // namespace curfew
