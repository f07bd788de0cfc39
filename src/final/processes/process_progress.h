// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>

#include "final/processes/victim.h"
#include "final/storage/device_progress.h"

namespace curfew {

/// Whether processes that were told to end are still at work on it (design 4, "Progress").
class ProcessProgress {
 public:
  explicit ProcessProgress(Kernel& kernel);

  /// Whether, since this was last asked, one of `living` has read from or written to a disk or used
  /// 2 % of a CPU, or is in D while the kernel writes back what is dirty, or, in one wait after the
  /// other, while the disks complete writes. A shell's CPU time does not count, nor anybody's while
  /// the crowd grows: spinning and forking are no work. Of a crowd it is asked only whether it gets
  /// smaller. Asked again within less than a second it says no.
  bool Made(const std::map<pid_t, Victim>& living);

 private:
  struct Sample {
    std::uint64_t start = 0;  ///< With the pid, whose it is.
    std::uint64_t cpu = 0;
    Result<std::uint64_t> io{std::error_code(ENODATA, std::generic_category())};
    bool stuck = false;  ///< In D.
    std::uint64_t waits = 0;
  };

  std::size_t CrowdSize();
  std::map<pid_t, Sample> Take(const std::map<pid_t, Victim>& living);
  bool WroteBack(const std::map<pid_t, Sample>& samples);

  Kernel& kernel_;
  WritebackProgress writeback_;
  std::map<pid_t, Sample> last_;
  std::uint64_t completed_;
  std::chrono::microseconds asked_;
  std::size_t crowd_;
  std::size_t left_ = 0;  ///< Of those asked about.
};

}  // namespace curfew
