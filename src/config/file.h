// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/result.h"

namespace curfew {

/// The first `limit` bytes of a regular file. errc::invalid_argument if it is not regular: a FIFO
/// or a device never blocks. Files below /proc and /sys are regular. What fails is tried once more:
/// memory, descriptors or a network server may have been short for a moment.
Result<std::string> ReadRegularFile(const std::string& path, size_t limit = 16 << 20);

/// All names in a directory without "." and "..", in C-locale order. What fails, at whichever name,
/// is tried once more.
Result<std::vector<std::string>> ListDirectory(const std::string& path);

}  // namespace curfew
