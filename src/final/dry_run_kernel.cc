// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/dry_run_kernel.h"

#include <fcntl.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/reboot.h>
#include <linux/rtc.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "final/stages/stages.h"
#include "final/storage/mountinfo.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string SignalName(int signal) {
  const char* name = sigabbrev_np(signal);
  return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

std::string RebootName(unsigned command) {
  switch (command) {
    case LINUX_REBOOT_CMD_CAD_ON:
      return "let Ctrl-Alt-Del restart the machine";
    case LINUX_REBOOT_CMD_POWER_OFF:
      return "switch the power off";
    case LINUX_REBOOT_CMD_HALT:
      return "halt the machine";
    case LINUX_REBOOT_CMD_KEXEC:
      return "start the kernel that kexec loaded";
    default:
      return "restart the machine";
  }
}

std::string IoctlName(const std::string& path, unsigned long request, const void* argument) {
  char text[64];
  switch (request) {
    case RTC_SET_TIME:
      return "set the hardware clock " + path;
    case SIOCSIFFLAGS:
      return std::string("take interface ") + static_cast<const ifreq*>(argument)->ifr_name +
             " down";
    case LOOP_CLR_FD:
      return "free " + path;
    case KIOCSOUND:
      std::snprintf(text, sizeof text, "sound %lu Hz on ",
                    kTimerHz / reinterpret_cast<std::uintptr_t>(argument));
      return text + path;
    default:
      std::snprintf(text, sizeof text, "call ioctl 0x%lx on ", request);
      return text + path;
  }
}

/// The pid in "/proc/812/stat", 0 for any other path.
pid_t PidOfStat(const std::string& path) {
  int pid = 0, end = 0;
  std::sscanf(path.c_str(), "/proc/%d/stat%n", &pid, &end);
  return end > 0 && static_cast<size_t>(end) == path.size() ? pid : 0;
}

/// Calls `edit` with each line of `text`, without newline; the lines for which it is true.
template <typename Edit>
std::string Lines(const std::string& text, Edit edit) {
  std::string kept;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (edit(line)) kept += line + "\n";
  }
  return kept;
}

}  // namespace

DryRunKernel::~DryRunKernel() {
  TellSignals();
}

std::error_code DryRunKernel::Would(const std::string& line) {
  TellSignals();
  if (!ended_) print_("would " + line);
  return {};
}

/// Counts, not pids: a machine has hundreds.
void DryRunKernel::TellSignals() {
  for (const auto& [signal, pids] : signalled_)
    if (signal != SIGSTOP && signal != SIGCONT && !ended_)
      print_("would send " + SignalName(signal) + " to " + std::to_string(pids.size()) +
             (pids.size() == 1 ? " process" : " processes"));
  signalled_.clear();
}

std::string DryRunKernel::AsUnmounted(const std::string& mountinfo) const {
  return Lines(mountinfo, [&](std::string& line) {
    auto mount = ParseMountInfo(line);
    if (mount.empty()) return true;
    if (unmounted_.contains(mount[0].id)) return false;
    // "... /target rw,noatime ... - ext4 /dev/sda1 rw,errors=continue"
    const size_t own = line.find(" rw"), whole = line.rfind(" rw");
    if (read_only_.contains(mount[0].target) && own != line.npos) line.replace(own, 3, " ro");
    if (read_only_devices_.contains(mount[0].device) && whole != line.npos)
      line.replace(whole, 3, " ro");
    return true;
  });
}

std::string DryRunKernel::AsSwappedOff(const std::string& swaps) const {
  return Lines(swaps, [&](const std::string& line) {
    return !swapped_off_.contains(UndoOctal(line.substr(0, line.find_first_of(" \t"))));
  });
}

