// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sysrq.h"

#include <fcntl.h>
#include <linux/reboot.h>

#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kAnswerCheck{100};
/// s or u without write-back: the disk is dead.
constexpr seconds kWithoutProgress{10};
/// s or u in all.
constexpr seconds kSave{60};
/// w: a slow serial console may print its lines longer than that, beside the next keys.
constexpr seconds kShowStacks{5};
constexpr seconds kSay{1};
/// Lines of one read: a kernel that logs without end must not hold up the dead-man.
constexpr int kMostLines = 10000;
/// From o or b to the end of the machine.
constexpr seconds kEnd{10};

int OpenOrNone(Kernel& kernel, const char* path, int flags) {
  const Result<int> fd = kernel.Open(path, flags);
  return fd ? fd.value : -1;
}

}  // namespace

SysrqFiles OpenSysrqFiles(Kernel& kernel) {
  return {OpenOrNone(kernel, "/proc/sysrq-trigger", O_WRONLY),
          OpenOrNone(kernel, "/dev/kmsg", O_RDWR), OpenOrNone(kernel, "/proc/meminfo", O_RDONLY)};
}

void CloseSysrqFiles(Kernel& kernel, const SysrqFiles& files) {
  for (const int fd : {files.trigger, files.log, files.memory})
    if (fd >= 0) kernel.Close(fd);
}

void Sysrq::Say(const std::string& line) {
  if (files_.log < 0) return;
  // <0>: the console level filters out no line of this level.
  InChild(kernel_, kSay,
          [&] { return kernel_.WriteOpen(files_.log, "<0>curfew: dead-man: " + line + "\n"); });
}

ChildCall<std::error_code> Sysrq::Press(char key) {
  ChildCall<std::error_code> child(kernel_, [this, key] {
    if (files_.trigger < 0 && key == 's') kernel_.Sync();
    return PressHere(key);
  });
  if (child.Refused()) PressHere(key);
  return child;
}

std::error_code Sysrq::PressHere(char key) {
  if (files_.trigger >= 0) return kernel_.WriteOpen(files_.trigger, std::string(1, key));
  if (key == 'o') return kernel_.Reboot(LINUX_REBOOT_CMD_POWER_OFF);
  return key == 'b' ? kernel_.Reboot(LINUX_REBOOT_CMD_RESTART) : std::error_code();
}

std::string Sysrq::NewLines() {
  std::string lines;
  if (files_.log < 0) return lines;
  for (int i = 0; i < kMostLines; ++i) {
    const auto line = kernel_.ReadOpen(files_.log);
    // EPIPE: the kernel has overwritten lines since the last read; the next read goes on behind
    // them.
    if (!line && line.error != std::errc::broken_pipe) break;
    lines += line.value;
  }
  return lines;
}

long Sysrq::Unwritten() {
  if (files_.memory < 0) return -1;
  const auto memory = kernel_.ReadOpen(files_.memory);
  if (!memory) return -1;
  return static_cast<long>(NumberAfter(memory.value, "Dirty").value_or(0) +
                           NumberAfter(memory.value, "Writeback").value_or(0));
}

void Sysrq::PressUntil(char key, std::string_view done, const std::function<void()>& alive) {
  NewLines();
  auto child = Press(key);
  const auto begin = kernel_.Now();
  auto changed = begin;
  long least = Unwritten();
  while (kernel_.Now() - changed < kWithoutProgress && kernel_.Now() - begin < kSave) {
    alive();
    if (NewLines().find(done) != std::string::npos) break;
    kernel_.Poll({}, kAnswerCheck);
    const long left = Unwritten();
    if (left >= least) continue;
    least = left;
    changed = kernel_.Now();
  }
  child.Finish(kernel_, milliseconds(0));
}

void Sysrq::Save(const std::function<void()>& alive) {
  if (files_.trigger < 0) {
    alive();
    Press('s').Finish(kernel_, kWithoutProgress);
    return;
  }
  alive();
  Press('w').Finish(kernel_, kShowStacks);
  PressUntil('s', "Emergency Sync complete", alive);
  RemountReadOnly(alive);
}

void Sysrq::RemountReadOnly(const std::function<void()>& alive) {
  if (files_.trigger >= 0) PressUntil('u', "Emergency Remount complete", alive);
}

bool Sysrq::DriverSpoke() {
  return NewLines().find("\n DEVICE=") != std::string::npos;
}

void Sysrq::End(char key) {
  Say(std::string(files_.trigger >= 0 ? "sysrq " : "reboot(2) in place of sysrq ") + key);
  Press(key);
  kernel_.Poll({}, kEnd);
}

}  // namespace curfew
