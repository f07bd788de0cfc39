// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "kernel/files.h"

namespace curfew {

/// Who called a program, as far as the kernel tells it of the program's process.
struct Asker {
  std::string command;  ///< "poweroff -d"
  uid_t uid = 0;
  /// Of who logged in, also behind su and sudo: /proc/PID/loginuid. Nothing: no login led to this,
  /// or the kernel does not keep it.
  std::optional<uid_t> login_uid = {};
  std::string terminal = {};           ///< "pts/0"; empty: none
  std::vector<std::string> from = {};  ///< ancestors below PID 1, the nearest first: "sudo[812]"
  bool below_pid1 = false;  ///< the last of them is a child of PID 1; else the list has gaps
};

/// Of this process, whose real user is `uid`. Reads procfs and sysfs alone, and no file there that
/// waits for another process's memory. What cannot be read is missing in the answer.
Asker FindAsker(Files& files, uid_t uid);

/// Whether PID 1 started this rc by itself: between them are at most processes of PID 1's own and
/// the stub, and nobody logged in for it.
bool StartedByPid1(Files& files, const Asker& rc);

}  // namespace curfew
