// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace curfew {

/// A process, also when its number is used again.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start = 0;  ///< clock ticks since boot
  auto operator<=>(const ProcessId&) const = default;
};

/// What one scan found of a process.
struct ProcessSample {
  ProcessId id;
  std::string name;  ///< comm, at most 15 bytes
  char state = '?';  ///< as in proc(5)
  std::string wait_channel;
  long long cpu_ms = 0;     ///< used by the process itself, not by its children
  long long io = -1;        ///< bytes read from and written to storage; -1: not known
  std::uint64_t waits = 0;  ///< in state D: how many waits it has begun; 0: not known
  bool cpu_counts = true;   ///< else its CPU is no progress

  bool Ended() const { return state == 'Z' || state == 'X'; }
  /// Whether it waits in the kernel for a device or a file system, as far as its state tells. The
  /// parent of a vfork(2) is in state D as well, until its child calls exec, and does not count.
  bool WaitsForDevice() const;
};

/// What the disks of the machine have to do, from kernel/writeback.h.
struct DiskSample {
  std::uint64_t unwritten = 0;  ///< KiB
  std::uint64_t completed = 0;  ///< writes and flushes since the boot
};

/// Tells from one scan to the next whether a group of processes makes progress.
///
/// Progress is one of these three:
/// - Storage I/O: read_bytes or write_bytes of /proc/PID/io grew. A process that was not there
/// before
///   counts with all its bytes; the first scan only sets the base.
/// - Write-back: a process is in state D at two scans in a row, and the machine has less left to
/// write
///   than ever since such a wait began; or the process began another wait in between and the disks
///   completed writes. fsync(2) shows in neither of the other two: its bytes were counted when the
///   pages became dirty.
/// - CPU: at least 2 % of the window, and some of it since the last scan. A shell does not count,
///   since its loop may only poll, nor a process younger than the window, since a loop that starts
///   programs is no progress, nor a group that printed more than 4 bytes per ms meanwhile.
/// Sleeping, polling, printing, spinning shells and forking are no progress.
class ProgressSampler {
 public:
  /// Since any fixed moment.
  using Time = std::chrono::milliseconds;

  struct Rules {
    /// CPU is counted over this time; 0: since the last scan.
    std::chrono::milliseconds window{10000};
    /// Name of the script's own process, which counts as a shell; empty: none.
    std::string script = {};
    /// Whether one process alone must reach the 2 %, or all of them together.
    bool cpu_of_one = false;
  };

  explicit ProgressSampler(Rules rules) : rules_(std::move(rules)) {}

  /// Adds one scan. `printed` is what the group has printed in all, in bytes. With `count_cpu`
  /// false CPU is no progress at this scan. Returns whether there was progress since the scan
  /// before.
  bool Add(Time now, const std::vector<ProcessSample>& processes, const DiskSample& disks,
           long long printed = 0, bool count_cpu = true);

 private:
  struct Past {
    Time time;
    long long printed;
    std::map<ProcessId, long long> cpu_ms;
  };

  bool DidIo(const std::vector<ProcessSample>& processes);
  bool WroteBack(const std::vector<ProcessSample>& processes, const DiskSample& disks);
  bool UsedCpu(const Past& now) const;
  bool IsShell(const std::string& name) const;

  const Rules rules_;
  std::deque<Past> past_;  ///< the first is the last one that is as old as the window
  std::map<ProcessId, long long> io_;
  std::map<ProcessId, std::uint64_t> waiting_;  ///< for a device, at the last scan
  std::uint64_t completed_ = 0;
  std::uint64_t unwritten_ = 0;  ///< the least since one of them waits
  bool first_ = true;
};

}  // namespace curfew
