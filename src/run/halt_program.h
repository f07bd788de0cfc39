// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {

/// The halt binary, copied into sealed memory while the disk still answers: rc can become halt even
/// if the root file system answers no more.
class HaltProgram {
 public:
  /// Where `make install` puts it.
  static constexpr char kPath[] = CURFEW_LIBDIR "/halt";

  /// Reads `path`, a static program. On error the HaltProgram is empty.
  static Result<HaltProgram> Load(const std::string& path);

  /// To execute a stage from, see SpawnRequest::exec_fd; -1 when empty.
  int fd() const { return memory_.get(); }

  /// Becomes halt by execve(2), from the copy in memory, else from the first of `fallbacks` that
  /// works. Returns only an error.
  std::error_code Become(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                         const std::vector<std::string>& fallbacks) const;

 private:
  Fd memory_;
};

}  // namespace curfew
