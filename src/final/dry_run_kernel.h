// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/reboot.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <functional>
#include <map>
#include <set>

#include "final/storage/mountinfo.h"
#include "kernel/fd.h"
#include "kernel/linux_kernel.h"
#include "text/text.h"

namespace curfew {

/// `halt --dry-run`: reads the machine and changes nothing. Each call that would change something
/// goes to `print`, as a line without newline. Later reads answer as if it had succeeded, so that
/// the stages decide as they would.
class DryRunKernel : public ReadOnlyKernel {
  using Path = const std::string&;
  using Bytes = std::string_view;
  using Error = std::error_code;

 public:
  explicit DryRunKernel(std::function<void(Path)> print) : print_(std::move(print)) {}
  ~DryRunKernel() override { TellSignals(); }
  Result<std::string> Read(Path path) override {
    auto file = ReadOnlyKernel::Read(path);
    if (path == "/proc/self/mountinfo") file.value = MountsLeft(file.value);
    // "812 (name) S ...": the state follows the last bracket.
    if (const auto state = states_.find(path); state != states_.end() && file)
      file.value[file.value.rfind(')') + 2] = state->second;
    return file;
  }
  Error Write(Path path, Bytes) override { return IfFound("write to ", path); }
  Error Append(Path path, Bytes) override { return IfFound("append a record to ", path); }
  Error AppendRecord(Path path, Bytes bytes) override { return Append(path, bytes); }
  Error Create(Path, Bytes, mode_t) override { return {}; }
  Error SetGroup(Path, gid_t) override { return {}; }
  Error Rename(Path, Path to) override { return Would("write " + to); }
  Error Unlink(Path path) override { return IfFound("remove ", path); }
  Error Symlink(Path, Path path) override { return Would("make the link " + path); }
  Error MakeDirectory(Path) override { return {}; }
  /// Read-only: udev acts on the close of a disk that was open for writing.
  Result<int> Open(Path path, int flags) override {
    return ReadOnlyKernel::Open(path, flags & O_PATH ? flags : O_RDONLY);
  }
  Result<int> Ioctl(int fd, unsigned long request, void* argument) override {
    if (request == FITHAW) return Error(EINVAL, std::generic_category());  // As if none is frozen.
    if (request == SIOCGIFFLAGS) return {ioctl(fd, request, argument) < 0 ? LastError() : Error()};
    if (request != SIOCSIFFLAGS) return Would("use " + PathOf(fd));
    return Would("take down " + std::string(static_cast<ifreq*>(argument)->ifr_name));
  }
  Error Fsync(int fd) override { return Would("flush " + PathOf(fd)); }
  Error WriteOpen(int fd, Bytes) override { return Would("write to " + PathOf(fd)); }
  /// A child works in this process, one call after the other.
  Result<pid_t> Fork(const std::function<void()>& work) override { return work(), Self(); }
  Result<int> Wait(pid_t) override { return 0; }
  Error Exec(const std::vector<std::string>& argv, int) override { return Would("run " + argv[0]); }
  void BecomeDaemon(Path, const std::vector<int>&, std::atomic<pid_t>*) override {}
  void SetCpuPriority(CpuPriority) override {}
  Error SetNormal(pid_t) override { return Would("take real-time priority from processes"); }
  Error SetDescriptorLimit(const rlimit&) override { return {}; }
  /// None, so that Kill() sees all signals.
  Result<int> PidfdOpen(pid_t) override { return PidfdSignal(-1, 0); }
  Error PidfdSignal(int, int) override { return {ENOSYS, std::generic_category()}; }
  Error Kill(pid_t pid, int signal) override {
    if (pid == 1) return Would(std::string("send SIG") + sigabbrev_np(signal) + " to PID 1");
    const auto stat = "/proc/" + std::to_string(pid) + "/stat";
    if (signal == SIGSTOP) states_.try_emplace(stat, 'T');
    if (signal == SIGSTOP || signal == SIGCONT || signal == 0) return {};
    if (signal == SIGTERM || signal == SIGKILL) states_[stat] = 'X';
    if (signal != signal_) TellSignals();
    signal_ = signal;
    ++signalled_;
    return {};
  }
  Error Umount(Path path, int) override {
    const auto target = Resolved(path);
    unmounted_.insert(target);
    return Would("unmount " + target);
  }
  Error Mount(Path, Path path, Path, unsigned long flags, Path) override {
    const auto target = Resolved(path);
    if (!(flags & MS_RDONLY)) return Would("mount " + target);
    read_only_.insert(target);
    return Would("make " + target + " read-only");
  }
  Error SwapOff(Path path) override { return Would("turn swap off on " + path); }
  Error SyncFs(Path path) override { return Would("sync " + Resolved(path)); }
  void Sync() override { Would("sync all file systems"); }
  Error QuotaOff(Path device, int) override { return Would("turn quota off on " + device); }
  Error AccountingOff() override { return Would("turn process accounting off"); }
  Result<int> Poll(std::span<pollfd>, std::chrono::milliseconds limit) override {
    TellSignals();
    skipped_ += limit;
    return 0;
  }
  std::chrono::microseconds Now() override { return ReadOnlyKernel::Now() + skipped_; }
  std::chrono::microseconds Monotonic() override { return ReadOnlyKernel::Monotonic() + skipped_; }
  Error Reboot(unsigned command, Path) override {
    if (command == LINUX_REBOOT_CMD_CAD_ON) return Would("let Ctrl-Alt-Del restart the machine");
    std::string ending = "restart the machine";
    if (command == LINUX_REBOOT_CMD_POWER_OFF) ending = "switch the power off";
    if (command == LINUX_REBOOT_CMD_HALT) ending = "halt the machine";
    if (command == LINUX_REBOOT_CMD_KEXEC) ending = "start the kernel that kexec loaded";
    Would(ending);
    print_ = [](Path) {};  // Nothing after it would happen.
    return {};
  }

