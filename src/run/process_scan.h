// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "kernel/process_info.h"
#include "run/scan.h"

namespace curfew {

/// Files that an earlier scan could not read: the read never returned.
struct Unreadable {
  std::set<pid_t> processes;  ///< only their stat and wchan are read
  std::set<int> scripts;      ///< the text and pid files of the script are not read; by key
};

/// Reads what /proc says of the processes of scripts. Some of these files can block for ever
/// (/proc/PID/io and stack wait for a process that hangs in exec, a script for its disk). So a
/// child of rc runs the scan, and reports each such read before it begins.
class ProcessScan {
 public:
  struct Report {
    /// Reads that may block come next: files of this process, or of the script with this key.
    std::function<void(pid_t)> reads_process;
    std::function<void(int key)> reads_script;
    std::function<void(int key, const ScannedProcess&)> process;
    std::function<void(int key, const std::string& line)> evidence;
    std::function<void(int key)> done;
  };

  /// `root` is the prefix of scripts and pid files; of /proc there is only one.
  ProcessScan(Kernel& kernel, std::string root, Unreadable unreadable, Report report);

  void Run(const std::vector<ScanRequest>& scripts);

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
  std::vector<pid_t> Daemons(const ScanRequest& script);
  std::vector<pid_t> FromPidFiles(const ScanRequest& script);
  std::vector<Member> Members(const ScanRequest& script);
  void AddTree(pid_t root, bool daemon, std::set<pid_t>* known, std::vector<Member>* members);
  ScannedProcess Seen(const Member& member, bool only_identity);
  void TellEvidence(const ScanRequest& script, const std::vector<Member>& members);
  long long StorageBytes(pid_t pid);
  std::string Stack(pid_t pid);
  std::string WaitChannel(pid_t pid);

  Kernel& kernel_;
  const std::string root_;
  const Unreadable unreadable_;
  const Report report_;
  pid_t rc_ = 0;
  std::map<pid_t, Process> table_;
  std::multimap<pid_t, pid_t> children_;
};

}  // namespace curfew
