// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// The calls to Linux that change nothing. A class that derives from it does not compile before it
/// says what the changing calls do. Open() is among them: only its flags tell.
class ReadOnlyKernel : public Kernel {
 public:
  Result<std::string> Read(const std::string& path) override;
  Result<std::string> ReadRegular(const std::string& path, std::size_t most) override;
  Result<std::vector<std::string>> List(const std::string& dir) override;
  Result<std::string> ReadLink(const std::string& path) override;
  Result<struct stat> Stat(const std::string& path) override;
  Result<std::string> GetAttribute(const std::string& path, const std::string& name) override;
  Result<int> Open(const std::string& path, int flags) override;
  Result<int> OpenMemory() override;
  void Close(int fd) override;
  Result<std::string> ReadOpen(int fd) override;

  pid_t Self() override;
  pid_t Parent() override;
  pid_t Session() override;
  Result<int> PidfdOpen(pid_t pid) override;
  Result<Scheduling> SchedulingOf(pid_t thread) override;
  Result<rlimit> DescriptorLimit() override;

  Result<bool> KeepsHardwareClock() override;
  std::chrono::microseconds Now() override;
  std::chrono::microseconds Monotonic() override;
  std::chrono::microseconds WallClock() override;
  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override;
  std::string Release() override;
  Result<int> Socket(int family) override;
};

/// The Linux that this program runs on. Fork, exec, signals and limits are in
/// linux_process_control.cc, all other calls in linux_kernel.cc.
class LinuxKernel : public ReadOnlyKernel {
 public:
  std::error_code Write(const std::string& path, std::string_view bytes) override;
  std::error_code Append(const std::string& path, std::string_view bytes) override;
  std::error_code AppendRecord(const std::string& path, std::string_view bytes) override;
  std::error_code Create(const std::string& path, std::string_view bytes, mode_t mode) override;
  std::error_code SetGroup(const std::string& path, gid_t group) override;
  std::error_code Rename(const std::string& from, const std::string& to) override;
  std::error_code Unlink(const std::string& path) override;
  std::error_code Symlink(const std::string& target, const std::string& path) override;
  std::error_code MakeDirectory(const std::string& path) override;
  Result<int> Ioctl(int fd, unsigned long request, void* argument) override;
  std::error_code Fsync(int fd) override;
  std::error_code WriteOpen(int fd, std::string_view bytes) override;

  Result<pid_t> Fork(const std::function<void()>& work) override;
  std::error_code Exec(const std::vector<std::string>& argv, int output) override;
  void BecomeDaemon(const std::string& name, const std::vector<int>& keep,
                    std::atomic<pid_t>* pid) override;
  void SetCpuPriority(CpuPriority priority) override;
  std::error_code SetNormal(pid_t thread) override;
  Result<int> Wait(pid_t child) override;
  std::error_code Kill(pid_t pid, int signal) override;
  std::error_code PidfdSignal(int pidfd, int signal) override;
  std::error_code SetDescriptorLimit(const rlimit& limit) override;

  std::error_code Umount(const std::string& target, int flags) override;
  std::error_code Mount(const std::string& source, const std::string& target,
                        const std::string& type, unsigned long flags,
                        const std::string& data) override;
  std::error_code SwapOff(const std::string& path) override;
  std::error_code SyncFs(const std::string& path) override;
  void Sync() override;
  std::error_code QuotaOff(const std::string& device, int type) override;
  std::error_code AccountingOff() override;

  std::error_code Reboot(unsigned command, const std::string& argument) override;
};

}  // namespace curfew
