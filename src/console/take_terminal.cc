// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/take_terminal.h"

#include <linux/kd.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <string>

#include "console/terminal.h"
#include "kernel/linux_kernel.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

/// Of include/uapi/asm-generic/ioctls.h; no header that users of termios.h may include has it.
constexpr unsigned long kHangUp = 0x5437;
/// Virtual terminals have the numbers 4:1 to 4:63.
constexpr unsigned kMostVirtual = 63;

/// The terminal's own file: tty0 and console lead to one that has another owner and mode.
std::string FileOf(int terminal) {
  const dev_t device = TerminalDevice(terminal);
  if (major(device) == TTY_MAJOR && minor(device) >= 1 && minor(device) <= kMostVirtual)
    return "/dev/tty" + std::to_string(minor(device));
  char path[64];
  const std::string link = "/proc/self/fd/" + std::to_string(terminal);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : "";
}

bool IsGraphic(int terminal) {
  int mode = KD_TEXT;
  return ioctl(terminal, KDGETMODE, &mode) == 0 && mode != KD_TEXT;
}

/// The kernel tells the session of a terminal to members of that session only.
bool IsControlling(int terminal) {
  pid_t session;
  return ioctl(terminal, TIOCGSID, &session) == 0;
}

/// PID 1 may have it, as in a container: then no session that is not root's can get it either.
bool IsInits(int terminal) {
  LinuxKernel kernel;
  const Result<ProcessInfo> init = ReadProcess(kernel, 1);
  return init && init.value.terminal != 0 &&
         static_cast<dev_t>(init.value.terminal) == TerminalDevice(terminal);
}

/// Makes the file root's; false where another may still open it for reading.
bool Own(int terminal) {
  (void)!fchown(terminal, 0, static_cast<gid_t>(-1));
  fchmod(terminal, 0600);
  struct stat info {};
  constexpr mode_t kOthersRead = S_IRGRP | S_IROTH;
  return fstat(terminal, &info) == 0 && info.st_uid == 0 && (info.st_mode & kOthersRead) == 0;
}

/// A hangup spares only what was opened as /dev/console.
bool WouldCutOff(int output, dev_t terminal) {
  struct stat info {};
  return isatty(output) && TerminalDevice(output) == terminal && fstat(output, &info) == 0 &&
         info.st_rdev != makedev(TTYAUX_MAJOR, 1);
}

void ForbidTyping() {
  const Fd file(open("/proc/sys/dev/tty/legacy_tiocsti", O_WRONLY | O_CLOEXEC));
  if (file) (void)!write(file.get(), "0", 1);
}

}  // namespace

Fd TakeTerminal(const std::string& root, Fd terminal) {
  if (!root.empty()) return terminal;
  ForbidTyping();
  const std::string file = FileOf(terminal.get());
  Fd own(open(file.c_str(), kTerminalFlags));
  if (!own || IsGraphic(own.get())) return Fd();
  const bool owned = Own(own.get());
  if (IsControlling(own.get()) || IsInits(own.get())) return own;
  const dev_t device = TerminalDevice(own.get());
  const bool cut = WouldCutOff(STDOUT_FILENO, device) || WouldCutOff(STDERR_FILENO, device);
  if (!owned || cut || ioctl(own.get(), kHangUp) != 0) return Fd();
  return Fd(open(file.c_str(), kTerminalFlags));
}

}  // namespace curfew
