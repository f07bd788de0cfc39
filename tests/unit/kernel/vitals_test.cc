// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vitals.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "kernel/heartbeat_kernel.h"
#include "kernel/in_child.h"

using namespace curfew;
using namespace std::chrono_literals;

TEST("whoever has the descriptor of the vitals has the same page") {
  const Vitals mine = Vitals::Create();
  mine->ticks = 7;
  const Vitals theirs = Vitals::Adopt(dup(mine.fd()));
  CHECK(theirs && theirs->ticks == 7);
  theirs->ticks = 8;
  CHECK_EQ(mine->ticks.load(), 8u);
  CHECK_EQ(fcntl(theirs.fd(), F_GETFD), FD_CLOEXEC);
}

TEST("no other descriptor is taken for vitals, and none is closed for that") {
  const Fd null(open("/dev/null", O_RDWR)), uncut(memfd_create("x", MFD_ALLOW_SEALING));
  CHECK(ftruncate(uncut.get(), 4096) == 0);
  for (int fd : {null.get(), uncut.get(), -1, 1000000}) CHECK(!Vitals::Adopt(fd));
  CHECK(fcntl(null.get(), F_GETFD) >= 0 && fcntl(uncut.get(), F_GETFD) >= 0);
  const Vitals newer = Vitals::Create();
  newer->version = VitalsPage::kVersion + 1;
  CHECK(!Vitals::Adopt(newer.fd()));
}

TEST("nobody can cut the page under those who read it") {
  const Vitals vitals = Vitals::Create();
  CHECK(ftruncate(vitals.fd(), 0) != 0);
}

TEST("each call that is done is a tick, also one of a child; a wait without an event is none") {
  const Vitals vitals = Vitals::Create();
  HeartbeatKernel kernel;
  kernel.Tell(vitals.page());
  InChild(kernel, 90s, [&] { return kernel.SyncFs("/proc/self"); });
  // The child's call, the end of the child, and that it was seen.
  const auto before = vitals->ticks.load();
  CHECK(before >= 2);
  kernel.Poll({}, 1ms);
  CHECK_EQ(vitals->ticks.load(), before);
}

TEST("a detached process is no part of what ticks") {
  const Vitals vitals = Vitals::Create();
  HeartbeatKernel kernel;
  kernel.Tell(vitals.page());
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  Fd end(ends[0]), told(ends[1]);
  StartDaemon(kernel, "x", {told.get()}, [&] {
    while (vitals->waiting != 1) usleep(1000);
    for (int i = 0; i < 3; ++i) kernel.SyncFs("/proc/self");
    (void)!write(told.get(), "x", 1);
  });
  told.Close();
  const auto before = vitals->ticks.load();
  vitals->waiting = 1;
  char byte = 0;
  CHECK(read(end.get(), &byte, 1) == 1);
  CHECK_EQ(vitals->ticks.load(), before);
}

TEST("as long as a stage waits, the vitals say for how long it may; its children's waits do not") {
  const Vitals vitals = Vitals::Create();
  HeartbeatKernel kernel;
  kernel.Tell(vitals.page());
  const auto error = InChild(kernel, 90s, [&] {
    for (int i = 0; i < 5000 && vitals->waiting != 90; ++i) kernel.Poll({}, 1ms);
    return vitals->waiting == 90 ? std::error_code() : std::make_error_code(std::errc::io_error);
  });
  CHECK(!error);
  CHECK_EQ(vitals->waiting.load(), 0u);
}
