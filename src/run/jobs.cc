// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/jobs.h"

#include <algorithm>
#include <cstdint>

#include "text/text.h"

namespace curfew {

int JobsOf(const Settings& settings, Files& files, const std::string& root) {
  if (settings.jobs > 0) return settings.jobs;
  const auto free_kib = NumberAfter(files.Read(root + "/proc/meminfo").value, "MemAvailable");
  return free_kib ? static_cast<int>(std::clamp<std::uint64_t>(*free_kib / 8192, 1, 256)) : 256;
}

}  // namespace curfew
