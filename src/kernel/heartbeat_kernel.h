// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unistd.h>

#include <algorithm>

#include "kernel/heartbeat.h"
#include "kernel/linux_kernel.h"

namespace curfew {

/// A LinuxKernel that beats: each call that takes time is a beat of the heartbeat once it is done,
/// in this process or in one of its children. A wait announces its limit.
class HeartbeatKernel : public LinuxKernel {
 public:
  /// Null: no beats.
  void Tell(HeartbeatPage* page) {
    page_ = page;
    process_ = getpid();
  }

  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override {
    const AnnouncedWait wait(*this, limit);
    const auto ready = LinuxKernel::Poll(fds, limit);
    return ready && ready.value > 0 ? Beat(ready) : ready;
  }
  Result<int> Wait(pid_t child) override {
    const auto status = LinuxKernel::Wait(child);
    return status ? Beat(status) : status;
  }
  /// The dead-man does not beat: its life is no progress.
  void BecomeDaemon(const std::string& name, const std::vector<int>& keep,
                    std::atomic<pid_t>* pid) override {
    page_ = nullptr;
    LinuxKernel::BecomeDaemon(name, keep, pid);
  }

  std::error_code Fsync(int fd) override { return Beat(LinuxKernel::Fsync(fd)); }
  std::error_code Umount(const std::string& target, int flags) override {
    return Beat(LinuxKernel::Umount(target, flags));
  }
  std::error_code Mount(const std::string& source, const std::string& target,
                        const std::string& type, unsigned long flags,
                        const std::string& data) override {
    return Beat(LinuxKernel::Mount(source, target, type, flags, data));
  }
  std::error_code SwapOff(const std::string& path) override {
    return Beat(LinuxKernel::SwapOff(path));
  }
  std::error_code SyncFs(const std::string& path) override {
    return Beat(LinuxKernel::SyncFs(path));
  }

 private:
  /// Announces, while it lives, the longest limit of the waits around it. Only the process of the
  /// stages does so: its children wait within its own waits.
  class AnnouncedWait {
   public:
    AnnouncedWait(const HeartbeatKernel& kernel, std::chrono::milliseconds limit) {
      if (!kernel.page_ || getpid() != kernel.process_) return;
      waiting_ = &kernel.page_->waiting;
      before_ = *waiting_;
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
      *waiting_ = std::max(before_, static_cast<std::uint32_t>(std::max<long>(seconds, 0)));
    }
    ~AnnouncedWait() {
      if (waiting_) *waiting_ = before_;
    }
    AnnouncedWait(const AnnouncedWait&) = delete;

   private:
    HeartbeatPage::Number* waiting_ = nullptr;
    std::uint32_t before_ = 0;
  };

  template <typename T>
  T Beat(T result) const {
    if (page_) ++page_->beats;
    return result;
  }

  HeartbeatPage* page_ = nullptr;
  pid_t process_ = 0;
};

}  // namespace curfew
