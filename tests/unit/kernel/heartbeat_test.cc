// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/heartbeat.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kernel/heartbeat_kernel.h"
#include "kernel/in_child.h"

namespace heartbeat_test {
using namespace curfew;
using namespace std::chrono_literals;

TEST("whoever has the descriptor of the heartbeat has the same page") {
  const Heartbeat mine = Heartbeat::Create();
  mine->beats = 7;
  const Heartbeat theirs = Heartbeat::Adopt(dup(mine.fd()));
  CHECK(theirs && theirs->beats == 7);
  theirs->beats = 8;
  CHECK_EQ(mine->beats.load(), 8u);
  CHECK_EQ(fcntl(theirs.fd(), F_GETFD), FD_CLOEXEC);
}

TEST("no other descriptor is taken for heartbeat, and none is closed for that") {
  const Fd null(open("/dev/null", O_RDWR)), uncut(memfd_create("x", MFD_ALLOW_SEALING));
  CHECK(ftruncate(uncut.get(), 4096) == 0);
  for (int fd : {null.get(), uncut.get(), -1, 1000000}) CHECK(!Heartbeat::Adopt(fd));
  CHECK(fcntl(null.get(), F_GETFD) >= 0 && fcntl(uncut.get(), F_GETFD) >= 0);
  const Heartbeat newer = Heartbeat::Create();
  newer->version = HeartbeatPage::kVersion + 1;
  CHECK(!Heartbeat::Adopt(newer.fd()));
}

TEST("nobody can cut the page under those who read it") {
  const Heartbeat heartbeat = Heartbeat::Create();
  CHECK(ftruncate(heartbeat.fd(), 0) != 0);
}

TEST("each call that is done is a tick, also one of a child; a wait without an event is none") {
  const Heartbeat heartbeat = Heartbeat::Create();
  HeartbeatKernel kernel;
  kernel.Tell(heartbeat.page());
  InChild(kernel, 90s, [&] { return kernel.SyncFs("/proc/self"); });
  // The child's call, the end of the child, and that it was seen.
  const auto before = heartbeat->beats.load();
  CHECK(before >= 2);
  kernel.Poll({}, 1ms);
  CHECK_EQ(heartbeat->beats.load(), before);
}

TEST("a detached process is no part of what ticks") {
  const Heartbeat heartbeat = Heartbeat::Create();
  HeartbeatKernel kernel;
  kernel.Tell(heartbeat.page());
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  Fd end(ends[0]), told(ends[1]);
  StartDaemon(kernel, "x", {told.get()}, [&] {
    while (heartbeat->waiting != 1) usleep(1000);
    for (int i = 0; i < 3; ++i) kernel.SyncFs("/proc/self");
    (void)!write(told.get(), "x", 1);
  });
  told.Close();
  const auto before = heartbeat->beats.load();
  heartbeat->waiting = 1;
  char byte = 0;
  CHECK(read(end.get(), &byte, 1) == 1);
  CHECK_EQ(heartbeat->beats.load(), before);
}

TEST(
    "as long as a stage waits, the heartbeat say for how long it may; its children's waits do "
    "not") {
  const Heartbeat heartbeat = Heartbeat::Create();
  HeartbeatKernel kernel;
  kernel.Tell(heartbeat.page());
  const auto error = InChild(kernel, 90s, [&] {
    for (int i = 0; i < 5000 && heartbeat->waiting != 90; ++i) kernel.Poll({}, 1ms);
    return heartbeat->waiting == 90 ? std::error_code() : std::make_error_code(std::errc::io_error);
  });
  CHECK(!error);
  CHECK_EQ(heartbeat->waiting.load(), 0u);
}

}  // namespace heartbeat_test
