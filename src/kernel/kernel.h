// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/result.h"

namespace curfew {

/// The seam between the final sequence and Linux. `LinuxKernel` makes the calls; unit tests bring
/// a scripted one that fails each call in turn. One method a call, with the kernel's meaning and
/// errors; no policy lives here.
class Kernel {
 public:
  virtual ~Kernel() = default;

  // Files: procfs, sysfs and the few small files of ours.
  virtual Result<std::string> Read(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> List(const std::string& dir) = 0;
  virtual Result<std::string> ReadLink(const std::string& path) = 0;
  /// Writes to a file that exists (O_WRONLY, no O_CREAT).
  virtual std::error_code Write(const std::string& path, std::string_view bytes) = 0;
  /// Creates or replaces a file of ours, mode 0644.
  virtual std::error_code Store(const std::string& path, std::string_view bytes) = 0;
  /// Appends to a file that exists, and fsyncs it. Never creates: a missing wtmp means "no
  /// records".
  virtual std::error_code Append(const std::string& path, std::string_view bytes) = 0;
  virtual std::error_code Unlink(const std::string& path) = 0;
  /// Makes `path` lead to `target`, whatever was there before.
  virtual std::error_code Symlink(const std::string& target, const std::string& path) = 0;

  // Devices, and files that are open already.
  virtual Result<int> Open(const std::string& path, int flags) = 0;
  virtual Result<int> Ioctl(int fd, unsigned long request, void* argument) = 0;
  virtual std::error_code Fsync(int fd) = 0;
  virtual void Close(int fd) = 0;
  /// One read(2): from the beginning of a file, what comes next of a device; 8 KiB at the most.
  virtual Result<std::string> ReadOpen(int fd) = 0;
  virtual std::error_code WriteOpen(int fd, std::string_view bytes) = 0;
  /// A datagram socket for the interface ioctls of the caller's own network namespace.
  virtual Result<int> Socket(int family) = 0;

  // Processes.
  virtual pid_t Self() = 0;
  virtual Result<int> PidfdOpen(pid_t pid) = 0;
  virtual std::error_code PidfdSignal(int pidfd, int signal) = 0;
  virtual std::error_code Kill(pid_t pid, int signal) = 0;
  virtual Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) = 0;
  /// Raises RLIMIT_NOFILE as far as the kernel allows; the number of descriptors now allowed.
  virtual int RaiseDescriptorLimit() = 0;
  /// Begins `work` in a child of its own, and returns a number for Await.
  virtual Result<int> Start(const std::function<std::error_code()>& work) = 0;
  /// Whether a started child has answered, so that Await returns at once; waits for that at most
  /// `limit`, and the child goes on.
  virtual bool Answered(int child, std::chrono::milliseconds limit) = 0;
  /// What the work of a started child returned; once for each child. One that needs longer than
  /// `limit` is killed and abandoned: errc::timed_out; one that died without a word:
  /// errc::interrupted.
  virtual std::error_code Await(int child, std::chrono::milliseconds limit) = 0;
  /// Whether `path` leads to a regular file that may be executed.
  virtual bool IsProgram(const std::string& path) = 0;
  /// Runs a program, found by PATH where its name has no slash, in a session of its own: standard
  /// input is /dev/null, output the caller's, no other descriptor open, signals as they are by
  /// default. Its wait status. After `limit` its process group is killed and abandoned:
  /// errc::timed_out. Where there is an `output`, that gets what the program has written, 1 MiB at
  /// the most, and not the caller's standard output.
  virtual Result<int> RunProgram(const std::vector<std::string>& argv,
                                 std::chrono::milliseconds limit,
                                 std::string* output = nullptr) = 0;
  /// Does `work` in a process that outlives this one, and returns its pid once it has cut itself
  /// off: a session of its own, child of PID 1, named `name` (comm and argv[0]), deaf to signals,
  /// no descriptor but `keep` (under the same numbers) and /dev/null, its memory locked, first in
  /// line for the processor and last for the OOM killer as far as the kernel allows.
  virtual Result<pid_t> Detach(const std::string& name, const std::vector<int>& keep,
                               const std::function<void()>& work) = 0;

  // Storage.
  virtual std::error_code Umount(const std::string& target, int flags) = 0;
  virtual std::error_code Mount(const std::string& source, const std::string& target,
                                const std::string& type, unsigned long flags,
                                const std::string& data) = 0;
  virtual std::error_code SwapOff(const std::string& path) = 0;
  virtual std::error_code SyncFs(const std::string& path) = 0;
  virtual void Sync() = 0;
  virtual std::error_code QuotaOff(const std::string& device, int type) = 0;
  virtual std::error_code AccountingOff() = 0;

  // The end.
  /// CLOCK_BOOTTIME: goes on in suspend, never jumps.
  virtual std::chrono::microseconds Now() = 0;
  /// CLOCK_REALTIME since 1970-01-01 UTC: for records and the hardware clock only.
  virtual std::chrono::microseconds WallClock() = 0;
  /// The release of the running kernel, as uname(2) gives it.
  virtual std::string Release() = 0;
  /// reboot(2) with LINUX_REBOOT_CMD_*; returns only when the kernel refused or, for CAD_ON and
  /// CAD_OFF, when done. `argument` is used by RESTART2 alone.
  virtual std::error_code Reboot(unsigned command, const std::string& argument = {}) = 0;
};

}  // namespace curfew
