// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "final/context/stage_context.h"
#include "final/processes/ancestors.h"
#include "final/processes/storage_servers.h"
#include "final/processes/survivor_cgroups.h"
#include "final/processes/upstart.h"
#include "kernel/process_info.h"

namespace curfew {

/// Whether file systems need a daemon of this name (comm) until the end: mdmon, iscsid.
bool IsStorageDaemonName(std::string_view name);

/// Which processes are skipped while the others are ended.
class SkipRule {
 public:
  virtual ~SkipRule() = default;
  /// Reads again what may have changed since the last signal.
  virtual void Refresh() = 0;
  /// Whether the process is skipped because of its pid, its process group or what it comes from.
  virtual bool Skips(const ProcessInfo& process) const = 0;
  /// For each of `processes` whether it is skipped: as Skips() says, or because of what its files
  /// in /proc show. A child reads those.
  virtual std::vector<bool> SkipEach(const std::vector<ProcessInfo>& processes) = 0;
};

/// The processes that the kill stage skips:
/// - PID 1, this process, its helpers (InChild) and its ancestors, kernel threads;
/// - the process groups of rc's running scripts, and what descends from these;
/// - the pids in /run/sendsigs.omit and in the files of /run/sendsigs.omit.d, and Upstart's jobs.
///   These lists count in the stages that rc runs in level 0 and 6: Debian's killprocs, which ends
///   the processes for level 1, does not read them, and after the last halt no script comes that
///   would end such a process;
/// - the pids in those files of /run/sendsigs.omit.d that rc has made for services with KILL="no",
///   and what descends from them, up to the last halt, for level 1 as well;
/// - StorageServers;
/// - storage daemons of root: argv[0] begins with '@', the name is in kSkippedNames, the
///   process serves a FUSE file system while / or /usr is one, or its cgroup bears a mark
///   (SurvivorCgroups). A process of root whose argv[0] cannot be read may be one and is skipped as
///   well.
class SkipList : public SkipRule {
 public:
  explicit SkipList(StageContext& context, FuseUse fuse);

  /// Reads the groups, the pid lists and Upstart's jobs: a daemon may have written its pid, a
  /// script may have ended.
  void Refresh() override;
  bool Skips(const ProcessInfo& process) const override;
  std::vector<bool> SkipEach(const std::vector<ProcessInfo>& processes) override;
  /// An event of each process that SkipEach() skipped for what it does for others, with the reason.
  void ReportSpared() const;

 private:
  /// What a process shows of itself.
  struct Marks {
    char first;     ///< The first byte of argv[0]; '\0' if it has no arguments.
    bool survivor;  ///< SurvivorCgroups
  };

  Result<Marks> ReadMarks(pid_t pid);
  const char* SpareReason(const ProcessInfo& process) const;
  void TellUnknown();
  void ReadGroups();
  void ReadPidLists();
  bool IsOfScriptOrService(const ProcessInfo& process) const;
  bool IsHelper(const ProcessInfo& process) const;
  bool IsSkippedName(std::string_view name) const;
  bool IsStorageDaemon(const ProcessInfo& process, const Result<Marks>& marks);
  bool IsRoots(pid_t pid);
  bool ServesFuse(pid_t pid);

  StageContext& context_;
  Ancestors ancestors_;
  bool told_unknown_ = false;  ///< A line has said that not all ancestors are known.
  std::set<pid_t> listed_;
  std::set<pid_t> kept_;     ///< Of services with KILL="no".
  std::set<pid_t> unknown_;  ///< Their name could not be read, and a line has said so.
  std::set<pid_t> groups_;   ///< Of the scripts: the number is also that of the leader.
  std::optional<UpstartJobs> upstart_jobs_;  ///< Nothing where no list counts.
  bool root_is_fuse_ = false;
  const FuseUse fuse_;
  StorageServers servers_;
  SurvivorCgroups survivors_;
  std::map<pid_t, std::pair<std::string, const char*>> spared_;  ///< Name and reason.
};

}  // namespace curfew
