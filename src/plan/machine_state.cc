// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/file.h"
#include "config/rooted.h"
#include "config/utmp.h"
#include "plan/tree.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Bytes. The record of the level is among the first of utmp; what is larger is none of these
/// files.
constexpr size_t kLongestState = 1 << 20;

/// A small file below the root; empty if it cannot be read.
std::string TextBelow(const std::string& root, const char* path) {
  const Result<std::string> real = ResolveBelow(root == "/" ? "" : root, path);
  return real ? ReadRegularFile(real.value, kLongestState).value : std::string();
}

}  // namespace

MachineState LoadUtmpLevels(const std::string& root) {
  MachineState state;
  for (const char* path : {"/run/utmp", "/var/run/utmp"}) {
    const UtmpLevels found = ParseUtmpLevels(TextBelow(root, path));
    if (found.level == 0) continue;
    state.level = found.level;
    state.previous = found.previous == 0 ? 'N' : found.previous;
    break;
  }
  return state;
}

MachineState LoadMachineState(const std::string& root, const Dialect& dialect) {
  MachineState state;
  if (dialect.level_source == LevelSource::kUtmp) state = LoadUtmpLevels(root);
  if (dialect.after_single.empty()) return state;
  const std::string mounts = TextBelow(root, "/proc/mounts");
  for (const char* type : {" proc ", " sysfs ", " devpts "}) {
    state.cold = state.cold || mounts.find(type) == mounts.npos;
  }
  const std::string text = TextBelow(root, "/proc/sys/kernel/hostname");
  const std::string_view name = Trimmed(text);
  state.cold = state.cold || name.empty() || name == "(none)" || name == "unknown";
  return state;
}

}  // namespace curfew
