// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/writeback.h"

#include <cstdlib>
#include <string>

namespace curfew {

std::uint64_t UnwrittenKib(Kernel& kernel) {
  const std::string text = "\n" + kernel.Read("/proc/meminfo").value;
  std::uint64_t sum = 0;
  for (const std::string key : {"\nDirty:", "\nWriteback:", "\nNFS_Unstable:"})
    if (auto at = text.find(key); at != text.npos)
      sum += std::strtoull(text.c_str() + at + key.size(), nullptr, 10);
  return sum;
}

}  // namespace curfew
