// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "kernel/process_info.h"
#include "run/activity.h"

namespace curfew {

/// One script whose processes are looked at.
struct LookedAt {
  enum class Purpose {
    kProgress,  ///< all its processes, for Activity
    kDaemons,   ///< only the service's own, and only who they are
    kEvidence,  ///< a tree with kernel stacks, for people
  };

  Purpose purpose = Purpose::kProgress;
  int key = 0;                     ///< the caller's number for it; stands in every answer
  std::string service;             ///< "cups"
  std::string path;                ///< of the script
  pid_t leader = 0;                ///< the script's own process, and the number of its session
  std::vector<ProcessId> daemons;  ///< known from an earlier look
};

/// What must not be asked again, because the one who asked never got an answer.
struct Mute {
  std::set<pid_t> processes;  ///< only their stat and wchan are read
  std::set<int> scripts;      ///< whose text and pid files are not read
};

/// Reads what /proc says of the processes of scripts. Some of these files can block for ever
/// (/proc/PID/io and stack wait for a process that hangs in exec, a script for its disk), so this
/// runs in a helper child of rc, and says before each such read what it is about to do.
class Look {
 public:
  struct Listener {
    /// What may block comes now: files of this process, or of the script with this key.
    std::function<void(pid_t)> asks_process;
    std::function<void(int key)> asks_script;
    std::function<void(int key, const SeenProcess&)> process;
    std::function<void(int key, const std::string& line)> evidence;
    std::function<void(int key)> done;
  };

  /// `root` is the prefix of pid files; of /proc there is only one.
  Look(Kernel& kernel, std::string root, Mute mute, Listener listener);

  void At(const std::vector<LookedAt>& scripts);

 private:
  struct Process {
    ProcessInfo info;
    long long cpu_ms = 0;
  };
  struct Member {
    pid_t pid;
    bool daemon;
  };

  void ReadTable();
  std::vector<pid_t> Daemons(const LookedAt& script);
  std::vector<pid_t> FromPidFiles(const LookedAt& script);
  std::vector<Member> Members(const LookedAt& script);
  void AddTree(pid_t root, bool daemon, std::set<pid_t>* known, std::vector<Member>* members);
  SeenProcess Seen(const Member& member, bool only_who);
  void TellEvidence(const LookedAt& script, const std::vector<Member>& members);
  long long StorageBytes(pid_t pid);
  std::string Stack(pid_t pid);
  std::string WaitChannel(pid_t pid);

  Kernel& kernel_;
  const std::string root_;
  const Mute mute_;
  const Listener listener_;
  pid_t rc_ = 0;
  std::map<pid_t, Process> table_;
  std::multimap<pid_t, pid_t> children_;
};

}  // namespace curfew
