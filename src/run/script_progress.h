// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "kernel/progress.h"

namespace curfew {

/// One process of a script, as a scan found it.
struct ScannedProcess : ProcessSample {
  pid_t parent = 0;
  bool daemon = false;  ///< the service's daemon or its descendant; else the script's own
};

/// "cupsd[812] D nfs_wait_bit_killable": name, state and the kernel function in which it sleeps,
/// for console and `curfew status`.
std::string Described(const ScannedProcess& process);

/// Tells from one scan to the next whether a script makes progress, by the rules of
/// ProgressSampler: all processes of the script and its service count; but the CPU of the script's
/// own only where no daemon is known, and unless the script prints much.
class ScriptProgress {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `script` is the name that the kernel gives the script's own process. `limit` is the script's,
  /// 0 for none: the time over which CPU is counted is half of it where that is less than 10 s.
  ScriptProgress(const std::string& script, std::chrono::milliseconds limit);

  /// Takes the next scan; `printed` are all bytes of output so far. True if there was progress
  /// since the last scan.
  bool Add(Time now, const std::vector<ScannedProcess>& processes, long long printed,
           const DiskSample& disks);

 private:
  ProgressSampler sampler_;
  long long printed_ = 0;
  long long counted_ = 0;  ///< bytes printed while no daemon was known
};

/// The processes that a script waits for, for console and `curfew status`; the first is the one to
/// name. In this order: a process that waits for a device or a file system; the service's daemon;
/// a process without children, `sleep` last. A process that has children only waits for them: it is
/// left out, unless there is no other.
std::vector<const ScannedProcess*> ProcessesWaitedFor(const std::vector<ScannedProcess>& processes);

}  // namespace curfew