Result<std::string> DryRunKernel::Read(const std::string& path) {
  const pid_t pid = PidOfStat(path);
  if (gone_.contains(pid)) return std::make_error_code(std::errc::no_such_process);
  auto file = machine_.Read(path);
  if (path == "/proc/self/mountinfo") {
    file.value = AsUnmounted(file.value);
    mounts_ = ParseMountInfo(file.value);
  }
  if (path == "/proc/swaps") file.value = AsSwappedOff(file.value);
  // "812 (name) S ...": the state follows the last bracket.
  size_t state = file.value.rfind(')') + 2;
  if (stopped_.contains(pid) && state < file.value.size()) file.value[state] = 'T';
  return file;
}

Result<std::vector<std::string>> DryRunKernel::List(const std::string& dir) {
  auto names = machine_.List(dir);
  if (dir == "/proc")
    std::erase_if(names.value,
                  [&](const std::string& name) { return gone_.contains(std::atoi(name.c_str())); });
  return names;
}

Result<std::string> DryRunKernel::ReadLink(const std::string& path) {
  return machine_.ReadLink(path);
}

/// What is missing is missing in earnest, too.
std::error_code DryRunKernel::WouldChange(const std::string& path, const std::string& line) {
  auto file = machine_.Open(path, O_PATH);
  if (!file) return file.error;
  machine_.Close(file.value);
  return Would(line);
}

std::error_code DryRunKernel::Write(const std::string& path, std::string_view bytes) {
  // What goes into sysfs is a word, what goes to init is none.
  const bool word = path.starts_with("/sys/");
  return WouldChange(path, "write " + (word ? std::string(bytes) + " " : "") + "to " + path);
}

std::error_code DryRunKernel::Store(const std::string& path, std::string_view) {
  return Would("write " + path);
}

std::error_code DryRunKernel::Append(const std::string& path, std::string_view) {
  return WouldChange(path, "append a record to " + path);
}

std::error_code DryRunKernel::Unlink(const std::string& path) {
  return WouldChange(path, "remove " + path);
}

std::error_code DryRunKernel::Symlink(const std::string&, const std::string& path) {
  return Would("make the link " + path);
}

/// Never for writing: closing a disk that was open for writing starts udev's rules.
Result<int> DryRunKernel::Open(const std::string& path, int flags) {
  auto fd = machine_.Open(path, (flags & ~O_ACCMODE) | O_RDONLY);
  if (fd) open_paths_[fd.value] = path;
  return fd;
}

Result<int> DryRunKernel::Ioctl(int fd, unsigned long request, void* argument) {
  const std::string& path = open_paths_[fd];
  if (request == LOOP_GET_STATUS64 && freed_.contains(path))
    return std::make_error_code(std::errc::no_such_device_or_address);
  if (request == LOOP_GET_STATUS64 || request == SIOCGIFFLAGS)
    return machine_.Ioctl(fd, request, argument);
  if (request == LOOP_CLR_FD) freed_.insert(path);
  if (request == KIOCSOUND && !argument) return 0;
  Would(IoctlName(path, request, argument));
  return 0;
}

std::error_code DryRunKernel::Fsync(int fd) {
  return Would("flush " + open_paths_[fd]);
}

void DryRunKernel::Close(int fd) {
  open_paths_.erase(fd);
  pidfds_.erase(fd);
  machine_.Close(fd);
}

Result<std::string> DryRunKernel::ReadOpen(int fd) {
  return machine_.ReadOpen(fd);
}

std::error_code DryRunKernel::WriteOpen(int fd, std::string_view) {
  return Would("write to " + open_paths_[fd]);
}

Result<int> DryRunKernel::Socket(int family) {
  return machine_.Socket(family);
}

pid_t DryRunKernel::Self() {
  return machine_.Self();
}

Result<int> DryRunKernel::PidfdOpen(pid_t pid) {
  auto fd = machine_.PidfdOpen(pid);
  if (fd) pidfds_[fd.value] = pid;
  return fd;
}

std::error_code DryRunKernel::PidfdSignal(int pidfd, int signal) {
  return Kill(pidfds_[pidfd], signal);
}

