// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/runlevel.h"

#include <utmp.h>

#include <cstring>

namespace curfew {
namespace {

/// init packs both levels into the pid: the new one plus 256 times the one before, as characters.
char LevelInUtmp(const std::string& bytes) {
  utmp record;
  for (size_t at = 0; at + sizeof record <= bytes.size(); at += sizeof record) {
    std::memcpy(&record, bytes.data() + at, sizeof record);
    if (record.ut_type == RUN_LVL) return static_cast<char>(record.ut_pid & 255);
  }
  return '\0';
}

}  // namespace

char Runlevel(Kernel& kernel, const std::function<const char*(const char*)>& environment) {
  const char* level = environment("RUNLEVEL");
  if (environment("INIT_VERSION") && level && *level) return *level;
  for (const char* path : {"/run/utmp", "/var/run/utmp"})
    if (char found = LevelInUtmp(kernel.Read(path).value)) return found;
  for (const char* path : {"/run/runlevel", "/var/run/runlevel"})
    if (auto file = kernel.Read(path); file && !file.value.empty()) return file.value[0];
  return '\0';
}

}  // namespace curfew
