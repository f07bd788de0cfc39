// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/load_guard.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "config/limits.h"
#include "kernel/container.h"
#include "kernel/process_info.h"
#include "kernel/sysrq.h"
#include "kernel/writeback.h"
#include "text/text.h"

namespace curfew {
namespace {

/// How often rc's progress is looked at.
constexpr std::chrono::seconds kInterval{1};
/// Debian's sendsigs spares a process of root whose name begins with "@".
constexpr char kName[] = "@curfew-guard";

/// What grows while rc gets on.
struct Sample {
  std::uint64_t cpu, io, reads;
  bool operator==(const Sample&) const = default;
};

class Guard {
 public:
  /// `gone` can be read as soon as rc has begun, or has ended.
  Guard(Kernel& kernel, const SysrqFiles& files, int gone, const ProcessInfo& rc,
        const ProcessInfo& stub)
      : kernel_(kernel), sysrq_(kernel, files), gone_(gone), rc_(rc), stub_(stub) {}

  void Run(bool restart) {
    if (RcBegins() || InContainer(kernel_) || StubEnds()) return;
    sysrq_.Say(std::string("neither rc nor its stub gets on; saving what can be saved, then ") +
               (restart ? "restarting" : "switching off") + " through the kernel");
    sysrq_.Save([] {});
    if (!restart) sysrq_.PowerOff();
    sysrq_.Restart();
  }

 private:
  using Time = std::chrono::microseconds;

  bool RcBegins() {
    const Time begin = kernel_.Monotonic();
    Time moved = begin;
    Sample last = Look();
    while (kernel_.Monotonic() - moved < limits::kLoad &&
           kernel_.Monotonic() - begin < limits::kLoadInAll) {
      if (IsGone(kInterval)) return true;
      const Sample now = Look();
      if (now == std::exchange(last, now)) continue;
      moved = kernel_.Monotonic();
    }
    return false;
  }

  /// Kills rc, and waits while the stub runs. False: rc does not die, has no stub, or the stub
  /// takes too long.
  bool StubEnds() {
    if (stub_.pid <= 1) return false;
    sysrq_.Say("rc does not get on; it is killed, so that its stub stops the services");
    kernel_.Kill(rc_.pid, SIGKILL);
    if (!IsGone(limits::kLoad)) return false;
    const Time begin = kernel_.Monotonic();
    while (kernel_.Monotonic() - begin < limits::kStub) {
      const Result<ProcessInfo> stub = ReadProcess(kernel_, stub_.pid);
      if (curfew::IsGone(stub.error) || (stub && stub.value.start != stub_.start)) return true;
      kernel_.Poll({}, kInterval);
    }
    return false;
  }

  bool IsGone(std::chrono::milliseconds limit) {
    pollfd rc{gone_, POLLIN, 0};
    const Result<int> ended = kernel_.Poll({&rc, 1}, limit);
    return ended && ended.value > 0;
  }

  Sample Look() {
    const std::string io = kernel_.Read("/proc/" + std::to_string(rc_.pid) + "/io").value;
    return {ReadProcess(kernel_, rc_.pid).value.cpu, NumberAfter(io, "read_bytes").value_or(0),
            CompletedReads(kernel_)};
  }

  Kernel& kernel_;
  Sysrq sysrq_;
  const int gone_;
  const ProcessInfo rc_, stub_;
};

}  // namespace

LoadGuard::LoadGuard(Kernel& kernel, std::string_view level) {
  int ends[2];
  if ((level != "0" && level != "6") || pipe2(ends, O_CLOEXEC) != 0) return;
  const Fd gone(ends[0]);
  alive_ = Fd(ends[1]);
  const SysrqFiles files = OpenSysrqFiles(kernel);
  ProcessInfo rc = ReadProcess(kernel, kernel.Self()).value;
  rc.pid = kernel.Self();
  const ProcessInfo stub = ReadProcess(kernel, rc.parent).value;
  StartDaemon(kernel, kName, {gone.get(), files.trigger, files.log, files.memory},
              [&] { Guard(kernel, files, gone.get(), rc, stub).Run(level == "6"); });
  CloseSysrqFiles(kernel, files);
}

}  // namespace curfew
