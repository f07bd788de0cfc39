// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {

/// The halt binary, copied into sealed memory while the disk still answers: from then on a dying
/// root cannot keep rc from becoming halt.
class HaltProgram {
 public:
  /// Where `make install` puts it.
  static constexpr char kPath[] = CURFEW_LIBDIR "/halt";

  /// Reads `path` (static, so it needs nothing else). On error the program is empty.
  static Result<HaltProgram> Load(const std::string& path);

  /// For a stage that runs as a child; -1 when empty.
  int fd() const { return memory_.get(); }

  /// Becomes halt: returns only if that failed, with the reason. `argv` and `env` as for execve;
  /// `fallbacks` are tried after the copy in memory.
  std::error_code Become(const std::vector<std::string>& argv, const std::vector<std::string>& env,
                         const std::vector<std::string>& fallbacks) const;

 private:
  Fd memory_;
};

}  // namespace curfew
