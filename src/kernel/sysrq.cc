// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sysrq.h"

#include <fcntl.h>
#include <linux/reboot.h>

#include <cstdlib>

namespace curfew {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLook{100};
constexpr seconds kQuiet{10};
constexpr seconds kMost{60};
/// For the lines of `w` on a slow serial console; the rest appears beside what follows.
constexpr seconds kShow{5};
constexpr seconds kSay{1};
/// At one look: a kernel that logs without end must not hold us.
constexpr int kMostLines = 10000;
/// From the key to the end of the machine.
constexpr seconds kEnd{10};

long Field(const std::string& memory, const std::string& key) {
  const auto at = memory.find("\n" + key + ":");
  return at == memory.npos ? 0 : std::atol(memory.c_str() + at + key.size() + 2);
}

int OpenOrNone(Kernel& kernel, const char* path, int flags) {
  const Result<int> fd = kernel.Open(path, flags);
  return fd ? fd.value : -1;
}

}  // namespace

Instruments OpenInstruments(Kernel& kernel) {
  return {OpenOrNone(kernel, "/proc/sysrq-trigger", O_WRONLY),
          OpenOrNone(kernel, "/dev/kmsg", O_RDWR), OpenOrNone(kernel, "/proc/meminfo", O_RDONLY)};
}

void CloseInstruments(Kernel& kernel, const Instruments& instruments) {
  for (const int fd : {instruments.trigger, instruments.log, instruments.memory})
    if (fd >= 0) kernel.Close(fd);
}

void Sysrq::Say(const std::string& line) {
  if (instruments_.log < 0) return;
  // Level 0: no console is too quiet for it.
  InChild(kernel_, kSay, [&] {
    return kernel_.WriteOpen(instruments_.log, "<0>curfew: dead-man: " + line + "\n");
  });
}

ChildCall<std::error_code> Sysrq::Press(char key) {
  return {kernel_, [this, key] {
            if (instruments_.trigger >= 0)
              return kernel_.WriteOpen(instruments_.trigger, std::string(1, key));
            if (key == 's') kernel_.Sync();
            if (key == 'o') return kernel_.Reboot(LINUX_REBOOT_CMD_POWER_OFF);
            return key == 'b' ? kernel_.Reboot(LINUX_REBOOT_CMD_RESTART) : std::error_code();
          }};
}

std::string Sysrq::NewLines() {
  std::string lines;
  if (instruments_.log < 0) return lines;
  for (int i = 0; i < kMostLines; ++i) {
    const auto line = kernel_.ReadOpen(instruments_.log);
    // EPIPE: some were overwritten before they could be read; the next read goes on.
    if (!line && line.error != std::errc::broken_pipe) break;
    lines += line.value;
  }
  return lines;
}

long Sysrq::Unwritten() {
  if (instruments_.memory < 0) return -1;
  const auto memory = kernel_.ReadOpen(instruments_.memory);
  return memory ? Field(memory.value, "Dirty") + Field(memory.value, "Writeback") : -1;
}

void Sysrq::PressUntil(char key, std::string_view done, const std::function<void()>& alive) {
  NewLines();
  auto child = Press(key);
  const auto begin = kernel_.Now();
  auto changed = begin;
  long least = Unwritten();
  while (kernel_.Now() - changed < kQuiet && kernel_.Now() - begin < kMost) {
    alive();
    if (NewLines().find(done) != std::string::npos) break;
    kernel_.Poll({}, kLook);
    const long left = Unwritten();
    if (left >= least) continue;
    least = left;
    changed = kernel_.Now();
  }
  child.Finish(kernel_, milliseconds(0));
}

void Sysrq::Save(const std::function<void()>& alive) {
  if (instruments_.trigger < 0) {
    alive();
    Press('s').Finish(kernel_, kQuiet);
    return;
  }
  alive();
  Press('w').Finish(kernel_, kShow);
  PressUntil('s', "Emergency Sync complete", alive);
  PressUntil('u', "Emergency Remount complete", alive);
}

void Sysrq::End(char key) {
  Say(std::string(instruments_.trigger >= 0 ? "sysrq " : "reboot(2) in place of sysrq ") + key);
  Press(key);
  kernel_.Poll({}, kEnd);
}

}  // namespace curfew
