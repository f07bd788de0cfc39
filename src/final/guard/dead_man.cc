// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/dead_man.h"

#include <algorithm>
#include <optional>

#include "config/limits.h"
#include "final/context/stage_id.h"
#include "final/guard/kept_log.h"
#include "final/guard/reboot_limit.h"
#include "final/guard/watchdog.h"
#include "kernel/child.h"
#include "kernel/container.h"
#include "kernel/process_info.h"
#include "kernel/real_time.h"
#include "kernel/run_files.h"
#include "text/text.h"
#include "trace/trace.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the dead-man checks. halt waits this long for the watchdog to be disarmed.
constexpr milliseconds kCheck{200};
/// The most that counts between two checks: after a longer time the machine, or its host, slept.
constexpr seconds kLongestCheck{2};
/// Added to the announced limit of a wait: the waiting process keeps that limit itself.
constexpr seconds kAfterWait{2};
/// Debian's sendsigs skips the pids in it.
constexpr char kSendsigsSkips[] = "/run/sendsigs.omit.d/curfew";

/// Follows one process by pidfd, or by /proc/PID/stat where the kernel has no pidfd.
class FollowedProcess {
 public:
  explicit FollowedProcess(Kernel& kernel) : kernel_(kernel) {}
  ~FollowedProcess() { Forget(); }
  FollowedProcess(const FollowedProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Begin(pid_t pid) {
    Forget();
    pid_ = pid;
    if (pid == 0) return;
    if (auto pidfd = kernel_.PidfdOpen(pid))
      pidfd_ = pidfd.value;
    else if (auto process = ReadProcess(kernel_, pid))
      start_ = process.value.start;
  }
  /// Waits `limit`, or until the process ends. Returns whether the process lives; pid 0 always
  /// does.
  bool Lives(milliseconds limit) {
    pollfd end{pidfd_, POLLIN, 0};
    kernel_.Poll({&end, 1}, limit);
    if (pid_ == 0) return true;
    if (pidfd_ >= 0) return !(end.revents & POLLIN);
    auto process = ReadProcess(kernel_, pid_);
    if (!process) return !IsGone(process.error);
    return process.value.start == start_ && !process.value.Ended();
  }

 private:
  void Forget() {
    if (pidfd_ >= 0) kernel_.Close(std::exchange(pidfd_, -1));
  }

  Kernel& kernel_;
  pid_t pid_ = 0;
  int pidfd_ = -1;
  std::uint64_t start_ = 0;
};

class DeadMan {
 public:
  DeadMan(Kernel& kernel, HeartbeatPage& page, const SysrqFiles& files)
      : kernel_(kernel),
        page_(page),
        sysrq_(kernel, files),
        watchdog_(kernel, page.watchdog != 0, seconds(page.budget)),
        main_(kernel) {}

  void Live() {
    for (;;) {
      const HeartbeatPage::Phase phase = static_cast<HeartbeatPage::Phase>(page_.phase.load());
      if (phase == HeartbeatPage::kDone || IsGivenUp()) return Leave();
      const auto alarm = phase == HeartbeatPage::kReboot ? CheckReboot() : CheckStages();
      // The main process may have ended in order during this check, and said so on the page.
      if (!alarm.empty() && page_.phase == phase)
        return End(alarm, phase == HeartbeatPage::kStages);
    }
  }

 private:
  /// Returns why the machine must end now; empty: it need not.
  std::string CheckStages() {
    in_reboot_begun_ = false;
    MindWatchdog();
    if (main_.pid() != static_cast<pid_t>(page_.main)) main_.Begin(page_.main);
    const bool lives = main_.Lives(kCheck);
    const auto now = kernel_.Now();
    Count(now);
    const pid_t main = page_.main;
    // page_.main may have changed during the check: another rc took over.
    if (!lives && main_.pid() == main && !LeaveToStub())
      return "process " + std::to_string(main) + " has died" + InStage();
    MindSpinners();
    const auto allowed = std::max(seconds(page_.budget), seconds(page_.waiting) + kAfterWait);
    if (quiet_ >= allowed)
      return "no progress for " + Seconds(std::chrono::floor<seconds>(quiet_)) + InStage();
    if (alone_ >= seconds(page_.hard))
      return "no rc for " + Seconds(std::chrono::floor<seconds>(alone_)) + InStage();
    if (!AmongScripts() && in_stages_ >= seconds(page_.hard))
      return "not done in " + Seconds(seconds(page_.hard)) + InStage();
    return "";
  }

