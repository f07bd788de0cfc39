// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/script_progress.h"

namespace curfew {

/// One script whose processes are scanned.
struct ScanRequest {
  enum class Purpose {
    kProgress,  ///< all its processes, for ScriptProgress
    kDaemons,   ///< only the service's own, and only who they are
    kEvidence,  ///< a tree with kernel stacks, for people
  };

  Purpose purpose = Purpose::kProgress;
  int key = 0;                     ///< the caller's number for the request; stands in the result
  std::string service;             ///< "cups"
  std::string path;                ///< of the script, without the root
  pid_t leader = 0;                ///< the script's own process, and the number of its session
  std::vector<ProcessId> daemons;  ///< known from an earlier scan
};

/// What one scan found, by ScanRequest::key. A key that is in no map was not reached.
struct ScanResult {
  std::map<int, std::vector<ScannedProcess>> processes;
  std::map<int, std::vector<std::string>> evidence;
  std::map<int, long long> printed;  ///< bytes of output so far, of kProgress
  DiskSample disks;                  ///< of the whole machine
  std::chrono::milliseconds cpu{0};  ///< what the scan has cost
  std::optional<int> cut;            ///< the request that the scan did not get past
};

}  // namespace curfew
