// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// The file of this program itself; nothing if it cannot be found.
std::optional<struct stat> OwnFile(Kernel& kernel);

/// Where dpkg's start-stop-daemon may be, the likeliest first. `own`, by whatever name, is not
/// among them, and neither is what stands before it: copies of this program that start each other
/// come to an end.
std::vector<std::string> Originals(Kernel& kernel, const std::optional<struct stat>& own);

/// Becomes dpkg's start-stop-daemon with the same words and environment; returns only the error.
std::error_code BecomeOriginal(Kernel& kernel, char* const* argv);

}  // namespace curfew