std::error_code DryRunKernel::Kill(pid_t pid, int signal) {
  if (pid == 1) return Would("send " + SignalName(signal) + " to PID 1");
  if (signal == 0) return {};
  signalled_[signal].insert(pid);
  if (signal == SIGSTOP) stopped_.insert(pid);
  if (signal == SIGCONT) stopped_.erase(pid);
  if (signal == SIGTERM || signal == SIGKILL) gone_.insert(pid);
  return {};
}

Result<int> DryRunKernel::Poll(std::span<pollfd> fds, milliseconds limit) {
  // Whoever waits has signalled all he wants to.
  TellSignals();
  int ready = 0;
  for (pollfd& fd : fds) {
    auto process = pidfds_.find(fd.fd);
    fd.revents = process != pidfds_.end() && gone_.contains(process->second) ? POLLIN : 0;
    if (fd.revents) ++ready;
  }
  if (ready == 0) skipped_ += limit;
  return ready;
}

int DryRunKernel::RaiseDescriptorLimit() {
  return machine_.RaiseDescriptorLimit();
}

Result<int> DryRunKernel::Start(const std::function<std::error_code()>& work) {
  outcomes_.push_back(work());
  return static_cast<int>(outcomes_.size()) - 1;
}

bool DryRunKernel::Answered(int, milliseconds) {
  return true;
}

std::error_code DryRunKernel::Await(int child, milliseconds) {
  return outcomes_[child];
}

bool DryRunKernel::IsProgram(const std::string& path) {
  return machine_.IsProgram(path);
}

Result<int> DryRunKernel::RunProgram(const std::vector<std::string>& argv, milliseconds,
                                     std::string*) {
  std::string line = "run";
  for (const std::string& word : argv) line += " " + word;
  Would(line);
  return 0;
}

Result<pid_t> DryRunKernel::Detach(const std::string& name, const std::vector<int>&,
                                   const std::function<void()>&) {
  Would("start " + name);
  return pid_t(0);
}

std::error_code DryRunKernel::Umount(const std::string& target, int flags) {
  // The last mount of a path is the one on top.
  int id = -1;
  for (const auto& mount : mounts_)
    if (mount.target == target && !unmounted_.contains(mount.id)) id = mount.id;
  if (id < 0) return std::make_error_code(std::errc::invalid_argument);
  unmounted_.insert(id);
  return Would((flags & MNT_DETACH ? "detach " : "unmount ") + target);
}

std::error_code DryRunKernel::Mount(const std::string&, const std::string& target,
                                    const std::string&, unsigned long flags, const std::string&) {
  if (!(flags & MS_REMOUNT) || !(flags & MS_RDONLY)) return Would("mount " + target);
  for (const auto& mount : mounts_)
    if (mount.target == target && !(flags & MS_BIND)) read_only_devices_.insert(mount.device);
  read_only_.insert(target);
  return Would("make " + target + " read-only");
}

std::error_code DryRunKernel::SwapOff(const std::string& path) {
  swapped_off_.insert(path);
  return Would("turn swap off on " + path);
}

std::error_code DryRunKernel::SyncFs(const std::string& path) {
  return Would("sync " + path);
}

void DryRunKernel::Sync() {
  Would("sync all file systems");
}

std::error_code DryRunKernel::QuotaOff(const std::string& device, int) {
  return Would("turn quota off on " + device);
}

std::error_code DryRunKernel::AccountingOff() {
  return Would("turn process accounting off");
}

microseconds DryRunKernel::Now() {
  return machine_.Now() + skipped_;
}

microseconds DryRunKernel::WallClock() {
  return machine_.WallClock() + skipped_;
}

std::string DryRunKernel::Release() {
  return machine_.Release();
}

std::error_code DryRunKernel::Reboot(unsigned command, const std::string& argument) {
  Would(RebootName(command) + (argument.empty() ? "" : " with '" + argument + "'"));
  if (command != LINUX_REBOOT_CMD_CAD_ON && command != LINUX_REBOOT_CMD_CAD_OFF) ended_ = true;
  return {};
}

}  // namespace curfew
