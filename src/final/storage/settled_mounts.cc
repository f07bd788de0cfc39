// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/settled_mounts.h"

#include <string>

namespace curfew {
namespace {

/// The kernel gives the number of a mount that is gone to a new one.
std::string StateOf(const Mount& mount) {
  return std::to_string(mount.id) + " " + mount.device + (mount.SuperReadOnly() ? " ro" : " rw");
}

}  // namespace

void Settle(StageContext& context, const std::vector<Mount>& mounts) {
  for (const Mount& mount : mounts) context.settled.insert(StateOf(mount));
}

bool IsSettled(const StageContext& context, const Mount& mount) {
  return context.settled.contains(StateOf(mount));
}

}  // namespace curfew
