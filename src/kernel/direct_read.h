// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "kernel/result.h"

namespace curfew {

/// `length` bytes from `offset` of a block device that is open with O_DIRECT: what is on the disk,
/// not what the page cache may still have of it. errc::invalid_argument for a descriptor without
/// O_DIRECT, errc::io_error where the device ends before. Call it in a child: it may hang.
Result<std::string> ReadDirect(int fd, std::uint64_t offset, std::size_t length);

}  // namespace curfew
