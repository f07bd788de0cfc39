// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/dry_run_kernel.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <linux/reboot.h>
#include <linux/rtc.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <algorithm>
#include <map>
#include <set>

#include "final/storage/mountinfo.h"
#include "kernel/linux_kernel.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

using Path = const std::string&;
using std::chrono::microseconds;

const std::map<unsigned, std::string> kEndings{
    {LINUX_REBOOT_CMD_CAD_ON, "let Ctrl-Alt-Del restart the machine"},
    {LINUX_REBOOT_CMD_POWER_OFF, "switch the power off"},
    {LINUX_REBOOT_CMD_HALT, "halt the machine"},
    {LINUX_REBOOT_CMD_KEXEC, "start the kernel that kexec loaded"}};

class DryRunKernel : public LinuxKernel {
 public:
  explicit DryRunKernel(std::function<void(const std::string&)> print) : print_(std::move(print)) {}
  ~DryRunKernel() override { TellSignals(); }

  Result<std::string> Read(Path path) override {
    const bool stat = path.starts_with("/proc/") && path.ends_with("/stat");
    const pid_t pid = stat ? ParsePid(path.substr(6, path.size() - 11)) : 0;
    if (gone_.contains(pid)) return std::make_error_code(std::errc::no_such_process);
    auto file = LinuxKernel::Read(path);
    if (path == "/proc/self/mountinfo") mounts_ = ParseMountInfo(file.value = Mounted(file.value));
    // "812 (name) S ...": the state follows the last bracket.
    if (stopped_.contains(pid) && file) file.value[file.value.rfind(')') + 2] = 'T';
    return file;
  }
  std::error_code Write(Path path, std::string_view bytes) override {
    // sysfs takes words, other files binary requests.
    const std::string word = path.starts_with("/sys/") ? std::string(bytes) + " " : "";
    return WouldIfFound(path, "write " + word + "to " + path);
  }
  std::error_code Append(Path path, std::string_view) override {
    return WouldIfFound(path, "append a record to " + path);
  }
  std::error_code Create(Path, std::string_view) override { return {}; }
  std::error_code Rename(Path, Path to) override { return Would("write " + to); }
  std::error_code Unlink(Path path) override { return WouldIfFound(path, "remove " + path); }
  std::error_code Symlink(Path, Path path) override { return Would("make the link " + path); }
  std::error_code MakeDirectory(Path) override { return {}; }
  /// Read-only: udev acts on the close of a disk that was open for writing.
  Result<int> Open(Path path, int flags) override {
    auto fd = LinuxKernel::Open(path, (flags & ~O_ACCMODE) | O_RDONLY);
    if (fd) paths_[fd.value] = path;
    return fd;
  }
  Result<int> Ioctl(int fd, unsigned long request, void* argument) override {
    if (request == SIOCGIFFLAGS) return LinuxKernel::Ioctl(fd, request, argument);
    if (request == LOOP_GET_STATUS64)
      return std::make_error_code(std::errc::no_such_device_or_address);
    if (request == SIOCSIFFLAGS)
      return Would(std::string("take interface ") + static_cast<ifreq*>(argument)->ifr_name +
                   " down");
    return Would((request == RTC_SET_TIME ? "set the hardware clock " : "use ") + paths_[fd]);
  }
  std::error_code Fsync(int fd) override { return Would("flush " + paths_[fd]); }
  /// A child works in this process, one call after the other.
  Result<pid_t> Fork(const std::function<void()>& work) override {
    work();
    return Self();
  }
  Result<int> Wait(pid_t) override { return 0; }
  void SetCpuPriority(CpuPriority) override {}
  std::error_code Exec(const std::vector<std::string>& argv, int) override {
    std::string line = "run";
    for (Path word : argv) line += " " + word;
    return Would(line);
  }
  Result<int> PidfdOpen(pid_t) override {
    return std::make_error_code(std::errc::function_not_supported);
  }
  std::error_code Kill(pid_t pid, int signal) override {
    if (pid == 1) return Would(std::string("send SIG") + sigabbrev_np(signal) + " to PID 1");
    if (signal == SIGSTOP) stopped_.insert(pid);
    if (signal == SIGCONT) stopped_.erase(pid);
    if (signal == SIGSTOP || signal == SIGCONT || signal == 0) return {};
    signalled_[signal].insert(pid);
    if (signal == SIGTERM || signal == SIGKILL) gone_.insert(pid);
    return {};
  }
  /// Waits for nothing: the limit passes at once.
  Result<int> Poll(std::span<pollfd>, std::chrono::milliseconds limit) override {
    TellSignals();
    skipped_ += limit;
    return 0;
  }
  std::error_code Umount(Path target, int flags) override {
    // The last mount of a path is the one on top.
    const auto top = std::find_if(mounts_.rbegin(), mounts_.rend(), [&](const curfew::Mount& m) {
      return m.target == target && !unmounted_.contains(m.id);
    });
    if (top == mounts_.rend()) return std::make_error_code(std::errc::invalid_argument);
    unmounted_.insert(top->id);
    return Would((flags & MNT_DETACH ? "detach " : "unmount ") + target);
  }
  std::error_code Mount(Path, Path target, Path, unsigned long flags, Path) override {
    if (!(flags & MS_RDONLY)) return Would("mount " + target);
    for (const auto& mount : mounts_)
      if (mount.target == target) read_only_.insert(mount.device);
    return Would("make " + target + " read-only");
  }
  std::error_code SwapOff(Path path) override { return Would("turn swap off on " + path); }
  std::error_code SyncFs(Path path) override { return Would("sync " + path); }
  void Sync() override { Would("sync all file systems"); }
  std::error_code QuotaOff(Path device, int) override {
    return Would("turn quota off on " + device);
  }
  std::error_code AccountingOff() override { return Would("turn process accounting off"); }
  microseconds Now() override { return LinuxKernel::Now() + skipped_; }
  microseconds Monotonic() override { return LinuxKernel::Monotonic() + skipped_; }
  std::error_code Reboot(unsigned command, Path argument) override {
    const auto ending = kEndings.find(command);
    Would((ending == kEndings.end() ? "restart the machine" : ending->second) +
          (argument.empty() ? "" : " with '" + argument + "'"));
    ended_ = command != LINUX_REBOOT_CMD_CAD_ON;
    return {};
  }

