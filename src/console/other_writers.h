// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernel/fd.h"

namespace curfew {

/// Tells whether other processes write to a terminal that rc writes to. They are heard if they use
/// the same device file (/dev/console, say, and not the tty1 behind it); the kernel's own messages
/// are whole lines, and are not heard. Where the kernel gives no watch, no process is heard.
class OtherWriters {
 public:
  explicit OtherWriters(int terminal);

  /// To be called behind each write of rc's own.
  void ForgetOwn() { (void)Drain(); }
  /// Whether another process has written since the last call of either function.
  bool Wrote() { return Drain(); }

 private:
  bool Drain();

  Fd watch_;
};

}  // namespace curfew
