// SPDX-License-Identifier: GPL-2.0-or-later
#include "scripted_kernel.h"

#include "check.h"
#include "final/storage/mountinfo.h"
#include "kernel/child.h"
#include "kernel/container.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"

namespace scripted_kernel_test {
using namespace curfew;
using namespace std::chrono_literals;

TEST("time in suspend does not count for a child's limit") {
  ScriptedKernel kernel;
  kernel.children_hang = true;
  int polls = 0;
  kernel.on_poll = [&](auto, auto limit) {
    if (polls++ == 0) kernel.Suspend(1h);
    kernel.now += std::min<std::chrono::microseconds>(limit, 1s);
    return 0;
  };
  CHECK(InChild(kernel, 5s, [] { return true; }).error == std::errc::timed_out);
  CHECK_EQ(polls, 5);
  CHECK(kernel.Monotonic() == 5s && kernel.Now() == 1h + 5s);
}

TEST("without /proc no process is known, and this one is not in a container") {
  ScriptedKernel kernel;
  kernel.files["/proc/1/stat"] = "1 (init) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0\n";
  kernel.links["/proc/self/ns/pid"] = "pid:[1]";
  CHECK(ReadProcess(kernel, 1) && InContainer(kernel));
  kernel.has_proc = false;
  CHECK(IsGone(ReadProcess(kernel, 1).error) && !InContainer(kernel));
}

TEST("only the mounts of the own namespace are read") {
  ScriptedKernel kernel;
  kernel.EnterMountNamespace("self", 1, "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
  kernel.EnterMountNamespace("10", 2, "2 0 8:2 / /srv rw - ext4 /dev/sdb1 rw\n");
  const auto mounts = ReadMounts(kernel);
  CHECK(mounts.size() == 1 && mounts[0].target == "/");
}

TEST("a program that cannot be executed, and one whose fork is refused, say why") {
  ScriptedKernel kernel;
  kernel.programs["/bin/x"] = 3 << 8;
  CHECK_EQ(RunProgram(kernel, {"/bin/x"}, 5s).value, 3 << 8);
  kernel.errors["run /bin/x"] = std::errc::permission_denied;
  CHECK(RunProgram(kernel, {"/bin/x"}, 5s).error == std::errc::permission_denied);
  kernel.errors["fork"] = std::errc::not_enough_memory;
  CHECK(RunProgram(kernel, {"/bin/x"}, 5s).error == std::errc::not_enough_memory);
}

TEST("a daemon needs two forks; a refused one is its error") {
  for (const char* refused : {"", "fork"}) {
    ScriptedKernel kernel;
    if (*refused) kernel.errors[refused] = std::errc::resource_unavailable_try_again;
    const auto pid = StartDaemon(kernel, "@x", {}, [] {});
    CHECK_EQ(static_cast<bool>(pid), !*refused);
  }
  ScriptedKernel kernel;
  kernel.on_call = [&](const std::string& call) {
    if (kernel.all.size() > 1 && call == "fork") kernel.errors["fork"] = std::errc::io_error;
  };
  CHECK(StartDaemon(kernel, "@x", {}, [] {}).error == std::errc::io_error);
}

}  // namespace scripted_kernel_test
