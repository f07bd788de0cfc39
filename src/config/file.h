// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/result.h"

namespace curfew {

/// The first `limit` bytes of a regular file. errc::invalid_argument if it is not regular: a FIFO
/// or a device never blocks. Files below /proc and /sys are regular.
Result<std::string> ReadRegularFile(const std::string& path, size_t limit = 16 << 20);

}  // namespace curfew
