// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernel/fd.h"

namespace curfew {

/// How a line of the script `name` is shown.
using LineText = std::string (*)(std::string_view name, std::string_view line);

/// The output of a script, which a daemon still has open.
struct OpenOutput {
  std::string name;  ///< prefix of its lines
  Fd output;
};

/// Leaves an orphan that reads `outputs` after rc has ended, until every daemon has closed its own.
/// Without a reader a daemon that writes to its script's pty gets EIO, or blocks on a full pipe.
/// The lines go to rc's stderr if that is a terminal; otherwise they are dropped, because the
/// reader of a pipe would never see its end. They are dropped, too, without a `text`. False where
/// the kernel had no process for it.
///
/// `spare`: a directory of files with pids that the kill stage spares, such as
/// run_files::kOmitDirectory; the orphan has one there while it lives. For an rc that another one
/// follows, whose kill stage does not know this process: a script that still runs would get EIO or
/// SIGHUP. Empty: the orphan is ended with all others.
bool LeaveDrain(std::vector<OpenOutput> outputs, LineText text, const std::string& spare);

}  // namespace curfew
