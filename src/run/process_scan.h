// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kernel/kernel.h"
#include "kernel/process_info.h"
#include "run/script_progress.h"

namespace curfew {

/// One script whose processes a scan shall find.
struct ScanRequest {
  enum class Purpose {
    kProgress,  ///< all processes of the script and its service, for ScriptProgress
    kDaemons,   ///< only the processes of the service, and of them only pid, state and name
    kEvidence,  ///< the tree of all processes with their kernel stacks, for people
  };

  Purpose purpose = Purpose::kProgress;
  int key = 0;          ///< chosen by the caller; the result has it
  std::string service;  ///< "cups"
  std::string path;     ///< of the script, without the root
  pid_t leader = 0;     ///< the script's own process, and the number of its process group
  std::vector<ProcessId> daemons;  ///< known from an earlier scan
  std::vector<ProcessId> own;      ///< the same: processes that came from the script itself
};

/// What one scan found, by ScanRequest::key. The scan did not reach a key that is in no map.
struct ScanResult {
  std::map<int, std::vector<ScannedProcess>> processes;
  std::map<int, std::vector<std::string>> evidence;
  std::map<int, long long> printed;  ///< bytes of output so far, of kProgress
  DiskSample disks;                  ///< of the whole machine
  std::chrono::milliseconds cpu{0};  ///< that the scan took
  std::optional<int> cut;            ///< the key at which the scan was stuck
};

/// Files that no scan reads any more, because an earlier read never returned.
struct Unreadable {
  std::set<pid_t> processes;  ///< only their stat and wchan are read
  std::set<int> scripts;      ///< the text and pid files of the script are not read; by key
  bool all = false;           ///< of any process and of any script
};

/// Reads what /proc says of the processes of scripts. Some reads can block for ever: /proc/PID/io
/// and stack wait for a process that hangs in exec, a script's text waits for its disk. So a child
/// of rc runs the scan, and reports each such read before it begins. Where Unreadable is all, rc
/// itself may run the scan.
class ProcessScan {
 public:
  struct Report {
    /// The scan is about to read files of this process, or of the script with this key.
    std::function<void(pid_t)> reads_process;
    std::function<void(int key)> reads_script;
    std::function<void(int key, const ScannedProcess&)> process;
    /// An entry of Evidence in run/event.h.
    std::function<void(int key, const std::string& entry)> evidence;
    std::function<void(int key)> done;
  };

  /// `root` is the prefix of scripts and pid files. /proc is always the machine's.
  ProcessScan(Kernel& kernel, std::string root, Unreadable unreadable, Report report);

  void Run(const std::vector<ScanRequest>& scripts);

 private:
  struct Member {
    pid_t pid;
    bool daemon;
  };

  void ReadTable();
  std::vector<pid_t> Daemons(const ScanRequest& script);
  std::vector<pid_t> DaemonsOfPidFiles(const ScanRequest& script);
  bool IsStranger(const ProcessInfo& process, const std::string& file, const ScanRequest& script);
  std::vector<Member> Members(const ScanRequest& script);
  bool IsLike(const ProcessId& known) const;
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
  std::map<pid_t, ProcessInfo> table_;
  std::multimap<pid_t, pid_t> children_;
};

}  // namespace curfew
