// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <unistd.h>

#include "kernel/linux_kernel.h"
#include "kernel/vitals.h"

namespace curfew {

/// The machine in its last stages: each call that takes time is a tick of the vitals once it is
/// done, by this process or by one of its children; a wait says how long it may be.
class TickingKernel : public LinuxKernel {
 public:
  /// `page` may be null: nobody is told.
  void Tell(VitalsPage* page) {
    page_ = page;
    teller_ = getpid();
  }

  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override {
    const Wait wait(*this, limit);
    auto ready = LinuxKernel::Poll(fds, limit);
    return ready && ready.value > 0 ? Done(ready) : ready;
  }
  std::error_code Await(int child, std::chrono::milliseconds limit) override {
    return Done(LinuxKernel::Await(child, limit));
  }
  Result<int> RunProgram(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                         std::string* output) override {
    const Wait wait(*this, limit);
    return Done(LinuxKernel::RunProgram(argv, limit, output));
  }
  /// It does not tick for itself: its life is not that of the shutdown.
  Result<pid_t> Detach(const std::string& name, const std::vector<int>& keep,
                       const std::function<void()>& work) override {
    return LinuxKernel::Detach(name, keep, [&] {
      page_ = nullptr;
      work();
    });
  }

  std::error_code Fsync(int fd) override { return Done(LinuxKernel::Fsync(fd)); }
  std::error_code Umount(const std::string& target, int flags) override {
    return Done(LinuxKernel::Umount(target, flags));
  }
  std::error_code Mount(const std::string& source, const std::string& target,
                        const std::string& type, unsigned long flags,
                        const std::string& data) override {
    return Done(LinuxKernel::Mount(source, target, type, flags, data));
  }
  std::error_code SwapOff(const std::string& path) override {
    return Done(LinuxKernel::SwapOff(path));
  }
  std::error_code SyncFs(const std::string& path) override {
    return Done(LinuxKernel::SyncFs(path));
  }

 private:
  /// While it lives, the longest of the waits it is part of is what may be waited for. Only the
  /// process of the stage says so: its children wait within its own waits.
  class Wait {
   public:
    Wait(const TickingKernel& kernel, std::chrono::milliseconds limit) {
      if (!kernel.page_ || getpid() != kernel.teller_) return;
      waiting_ = &kernel.page_->waiting;
      before_ = *waiting_;
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
      *waiting_ = std::max(before_, static_cast<std::uint32_t>(std::max<long>(seconds, 0)));
    }
    ~Wait() {
      if (waiting_) *waiting_ = before_;
    }
    Wait(const Wait&) = delete;

   private:
    VitalsPage::Number* waiting_ = nullptr;
    std::uint32_t before_ = 0;
  };

  template <typename T>
  T Done(T result) const {
    if (page_) ++page_->ticks;
    return result;
  }

  VitalsPage* page_ = nullptr;
  pid_t teller_ = 0;
};

}  // namespace curfew
