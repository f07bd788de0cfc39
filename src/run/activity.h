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

/// One process of a script, as a look (look.h) found it.
struct SeenProcess {
  ProcessId id;
  pid_t parent = 0;
  char state = '?';
  bool daemon = false;   ///< the service's own, or a descendant of it; else of the script's session
  long long cpu_ms = 0;  ///< used by itself, not by its children
  long long io = -1;     ///< bytes read from and written to storage; -1: not known
  std::uint64_t waits = 0;  ///< of one in D: how many it has begun; 0: not known
  std::string name;
  std::string wait_channel;
};

/// All the machine's: see kernel/writeback.h.
struct Disks {
  std::uint64_t unwritten = 0;
  std::uint64_t completed = 0;
};

/// Tells from one look to the next whether a script makes progress.
///
/// Progress is storage I/O (read_bytes and write_bytes of /proc/PID/io), or 2 % of CPU time over
/// the last 10 s, by the service's daemon and its descendants; where no daemon is known, by the
/// processes of the script's own session. So is a wait of one process in the kernel (state D) as
/// long as what the machine has yet to write gets less, or, where it is another wait each time, the
/// disks complete writes: fsync(2) writes what was counted when it was dirtied. What a shell does
/// with the CPU counts for nothing, be it by its name or because it has the name of the script; nor
/// does that of a process younger than those 10 s, so that a loop that calls programs is no
/// progress; nor, in the script's session, that of a script that prints more than 4 KiB a second
/// meanwhile. Polling, printing, spinning and forking are thus no progress, and sleeping is none.
class Activity {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `script` is the name that the kernel gives the script's own process. `limit` is the script's,
  /// 0 for none: the time over which CPU is counted is half of it where that is less than 10 s.
  Activity(std::string script, std::chrono::milliseconds limit);

  /// One more look; `printed` is how many bytes the script has written to its output in all,
  /// `disks` what they have yet to do and have done. True if there was progress since the look
  /// before.
  bool Add(Time now, const std::vector<SeenProcess>& processes, long long printed,
           const Disks& disks);

 private:
  struct Past {
    Time time;
    long long printed;
    std::map<ProcessId, long long> cpu_ms;
  };

  bool DidIo(const std::vector<SeenProcess>& processes);
  bool UsedCpu(const Past& now, bool daemons) const;
  bool WroteBack(const std::vector<SeenProcess>& processes, const Disks& disks);
  bool IsShell(const std::string& name) const;

  const std::string script_;
  const std::chrono::milliseconds window_;
  std::deque<Past> past_;  ///< the first is the last one that is as old as the window
  std::map<ProcessId, long long> io_;
  std::map<ProcessId, std::uint64_t> waiting_;  ///< in the kernel, at the last look
  std::uint64_t completed_ = 0;
  std::uint64_t unwritten_ = 0;  ///< the least since one of them waits
  bool first_ = true;
};

/// The process that a script waits for, or null: the service's daemon if it is known, else the one
/// that the script's shells wait for; whichever hangs in the kernel (state D) before all others.
const SeenProcess* Culprit(const std::vector<SeenProcess>& processes);

}  // namespace curfew
