// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/other_writers.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <string>

namespace curfew {

OtherWriters::OtherWriters(int terminal) : watch_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  const std::string path = "/proc/self/fd/" + std::to_string(terminal);
  if (watch_ && inotify_add_watch(watch_.get(), path.c_str(), IN_MODIFY) < 0) watch_.Close();
}

/// Equal events in a row are one, so that the queue stays short.
bool OtherWriters::Drain() {
  alignas(inotify_event) char events[16 * sizeof(inotify_event)];
  bool any = false;
  while (watch_ && read(watch_.get(), events, sizeof events) > 0) any = true;
  return any;
}

}  // namespace curfew
