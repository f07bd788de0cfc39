// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

namespace curfew {
TraceLine::TraceLine(std::string_view event) {
  Number("time_us", BootTimeMicroseconds());
  Text("event", event);
}

std::error_code Trace::Open(const std::string& path, bool fresh, mode_t mode, gid_t group) {
  mkdir(path.substr(0, path.rfind('/')).c_str(), 0755);
  const int flags =
      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (fresh ? O_TRUNC : 0);
  file_ = Fd(open(path.c_str(), flags, mode));
  if (!file_) return LastError();
  // Without the group, or with a file of an older version that cannot be changed, the trace is kept
  // all the same.
  if (fresh && fchmod(file_.get(), mode) == 0) (void)!fchown(file_.get(), -1, group);
  return {};
}

void Trace::Write(const JsonLine& line) {
  if (!file_) return;
  const std::string text = line.Done();
  // If /run is full the event is lost, and the run goes on.
  if (write(file_.get(), text.data(), text.size()) < 0) return;
}

namespace {

long long Microseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

}  // namespace

long long BootTimeMicroseconds() {
  return Microseconds(CLOCK_BOOTTIME);
}

long long WallTimeMicroseconds() {
  return Microseconds(CLOCK_REALTIME);
}

}  // namespace curfew
