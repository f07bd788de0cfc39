// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/kernel.h"

namespace curfew {

/// Lets localtime_r(3) convert to local time without a file: /etc/localtime, or what TZ names, may
/// be on a disk that does not answer. A child reads it, within 2 s, and this process takes over the
/// offset of this moment; without an answer UTC counts. The environment stays as it is.
void LoadTimeZone(Kernel& kernel);

}  // namespace curfew
