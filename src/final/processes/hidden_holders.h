// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "final/context/stage_context.h"
#include "final/storage/storage_graph.h"

namespace curfew {

/// Who keeps a file system that is mounted nowhere here (HiddenFileSystems()), at most three of
/// each kind: processes that see it in their mount namespace, "app[812]"; the kernel's own users;
/// else processes with a file or directory on it after it was detached; else what keeps a mount
/// namespace that no process lives in, "/run/ns/app" or "app[812] (mnt:[4026532])". Empty: nobody
/// is known.
std::string HiddenHolders(StageContext& context, const StorageGraph& graph,
                          const std::string& number);

}  // namespace curfew
