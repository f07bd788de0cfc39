// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/result.h"

namespace curfew {

/// The first `limit` bytes of a regular file; errc::invalid_argument for anything else. Never
/// blocks on a FIFO or a device. Files below /proc and /sys count as regular.
Result<std::string> ReadRegularFile(const std::string& path, size_t limit = 16 << 20);

}  // namespace curfew
