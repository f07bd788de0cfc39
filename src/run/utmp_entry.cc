// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/utmp_entry.h"

#include <fcntl.h>
#include <unistd.h>
#include <utempter.h>

#include "run/detach.h"

namespace curfew {
namespace {

[[noreturn]] void HoldEntry(int master, int lifeline, const std::string& name) {
  char byte;
  if (utempter_add_record(master, name.c_str()) != 0 && read(lifeline, &byte, 1) == 0) {
    utempter_remove_record(master);
  }
  _exit(0);
}

}  // namespace

void UtmpEntry::Add(int master, const std::string& name) {
  int ends[2];
  if (lifeline_ || pipe2(ends, O_CLOEXEC) != 0) return;
  if (Detach({master, ends[0]})) HoldEntry(master, ends[0], name);
  close(ends[0]);
  lifeline_ = Fd(ends[1]);
}

}  // namespace curfew
