// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "kernel/fd.h"

namespace curfew {

/// A slow script's pty in utmp, through libutempter: who(1) shows "rc0:K02cups", and last(1) after
/// the next boot how long it took.
///
/// libutempter waits for its setgid helper, and the helper for /var; so both calls are made in a
/// child that lives as long as the entry (who(1) drops entries of dead processes). rc does not wait
/// for that child. Failure is silent: the entry is a convenience.
class UtmpEntry {
 public:
  UtmpEntry() = default;
  UtmpEntry(const UtmpEntry&) = delete;
  UtmpEntry& operator=(const UtmpEntry&) = delete;

  /// `master` is the pty's master; `name` goes where a host name would.
  void Add(int master, const std::string& name);
  /// Also done by the destructor and by rc's own end.
  void Remove() { lifeline_.Close(); }

 private:
  Fd lifeline_;
};

}  // namespace curfew
