// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// The Linux this program runs on. Every descriptor is close-on-exec and no open waits for a device
/// or for the other end of a FIFO.
class LinuxKernel : public Kernel {
 public:
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
  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override;
  int RaiseDescriptorLimit() override;
  Result<int> Start(const std::function<std::error_code()>& work) override;
  bool Answered(int child, std::chrono::milliseconds limit) override;
  std::error_code Await(int child, std::chrono::milliseconds limit) override;
  bool IsProgram(const std::string& path) override;
  Result<int> RunProgram(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                         std::string* output = nullptr) override;
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
  void ReapChildren();
  Result<int> WaitFor(pid_t pid, std::chrono::milliseconds limit);

  std::map<int, pid_t> started_;  ///< Children not yet awaited, by the end of their pipe.
  std::vector<pid_t> ended_;      ///< Awaited or abandoned, and not yet reaped.
};

}  // namespace curfew
