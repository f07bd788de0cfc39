// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/files.h"

namespace curfew {

/// One process as /proc/PID/stat shows it (proc(5)). Its identity is the pair of pid and start: a
/// number alone may be somebody else's by now.
struct ProcessInfo {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;  ///< Process group.
  pid_t session = 0;
  int terminal = 0;  ///< tty_nr; 0: no controlling terminal.
  int threads = 0;
  char state = '?';
  bool kernel_thread = false;
  std::uint64_t cpu = 0;    ///< Clock ticks it has run, with all its threads.
  std::uint64_t start = 0;  ///< Clock ticks since boot.
  std::string name;         ///< comm, at most 15 bytes.

  /// Has ended and only waits to be reaped. A leader that ended before its threads is a Z, too, but
  /// the process lives.
  bool Ended() const { return state == 'X' || (state == 'Z' && threads <= 1); }
  /// The one thread that /proc/PID/stat is of can neither fork nor run: stopped, traced, or ended.
  /// Of others of the process see StandsStill().
  bool Stopped() const { return std::string_view("TtZX").find(state) != std::string_view::npos; }
  /// For people: `name[pid]`.
  std::string Label() const { return name + "[" + std::to_string(pid) + "]"; }
};

/// The line of /proc/PID/stat; nothing when it is garbled. The name may hold blanks and brackets.
std::optional<ProcessInfo> ParseStat(std::string_view line);

/// Reads /proc/PID/stat, which waits for nothing but the last steps of an exec (exec_update_lock in
/// Linux's fs/proc/array.c): no disk is read in these, but the process needs a CPU. ENOENT and
/// ESRCH mean that the process is gone; any other error (EMFILE!) does not.
Result<ProcessInfo> ReadProcess(Files& files, pid_t pid);

/// "mnt:[4026531841]": the mount namespace of a process, in which its paths have their meaning, if
/// that is not the caller's. Empty: it is, or it could not be asked.
std::string ForeignMountNamespace(Files& files, pid_t pid);

/// The set that `status`, the text of /proc/PID/status, has in hexadecimal after `key`: of signals,
/// such as SigCgt, where signal 1 is bit 0, or of capabilities, such as CapEff.
std::uint64_t BitSet(const std::string& status, const std::string& key);

/// Whether `error` of ReadProcess or PidfdOpen says that there is no such process.
bool IsGone(std::error_code error);

/// `text` as a decimal number above 0, nothing else; 0 when it is none.
pid_t ParsePid(std::string_view text);

}  // namespace curfew
