// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/fd.h"

namespace curfew {

/// Takes a terminal from everybody else, so that only what a person types there counts: TIOCSTI
/// lets every process type on its controlling terminal. From here on the terminal is root's, mode
/// 0600, and who had it open has it no more. The controlling terminal of rc or of init is left
/// open to others: no other session can have it.
///
/// Returns the terminal, opened anew. Empty where others may still type: an X server shows itself
/// on it, /dev cannot be changed, or rc itself writes to it and would be cut off.
/// From Linux 6.2 on TIOCSTI then works for nobody without CAP_SYS_ADMIN, on any terminal.
/// `root`: unless empty, rc works on another tree, and the terminal comes back as it is.
Fd TakeTerminal(const std::string& root, Fd terminal);

}  // namespace curfew
