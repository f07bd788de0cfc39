// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/files.h"
#include "kernel/process_control.h"
#include "kernel/storage.h"
#include "kernel/system.h"

namespace curfew {

/// The seam between Curfew and Linux: one method a system call or a file operation, with the
/// kernel's meaning and errors, and no policy. LinuxKernel makes the calls; unit tests bring a
/// scripted kernel that can refuse each of them.
class Kernel : public Files, public ProcessControl, public Storage, public System {};

}  // namespace curfew