  std::string CheckReboot() {
    const auto now = kernel_.Now();
    if (!in_reboot_begun_) {
      in_reboot_begun_ = true;
      in_reboot_ = driver_quiet_ = quiet_ = {};
      if (page_.restart)
        watchdog_.LeaveArmed();
      else
        watchdog_.Disarm();
      page_.feeds = 0;
      sysrq_.DriverSpoke();
    }
    kernel_.Poll({}, kCheck);
    const auto passed = std::min<microseconds>(kernel_.Now() - now, kLongestCheck);
    in_reboot_ += passed;
    driver_quiet_ = sysrq_.DriverSpoke() ? microseconds{} : driver_quiet_ + passed;
    const auto limit = std::max(limits::kReboot, seconds(page_.reboot));
    if (driver_quiet_ >= limit)
      return "no driver has said anything for " + Seconds(limit) + " after reboot(2)";
    if (in_reboot_ >= limits::kRebootInAll)
      return "reboot(2) is not done in " + Seconds(limits::kRebootInAll);
    return "";
  }

  bool AmongScripts() const { return page_.begin == 0; }
  /// Whether no main process writes the heartbeat: rc has died, or has left to the next rc.
  bool IsAlone() const { return AmongScripts() && page_.main == 0; }

  /// Whether the stub of another level, which has no rc to say so, has taken the shutdown back.
  bool IsGivenUp() {
    if (!IsAlone() && had_link_) return false;
    const bool has_link = bool(kernel_.ReadLink(run_files::kHeartbeat));
    return std::exchange(had_link_, had_link_ || has_link) && !has_link;
  }

  /// Handles the death of the main process among the scripts: the stub runs the scripts that are
  /// left, without a heartbeat, and the halt that it calls becomes main.
  bool LeaveToStub() {
    if (!AmongScripts()) return false;
    auto main = static_cast<std::uint32_t>(main_.pid());
    page_.main.compare_exchange_strong(main, 0);
    return true;
  }

  /// Adds the time since the last check to `in_stages_`, and to `quiet_`, unless the heartbeat
  /// advanced, or to `alone_` where no main process can write one. A dead-man that takes over from
  /// one that died counts the stages from their begin.
  void Count(microseconds now) {
    const auto passed = std::min<microseconds>(now - last_check_.value_or(now), kLongestCheck);
    const bool advanced = page_.beats != beats_;
    beats_ = page_.beats;
    alone_ = IsAlone() ? alone_ + passed : microseconds{};
    quiet_ = advanced || IsAlone() ? microseconds{} : quiet_ + passed;
    if (AmongScripts())
      in_stages_ = {};
    else if (!in_stages_begun_)
      in_stages_ = kernel_.Monotonic() - seconds(page_.begin);
    else
      in_stages_ += passed;
    in_stages_begun_ = !AmongScripts();
    last_check_ = now;
  }

  /// Takes the watchdog at the first check, and once more after the stage kill, which may have
  /// ended the daemon that held it.
  void MindWatchdog() {
    const bool later =
        page_.stage > StageNumber(StageId::kKill) && page_.stage < StageNumber(StageId::kPower);
    if (tries_ == 0 || (tries_ == 1 && later)) {
      ++tries_;
      watchdog_.Take();
      page_.feeds = watchdog_.Held();
    }
    watchdog_.Feed();
  }

  /// Once in each time without a heartbeat. In a child: a file in /proc may wait for its process.
  void MindSpinners() {
    if (quiet_ < limits::kSpinner) looked_ = false;
    if (quiet_ < limits::kSpinner || std::exchange(looked_, true)) return;
    const auto look = [this] {
      for (const ProcessInfo& process : LowerSpinners(kernel_))
        sysrq_.Say(process.Label() + " takes all CPUs; it has normal priority now");
    };
    auto child = StartChild(kernel_, look, CpuPriority::kGuard);
    if (!child) return;
    (void)WaitForChild(kernel_, &child.value, limits::kSpinnerLook);
    LeaveChild(kernel_, &child.value);
  }

  std::string InStage() const {
    const auto stage = StageOfNumber(page_.stage);
    if (AmongScripts()) return " among the scripts";
    return stage ? " in stage " + std::string(StageName(*stage)) : " between two stages";
  }

  void Leave() {
    watchdog_.Disarm();
    page_.feeds = 0;
    for (const char* path : {run_files::kHeartbeat, kSendsigsSkips}) kernel_.Unlink(path);
  }