 private:
  struct Done {
    operator std::error_code() const { return {}; }
    operator Result<int>() const { return 0; }
  };
  /// Prints a line once: the stages try some calls again.
  Done Would(Path line) {
    TellSignals();
    if (!ended_ && said_.insert(line).second) print_("would " + line);
    return {};
  }
  std::error_code WouldIfFound(Path path, Path line) {
    const auto file = Stat(path);
    return file ? std::error_code(Would(line)) : file.error;
  }
  /// Says how many processes were signalled: a machine has hundreds.
  void TellSignals() {
    for (const auto& [signal, pids] : std::exchange(signalled_, {}))
      if (!ended_)
        print_(std::string("would send SIG") + sigabbrev_np(signal) + " to " +
               std::to_string(pids.size()) + (pids.size() == 1 ? " process" : " processes"));
  }
  /// The lines of mountinfo with what is unmounted and read-only by now.
  std::string Mounted(std::string_view mountinfo) const {
    std::string text;
    for (const auto view : Lines(mountinfo)) {
      std::string line(view);
      const auto mount = ParseMountInfo(line);
      if (mount.empty() || unmounted_.contains(mount[0].id)) continue;
      // "... /target rw,noatime ... - ext4 /dev/sda1 rw,errors=continue"
      if (read_only_.contains(mount[0].device))
        for (auto at = line.find(" rw"); at != line.npos; at = line.find(" rw", at + 1))
          line[at + 2] = 'o';
      text += line + "\n";
    }
    return text;
  }

  std::function<void(const std::string&)> print_;
  bool ended_ = false;  ///< reboot(2) came: nothing after it would happen.
  microseconds skipped_{0};
  std::map<int, std::string> paths_;
  std::map<int, std::set<pid_t>> signalled_;  ///< By signal, since the last line.
  std::set<pid_t> stopped_, gone_;
  std::set<std::string> said_, read_only_;  ///< Lines that were printed; devices.
  std::vector<curfew::Mount> mounts_;       ///< As they were read last.
  std::set<int> unmounted_;                 ///< By mount id.
};

}  // namespace

std::unique_ptr<Kernel> MakeDryRunKernel(std::function<void(const std::string&)> print) {
  return std::make_unique<DryRunKernel>(std::move(print));
}

}  // namespace curfew
