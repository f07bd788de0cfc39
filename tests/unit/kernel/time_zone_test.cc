// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/time_zone.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

#include "check.h"
#include "kernel/in_child.h"
#include "kernel/linux_kernel.h"

namespace time_zone_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// What localtime_r(3) adds to UTC after LoadTimeZone() with this TZ, in a process of its own;
/// -1: the environment has changed.
long OffsetWith(const std::string& zone) {
  LinuxKernel kernel;
  return InChild(kernel, 10s,
                 [&]() -> long {
                   setenv("TZ", zone.c_str(), 1);
                   LoadTimeZone(kernel);
                   if (getenv("TZ") != zone) return -1;
                   const time_t now = time(nullptr);
                   tm local{};
                   localtime_r(&now, &local);
                   return local.tm_gmtoff;
                 })
      .value;
}

}  // namespace

TEST("local time is that of TZ, east and west, and TZ stays as it was") {
  CHECK_EQ(OffsetWith("XYZ-5:30"), 19800);
  CHECK_EQ(OffsetWith("XYZ3:15:10"), -11710);
  CHECK_EQ(OffsetWith("UTC"), 0);
}

TEST("a time zone that is a pipe costs 2 s, and is UTC then") {
  char path[] = "/tmp/zone.XXXXXX";
  close(mkstemp(path));
  unlink(path);
  CHECK_EQ(mkfifo(path, 0600), 0);
  CHECK_EQ(OffsetWith(std::string(":") + path), 0);
  unlink(path);
}

TEST("the offset is taken over without a file") {
  char directory[] = "/tmp/zones.XXXXXX";
  CHECK(mkdtemp(directory) != nullptr);
  const std::string pipe = std::string(directory) + "/<local>-05:30:00";
  CHECK_EQ(mkfifo(pipe.c_str(), 0600), 0);
  setenv("TZDIR", directory, 1);
  CHECK_EQ(OffsetWith("XYZ-5:30"), 19800);
  CHECK_EQ(getenv("TZDIR"), std::string(directory));
  unsetenv("TZDIR");
  unlink(pipe.c_str());
  rmdir(directory);
}

}  // namespace time_zone_test