  /// `in_stages`: reboot(2) was not called. After that nothing is left to save, and sysrq o would
  /// wait for the locks of the shutdown that hangs.
  void End(const std::string& alarm, bool in_stages) {
    const bool off = in_stages && !page_.restart;
    sysrq_.Say(alarm + (in_stages ? "; saving what can be saved, then " : "; ") +
               (off ? "switching off" : "restarting") + " through the kernel");
    TellNextBoot(alarm);
    if (in_stages) sysrq_.Save([this] { watchdog_.Feed(); });
    // A machine that cannot be switched off restarts: that is better than to hang for ever.
    if (off) sysrq_.PowerOff();
    sysrq_.Restart();
  }

  void TellNextBoot(const std::string& alarm) {
    InChild(kernel_, limits::kTellNextBoot, [&] {
      LogEvent(kernel_, TraceLine("dead-man-end").Text("reason", alarm));
      if (page_.pstore) (void)KeepLog(kernel_);
      return std::error_code();
    });
  }

  Kernel& kernel_;
  HeartbeatPage& page_;
  Sysrq sysrq_;
  Watchdog watchdog_;
  FollowedProcess main_;
  std::uint32_t beats_ = 0;
  microseconds quiet_{0};
  microseconds alone_{0};
  microseconds in_stages_{0};
  bool in_stages_begun_ = false;
  bool had_link_ = false;
  std::optional<microseconds> last_check_;
  bool in_reboot_begun_ = false;
  microseconds in_reboot_{0};
  microseconds driver_quiet_{0};  ///< Time since a driver last said something.
  int tries_ = 0;
  bool looked_ = false;
};

bool LivesAlready(Kernel& kernel, const HeartbeatPage& page) {
  const auto pid = static_cast<pid_t>(page.dead_man.load());
  if (pid == 0) return false;
  const auto process = ReadProcess(kernel, pid);
  // Without /proc no process has a name.
  if (!process) return !kernel.Kill(pid, 0);
  return process.value.name == kDeadManName && !process.value.Ended();
}

/// Publishes the dead-man's pid: for the next rc, and for Debian's sendsigs.
void Announce(Kernel& kernel, pid_t pid, int heartbeat_fd) {
  const std::string number = std::to_string(pid);
  ReplaceLink(kernel, "/proc/" + number + "/fd/" + std::to_string(heartbeat_fd),
              run_files::kHeartbeat);
  if (kernel.List("/run/sendsigs.omit.d")) ReplaceFile(kernel, kSendsigsSkips, number + "\n");
}

}  // namespace

void EnsureDeadMan(StageContext& context) {
  if (!context.heartbeat || context.request.container) return;
  std::uint32_t none = 0;
  const auto now = std::chrono::ceil<seconds>(context.kernel.Monotonic()).count();
  (*context.heartbeat)->begin.compare_exchange_strong(none, static_cast<std::uint32_t>(now));
  DeadManStage(context);
}

void DeadManStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  if (!context.heartbeat || context.request.container) return;
  const Heartbeat& heartbeat = *context.heartbeat;
  if (LivesAlready(kernel, *heartbeat.page()) || InContainer(kernel)) return;
  const SysrqFiles files = OpenSysrqFiles(kernel);
  const std::vector<int> keep{heartbeat.fd(), files.trigger, files.log, files.memory};
  HeartbeatPage& page = *heartbeat.page();
  auto pid = StartDaemon(kernel, kDeadManName, keep, [&] { LiveAsDeadMan(kernel, page, files); });
  CloseSysrqFiles(kernel, files);
  if (!pid) return context.report.Say("no dead-man: " + pid.error.message());
  page.dead_man = static_cast<std::uint32_t>(pid.value);
  Announce(kernel, pid.value, heartbeat.fd());
  context.report.Event("dead-man", {{"pid", std::to_string(pid.value)}});
}

void AnnounceReboot(StageContext& context) {
  if (!context.heartbeat) return;
  HeartbeatPage& page = *context.heartbeat->page();
  page.reboot = static_cast<std::uint32_t>(RebootLimit(context.kernel).count());
  page.phase = HeartbeatPage::kReboot;
  // If the dead-man does not answer, the machine ends with the watchdog armed.
  const auto deadline = context.kernel.Now() + 5 * kCheck;
  while (page.feeds && !page.restart && context.kernel.Now() < deadline)
    context.kernel.Poll({}, kCheck / 10);
}

void RecallReboot(StageContext& context) {
  if (!context.heartbeat) return;
  (*context.heartbeat)->phase = HeartbeatPage::kStages;
}

void LiveAsDeadMan(Kernel& kernel, HeartbeatPage& page, const SysrqFiles& files) {
  DeadMan(kernel, page, files).Live();
}

}  // namespace curfew