 private:
  /// Prints a line once: the stages try some calls again.
  Error Would(Path line) {
    TellSignals();
    if (said_.insert(line).second) print_("would " + line);
    return {};
  }
  Error IfFound(Path what, Path path) {
    const Error error = Stat(path).error;
    return error ? error : Would(what + path);
  }
  /// Tells how many processes got the last signal: a machine has hundreds.
  void TellSignals() {
    if (const int count = std::exchange(signalled_, 0))
      print_(std::string("would send SIG") + sigabbrev_np(signal_) + " to " +
             std::to_string(count) + (count == 1 ? " process" : " processes"));
  }
  /// The name of a path that begins with a descriptor, "/proc/self/fd/5/name".
  std::string Resolved(Path path) {
    constexpr std::string_view kDescriptors = "/proc/self/fd/";
    if (!path.starts_with(kDescriptors)) return path;
    const auto end = std::min(path.find('/', kDescriptors.size()), path.size());
    return ReadLink(path.substr(0, end)).value + path.substr(end);
  }
  std::string PathOf(int fd) { return ReadLink("/proc/self/fd/" + std::to_string(fd)).value; }
  std::string MountsLeft(Path mountinfo) {
    std::string text;
    for (const auto view : Lines(mountinfo)) {
      std::string line(view);
      const auto mount = ParseMountInfo(line);
      if (mount.empty() || unmounted_.contains(mount[0].target)) continue;
      // "... /target rw,noatime ... - ext4 /dev/sda1 rw,errors=continue"
      if (read_only_.contains(mount[0].target))
        for (auto at = line.find(" rw"); at != line.npos; at = line.find(" rw")) line[at + 2] = 'o';
      text += line + "\n";
    }
    return text;
  }

  std::function<void(Path)> print_;
  std::chrono::microseconds skipped_{0};
  int signal_ = 0, signalled_ = 0;      ///< The last signal; to how many processes, not yet told.
  std::map<std::string, char> states_;  ///< By path of stat: 'T' stopped, 'X' ended.
  std::set<std::string> said_, unmounted_, read_only_;
};

}  // namespace curfew
