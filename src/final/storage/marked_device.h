// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "final/storage/marks/mark.h"
#include "kernel/files.h"

namespace curfew {

/// Reads the mark of type `type` (read_mark.h) from the block device `number` ("8:1"); `log`: the
/// number of an external log, or empty. Unknown if the device has no name in /dev that leads to it,
/// or cannot be read. Call it in a child: it may hang.
Mark ReadMarkOf(Files& files, std::string_view type, const std::string& number,
                const std::string& log = {});

/// The path in /dev of the device `number`, by sysfs; empty if what is there is another device.
std::string DevicePath(Files& files, const std::string& number);

}  // namespace curfew
