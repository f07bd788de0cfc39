// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <linux/watchdog.h>

#include <functional>
#include <string>
#include <vector>

#include "final/guard/dead_man.h"
#include "final_stage_test.h"

namespace curfew {

/// The process that the dead-man watches.
constexpr pid_t kMain = 4000;

/// A machine in its last stages, and its dead-man. `each_look` happens each time it looks.
struct DeadManTest : StageTest {
  Heartbeat heartbeat = Heartbeat::Create();
  std::function<void()> each_look = [] {};
  std::vector<std::string> log;      ///< What the kernel says next.
  std::vector<std::string> pressed;  ///< Keys and lines, each with the second it came in.
  bool main_lives = true;
  bool disks_answer = true;
  int fed = 0;

  DeadManTest() {
    context.heartbeat = &heartbeat;
    auto& files = kernel.files;
    for (const char* path : {"/proc/sysrq-trigger", "/dev/kmsg", "/dev/watchdog"}) files[path] = "";
    files["/proc/meminfo"] = "MemTotal: 9 kB\nDirty: 0 kB\nWriteback: 0 kB\n";
    files["/proc/" + std::to_string(kMain) + "/stat"] =
        "4000 (halt) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
    kernel.links["/proc/self/ns/pid"] = "pid:[4026531836]";
    kernel.on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      kernel.now += limit;
      each_look();
      for (pollfd& fd : fds)
        if (kernel.open_paths[fd.fd] == std::to_string(kMain) && !main_lives) fd.revents = POLLIN;
      return 0;
    };
    kernel.on_call = [this](const std::string& call) { Notice(call); };
    kernel.on_ioctl = [this](int, unsigned long request, void*) {
      fed += request == WDIOC_KEEPALIVE;
      return 0;
    };
    heartbeat->budget = 60;
    heartbeat->hard = 1800;
    heartbeat->begin = 1;
    heartbeat->main = kMain;
    heartbeat->restart = 1;
  }

  void Notice(const std::string& call) {
    const std::string key = "write_open /proc/sysrq-trigger ";
    if (call.starts_with(key)) Press(call.substr(key.size()));
    if (call.starts_with("reboot ")) Press(call);
    if (call == "read_open /dev/kmsg") {
      kernel.errors["read_open /dev/kmsg"] = std::errc::resource_unavailable_try_again;
      if (!log.empty()) {
        kernel.errors.erase("read_open /dev/kmsg");
        kernel.files["/dev/kmsg"] = log.front();
        log.erase(log.begin());
      }
    }
  }
  void Press(const std::string& key) {
    const auto second = std::chrono::duration_cast<std::chrono::seconds>(kernel.now).count();
    pressed.push_back(key + "@" + std::to_string(second));
    if (!disks_answer) return;
    if (key == "s") log = {"", "6,1,1,-;Emergency Sync complete\n"};
    if (key == "u") log = {"", "6,2,2,-;Emergency Remount complete\n"};
  }
  bool Wrote(const std::string& words) const {
    for (const auto& call : kernel.calls)
      if (call.starts_with("write_open /dev/kmsg <0>") && call.find(words) != call.npos)
        return true;
    return false;
  }

  /// Whether an event that ends so is in the kernel's log.
  bool Logged(const std::string& end) const {
    return std::any_of(kernel.calls.begin(), kernel.calls.end(), [&](const std::string& call) {
      return call.starts_with("write /dev/kmsg <7>curfew 000012: ") && call.ends_with(end + "\n");
    });
  }

  void Live() {
    auto open = [this](const char* path) { return kernel.Open(path, 0).value; };
    LiveAsDeadMan(kernel, *heartbeat.page(),
                  {open("/proc/sysrq-trigger"), open("/dev/kmsg"), open("/proc/meminfo")});
  }
};

}  // namespace curfew
