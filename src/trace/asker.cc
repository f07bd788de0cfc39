// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/asker.h"

#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Bytes of a command line that are kept.
constexpr std::size_t kLongestCommand = 512;
/// Ancestors that are named. A login through ssh, sudo and a script has six.
constexpr std::size_t kMostAncestors = 16;
/// What the kernel answers for a process that no login led to.
constexpr uid_t kNoLogin = static_cast<uid_t>(-1);

/// The arguments have a NUL behind each.
std::string Command(Files& files) {
  std::string words = files.Read("/proc/self/cmdline").value;
  while (!words.empty() && words.back() == '\0') words.pop_back();
  for (char& c : words) c = c == '\0' ? ' ' : c;
  return words.substr(0, kLongestCommand);
}

/// A terminal by the number that /proc/PID/stat has for it (proc(5)): the minor number in the bits
/// 0 to 7 and 20 to 31, the major in 8 to 19.
std::string TerminalName(Files& files, unsigned number) {
  constexpr unsigned kPtySlave = 136;  // UNIX98_PTY_SLAVE_MAJOR of <linux/major.h>
  if (number == 0) return "";
  const unsigned major = number >> 8 & 0xfff;
  const unsigned minor = (number & 0xff) | (number >> 12 & 0xfff00);
  if (major == kPtySlave) return "pts/" + std::to_string(minor);
  const std::string device = std::to_string(major) + ":" + std::to_string(minor);
  const std::string text = files.Read("/sys/dev/char/" + device + "/uevent").value;
  constexpr std::string_view kName = "DEVNAME=";
  for (const std::string_view line : Lines(text))
    if (line.starts_with(kName)) return std::string(line.substr(kName.size()));
  return "device " + device;
}

std::optional<uid_t> LoginUid(Files& files, const std::string& process) {
  const std::string text = files.Read("/proc/" + process + "/loginuid").value;
  const auto uid = ParseNumber<uid_t>(FirstLine(text));
  return uid == kNoLogin ? std::nullopt : uid;
}

}  // namespace

Asker FindAsker(Files& files, uid_t uid) {
  Asker asker{Command(files), uid};
  const auto login_uid = LoginUid(files, "self");
  // All processes of a container have that of who started it.
  if (login_uid != LoginUid(files, "1")) asker.login_uid = login_uid;
  const auto self = ParseStat(files.Read("/proc/self/stat").value);
  if (!self) return asker;
  asker.terminal = TerminalName(files, static_cast<unsigned>(self->terminal));
  pid_t parent = self->parent;
  while (parent > 1 && asker.from.size() < kMostAncestors) {
    const auto process = ReadProcess(files, parent);
    if (!process) return asker;
    asker.from.push_back(process.value.Label());
    parent = process.value.parent;
  }
  asker.below_pid1 = parent == 1;
  return asker;
}

bool StartedByPid1(Files& files, const Asker& rc) {
  if (!rc.below_pid1 || rc.login_uid) return false;
  const auto first = ReadProcess(files, 1);
  std::size_t others = 0;
  // sysvinit waits for an entry in a child of its own name.
  for (const std::string& process : rc.from)
    others += !first || !process.starts_with(first.value.name + "[");
  return others <= 1;
}

}  // namespace curfew
