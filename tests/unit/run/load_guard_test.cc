// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/load_guard.h"

#include "check.h"
#include "config/limits.h"
#include "scripted_kernel.h"

namespace load_guard_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// A machine whose guard lives at once and to its end; rc is released, or gone, at `released`.
struct GuardKernel : ScriptedKernel {
  std::chrono::microseconds released = std::chrono::hours(1);
  std::chrono::microseconds stub_ends = std::chrono::hours(10);
  int reads = 0, reads_per_second = 0;

  GuardKernel() {
    daemons_work = true;
    for (const char* path : {"/proc/sysrq-trigger", "/dev/kmsg", "/proc/meminfo"}) files[path] = "";
    errors["read_open /dev/kmsg"] = std::errc::resource_unavailable_try_again;
    on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      now = fds.empty() ? now + limit : std::min(now + limit, std::max(now, released));
      reads += reads_per_second;
      files["/proc/diskstats"] = "8 0 sda " + std::to_string(reads) + " 0 0 0 7 0 0 0\n";
      if (now >= stub_ends) files.erase("/proc/77/stat");
      return !fds.empty() && now >= released ? 1 : 0;
    };
  }
  void ShowProcess(int pid, int parent) {
    files["/proc/" + std::to_string(pid) + "/stat"] =
        std::to_string(pid) + " (sh) D " + std::to_string(parent) +
        " 7 7 0 -1 0 0 0 0 0 5 5 0 0 20 0 1 0 123 0 0";
  }
  /// rc comes from a stub, and dies when it is killed.
  void AddStub() {
    ShowProcess(4000, 77);
    ShowProcess(77, 1);
    on_call = [this](const std::string& call) {
      if (call == "kill 4000 9") released = now;
    };
  }
  std::string Pressed() const {
    std::string keys;
    const std::string press = "write_open /proc/sysrq-trigger ";
    for (const auto& call : calls)
      if (call.starts_with(press)) keys += call.substr(press.size());
    return keys;
  }
};

std::string PressedFor(const std::string& level, std::chrono::seconds released = 1h,
                       const std::string& pid_namespace = "pid:[4026531836]") {
  GuardKernel kernel;
  kernel.released = released;
  kernel.links["/proc/self/ns/pid"] = pid_namespace;
  LoadGuard guard(kernel, level);
  return kernel.Pressed();
}

}  // namespace

TEST("an rc that begins nothing for 60 s is ended: w, s, u, then o, or b for a restart") {
  CHECK_EQ(PressedFor("0"), "wsuob");
  CHECK_EQ(PressedFor("6"), "wsub");
  GuardKernel still;
  LoadGuard guard(still, "0");
  CHECK(still.now >= 60s && still.now < 300s);
}

TEST("an rc that has begun, or is gone, is left alone") {
  CHECK_EQ(PressedFor("0", 59s), "");
}

TEST("time in which the machine sleeps is none in which rc does not get on") {
  GuardKernel kernel;
  bool slept = false;
  kernel.on_poll = [&, answer = kernel.on_poll](std::span<pollfd> fds,
                                                std::chrono::milliseconds limit) {
    if (!std::exchange(slept, true)) kernel.Suspend(1h);
    return answer(fds, limit);
  };
  kernel.released = 1h + 59s;
  LoadGuard guard(kernel, "0");
  CHECK_EQ(kernel.Pressed(), "");
}

TEST("an rc whose reads get on is waited for, ten minutes at the most") {
  GuardKernel slow;
  slow.released = 500s;
  slow.reads_per_second = 1;
  LoadGuard guard(slow, "0");
  CHECK_EQ(slow.Pressed(), "");
  GuardKernel never;
  never.reads_per_second = 1;
  LoadGuard late(never, "0");
  CHECK_EQ(never.Pressed(), "wsuob");
  CHECK(never.now >= 600s && never.now < 900s);
}

TEST("an rc that does not get on is killed; its stub is left alone while it may work") {
  GuardKernel kernel;
  kernel.AddStub();
  kernel.stub_ends = 700s;
  LoadGuard guard(kernel, "0");
  CHECK(kernel.Called("kill 4000 9"));
  CHECK_EQ(kernel.Pressed(), "");

  GuardKernel hangs;
  hangs.ShowProcess(4000, 77);
  hangs.ShowProcess(77, 1);
  LoadGuard other(hangs, "6");  // in D
  CHECK_EQ(hangs.Pressed(), "wsub");
}

TEST("a stub that takes longer than all stops may take is not waited for") {
  GuardKernel kernel;
  kernel.AddStub();
  LoadGuard guard(kernel, "0");
  CHECK_EQ(kernel.Pressed(), "wsuob");
  CHECK(kernel.now >= limits::kStub && kernel.now < limits::kStub + 300s);
}

TEST("a level that ends no machine has no guard, and a container's ends none") {
  for (const char* level : {"", "1", "2", "S"}) CHECK_EQ(PressedFor(level), "");
  CHECK_EQ(PressedFor("0", 1h, "pid:[4026532000]"), "");
}

}  // namespace load_guard_test
