// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "final/processes/choice.h"
#include "final/processes/victim.h"
#include "kernel/kernel.h"

namespace curfew {

/// The processes that are to end: found, stopped, told, waited for. Each is held by its pidfd, so
/// that no signal ever hits a successor of the same number.
class Roster {
 public:
  using Micros = std::chrono::microseconds;
  /// How long processes may stay in D.
  static constexpr Micros kStuckLimit = std::chrono::seconds(2);

  Roster(Kernel& kernel, Choice& spared);
  /// Lets all that still live run on.
  ~Roster();
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;

  /// Stops every process that is not spared, so that none can fork, until two passes over /proc in
  /// a row find none unknown, none vanished and all in T, t, Z or X (a quiet pass alone leaks forks
  /// already under way). A process that cannot stop is waited for about 0.1 s after the last
  /// unknown one; those that fork and exit faster than they are found are chased for 2 s.
  void Freeze();
  /// SIGCONT to all.
  void Resume();
  /// Sends to each one that `choose` accepts, and marks it as told.
  void Tell(int signal, const std::function<bool(const Victim&)>& choose);
  /// Until all have ended, or `until`, or all that are left have been in D for 2 s.
  void Wait(Micros until);

  bool Empty() const { return living_.empty(); }
  const std::map<pid_t, Victim>& Living() const { return living_; }
  int Ended() const { return ended_; }

 private:
  struct Pass {
    bool calm = true;
    bool strangers = false;  ///< Someone was unknown, or gone before it could be met.
    std::vector<Victim> fresh;
  };

  void ReleaseSpared();
  Pass Look();
  void LookAt(pid_t pid, Pass* pass);
  void Meet(pid_t pid, Pass* pass);
  void Admit(Pass* pass);
  int OpenPidfd(pid_t pid, bool* gone);
  void ClosePidfd(Victim* victim);
  void Send(Victim& victim, int signal);
  bool SameProcess(const Victim& victim);
  void SweepPidfds();
  void SweepStates();
  bool AllStuck();
  void BlockOnOne(Micros limit);
  std::map<pid_t, Victim>::iterator Drop(std::map<pid_t, Victim>::iterator victim);

  Kernel& kernel_;
  Choice& spared_;
  std::map<pid_t, Victim> living_;
  std::unordered_map<pid_t, std::uint64_t> ignored_;  ///< Start times of the spared and the ended.
  int descriptors_left_;
  bool pidfds_work_ = true;
  int ended_ = 0;
};

}  // namespace curfew
