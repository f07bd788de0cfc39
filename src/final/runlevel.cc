// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/runlevel.h"

#include "config/utmp.h"

namespace curfew {

char Runlevel(Kernel& kernel, const std::function<const char*(const char*)>& environment) {
  const char* level = environment("RUNLEVEL");
  if (environment("INIT_VERSION") && level && *level) return *level;
  for (const char* path : {"/run/utmp", "/var/run/utmp"})
    if (char found = ParseUtmpLevels(kernel.Read(path).value).level) return found;
  for (const char* path : {"/run/runlevel", "/var/run/runlevel"})
    if (auto file = kernel.Read(path); file && !file.value.empty()) return file.value[0];
  return '\0';
}

}  // namespace curfew
