// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "final/storage/mountinfo.h"
#include "kernel/kernel.h"

namespace curfew {

/// `halt --dry-run`: looks at the machine and changes nothing of it. Each call that would change
/// something becomes a line, and what is read afterwards looks as if it had succeeded: signalled
/// processes are gone, what is unmounted is not listed. So the stages take the way they would take.
class DryRunKernel : public Kernel {
 public:
  /// `print` gets each line, without newline.
  DryRunKernel(Kernel& machine, std::function<void(const std::string&)> print)
      : machine_(machine), print_(std::move(print)) {}
  ~DryRunKernel() override;

  Result<std::string> Read(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& dir) override;
  Result<std::string> ReadLink(const std::string& path) override;
  std::error_code Write(const std::string& path, std::string_view bytes) override;
  std::error_code Store(const std::string& path, std::string_view bytes) override;
  std::error_code Append(const std::string& path, std::string_view bytes) override;
  std::error_code Unlink(const std::string& path) override;
  std::error_code Symlink(const std::string& target, const std::string& path) override;

  Result<int> Open(const std::string& path, int flags) override;
  Result<int> Ioctl(int fd, unsigned long request, void* argument) override;
  std::error_code Fsync(int fd) override;
  void Close(int fd) override;
  Result<std::string> ReadOpen(int fd) override;
  std::error_code WriteOpen(int fd, std::string_view bytes) override;
  Result<int> Socket(int family) override;

  pid_t Self() override;
  Result<int> PidfdOpen(pid_t pid) override;
  std::error_code PidfdSignal(int pidfd, int signal) override;
  std::error_code Kill(pid_t pid, int signal) override;
  /// Waits for nothing: the limit passes at once.
  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override;
  int RaiseDescriptorLimit() override;
  /// Does `work` here, so that its lines are not lost.
  Result<int> Start(const std::function<std::error_code()>& work) override;
  bool Answered(int child, std::chrono::milliseconds limit) override;
  std::error_code Await(int child, std::chrono::milliseconds limit) override;
  bool IsProgram(const std::string& path) override;
  Result<int> RunProgram(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                         std::string* output) override;
  Result<pid_t> Detach(const std::string& name, const std::vector<int>& keep,
                       const std::function<void()>& work) override;

  std::error_code Umount(const std::string& target, int flags) override;
  std::error_code Mount(const std::string& source, const std::string& target,
                        const std::string& type, unsigned long flags,
                        const std::string& data) override;
  std::error_code SwapOff(const std::string& path) override;
  std::error_code SyncFs(const std::string& path) override;
  void Sync() override;
  std::error_code QuotaOff(const std::string& device, int type) override;
  std::error_code AccountingOff() override;

  std::chrono::microseconds Now() override;
  std::chrono::microseconds WallClock() override;
  std::string Release() override;
  std::error_code Reboot(unsigned command, const std::string& argument) override;

 private:
  std::error_code Would(const std::string& line);
  std::error_code WouldChange(const std::string& path, const std::string& line);
  void TellSignals();
  std::string AsUnmounted(const std::string& mountinfo) const;
  std::string AsSwappedOff(const std::string& swaps) const;

  Kernel& machine_;
  std::function<void(const std::string&)> print_;
  bool ended_ = false;  ///< reboot(2) came: nothing after it would happen.
  std::chrono::microseconds skipped_{0};
  std::vector<std::error_code> outcomes_;  ///< Of the children, by their number.
  std::map<int, std::string> open_paths_;
  std::map<int, pid_t> pidfds_;
  std::map<int, std::set<pid_t>> signalled_;  ///< By signal, since the last line.
  std::set<pid_t> stopped_;
  std::set<pid_t> gone_;
  std::set<std::string> freed_;  ///< Loop devices.
  std::set<std::string> swapped_off_;
  std::vector<curfew::Mount> mounts_;  ///< As they were read last.
  std::set<int> unmounted_;            ///< By mount id.
  std::set<std::string> read_only_devices_;
  std::set<std::string> read_only_;  ///< By mount point.
};

}  // namespace curfew
