// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "final/context/stage_context.h"
#include "final/processes/choice.h"
#include "final/processes/upstart.h"

namespace curfew {

/// Whom the kill stage leaves alone:
/// PID 1, this process with its helpers (InChild) and its ancestors, kernel threads, the sessions
/// of rc's running scripts; the pids in /run/sendsigs.omit and the files of /run/sendsigs.omit.d,
/// and Upstart's jobs (in level 0 and 6 only: Debian's killprocs, which ends the processes for
/// level 1, knows no such list, and after --fast no script comes that would end them); and root's
/// storage daemons: argv[0] begins with '@', named mdmon or iscsid, or serving a FUSE file system
/// that is / or /usr. A process of root whose argv[0] cannot be read may be one and is left alone,
/// too.
class Spared : public Choice {
 public:
  explicit Spared(StageContext& context);

  /// Reads the omit files, the jobs and the list of sessions anew: a daemon may have written its
  /// pid, a script ended since the last signal.
  void Refresh() override;
  bool Protects(const ProcessInfo& process) const override;
  std::vector<bool> Choose(const std::vector<ProcessInfo>& processes) override;

 private:
  void ReadSessions();
  void ReadOmitFiles();
  bool IsHelper(const ProcessInfo& process) const;
  bool IsRootDaemon(const ProcessInfo& process, const Result<char>& first_byte);
  bool RunByRoot(pid_t pid);
  bool ServesFuse(pid_t pid);

  StageContext& context_;
  ProcessInfo self_;
  std::set<pid_t> family_;  ///< PID 1, this process and its ancestors.
  std::set<pid_t> omitted_;
  std::set<pid_t> sessions_;
  std::optional<UpstartJobs> jobs_;  ///< None: no list counts.
  bool root_is_fuse_ = false;
};

}  // namespace curfew
