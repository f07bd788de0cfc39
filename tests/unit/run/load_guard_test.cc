// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/load_guard.h"

#include "check.h"
#include "scripted_kernel.h"

using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// A machine whose guard lives at once and to its end; rc is released, or gone, at `released`.
struct GuardKernel : ScriptedKernel {
  std::chrono::microseconds released = std::chrono::hours(1);

  GuardKernel() {
    daemons_work = true;
    for (const char* path : {"/proc/sysrq-trigger", "/dev/kmsg", "/proc/meminfo"}) files[path] = "";
    errors["read_open /dev/kmsg"] = std::errc::resource_unavailable_try_again;
    on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      now = std::min(now + limit, std::max(now, released));
      return !fds.empty() && now >= released ? 1 : 0;
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
}

TEST("an rc that has begun, or is gone, is left alone") {
  CHECK_EQ(PressedFor("0", 59s), "");
}

TEST("a level that ends no machine has no guard, and a container's ends none") {
  for (const char* level : {"", "1", "2", "S"}) CHECK_EQ(PressedFor(level), "");
  CHECK_EQ(PressedFor("0", 1h, "pid:[4026532000]"), "");
}
