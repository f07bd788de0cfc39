// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/dead_man.h"

#include <algorithm>
#include <optional>

#include "final/context/stage_id.h"
#include "final/guard/watchdog.h"
#include "kernel/container.h"
#include "kernel/process_info.h"
#include "kernel/run_files.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the dead-man checks. halt waits this long for the watchdog to be disarmed.
constexpr milliseconds kLook{200};
/// The most that counts between two checks: after a longer time the machine, or its host, slept.
constexpr seconds kLongestLook{2};
/// Added to the announced limit of a wait: the waiting process keeps that limit itself.
constexpr seconds kAfterWait{2};
/// Debian's sendsigs spares the pids in it.
constexpr char kOmitFile[] = "/run/sendsigs.omit.d/curfew";
/// How long the kernel may take to end the machine once it was asked.
constexpr seconds kRebootLimit{10};

std::string Text(seconds time) {
  return std::to_string(time.count()) + " s";
}

/// Watches one process, by pidfd; where there are none, by its line in /proc.
class Watched {
 public:
  explicit Watched(Kernel& kernel) : kernel_(kernel) {}
  ~Watched() { Forget(); }
  Watched(const Watched&) = delete;

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
  /// Lets `limit` pass, or less if the process ends. Whether it lives; nobody's life never ends.
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
  DeadMan(Kernel& kernel, HeartbeatPage& page, const Instruments& instruments)
      : kernel_(kernel),
        page_(page),
        sysrq_(kernel, instruments),
        watchdog_(kernel, page.watchdog != 0, seconds(page.budget)),
        main_(kernel) {}

  void Live() {
    for (;;) {
      const HeartbeatPage::Phase phase = static_cast<HeartbeatPage::Phase>(page_.phase.load());
      if (phase == HeartbeatPage::kDone) return Leave();
      const auto alarm = phase == HeartbeatPage::kReboot ? LookAtReboot() : LookAtStages();
      // Main may have ended in order, and said so, within this look.
      if (!alarm.empty() && page_.phase == phase)
        return End(alarm, phase == HeartbeatPage::kStages);
    }
  }

 private:
  /// What is wrong; empty: nothing.
  std::string LookAtStages() {
    reboot_since_ = {};
    MindWatchdog();
    if (main_.pid() != static_cast<pid_t>(page_.main)) main_.Begin(page_.main);
    const bool lives = main_.Lives(kLook);
    const auto now = kernel_.Now();
    Count(now);
    const pid_t main = page_.main;
    // Another rc may have taken over since, or none be there just now.
    if (!lives && main_.pid() == main && !LeaveToStub())
      return "process " + std::to_string(main) + " has died" + InStage();
    const auto allowed = std::max(seconds(page_.budget), seconds(page_.waiting) + kAfterWait);
    if (quiet_ >= allowed)
      return "no progress for " + Text(std::chrono::floor<seconds>(quiet_)) + InStage();
    if (page_.begin != 0 && now >= seconds(page_.begin) + seconds(page_.hard))
      return "not done in " + Text(seconds(page_.hard)) + InStage();
    return "";
  }

  std::string LookAtReboot() {
    const auto now = kernel_.Now();
    if (!reboot_since_) {
      reboot_since_ = now;
      quiet_ = {};
      if (page_.restart)
        watchdog_.LeaveArmed();
      else
        watchdog_.Disarm();
      page_.feeds = 0;
    }
    kernel_.Poll({}, kLook);
    if (now - *reboot_since_ < kRebootLimit) return "";
    return "reboot(2) has had no effect for " + Text(kRebootLimit);
  }

  bool AmongScripts() const { return page_.begin == 0; }

  /// Main has died. Among the scripts nothing is lost by that: the stub that init calls runs those
  /// that are left, without a tick, and the halt that it ends with is main again.
  bool LeaveToStub() {
    if (!AmongScripts()) return false;
    auto main = static_cast<std::uint32_t>(main_.pid());
    page_.main.compare_exchange_strong(main, 0);
    return true;
  }

  /// Time in which main could have ticked and has not.
  void Count(microseconds now) {
    const bool nobody = AmongScripts() && page_.main == 0;
    if (page_.beats != beats_ || !last_look_ || nobody) {
      beats_ = page_.beats;
      quiet_ = {};
    } else {
      quiet_ += std::min<microseconds>(now - *last_look_, kLongestLook);
    }
    last_look_ = now;
  }

  /// A daemon that held it may have ended in the stage kill: one more try after that.
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

  std::string InStage() const {
    const auto stage = StageOfNumber(page_.stage);
    if (AmongScripts()) return " among the scripts";
    return stage ? " in stage " + std::string(StageName(*stage)) : " between two stages";
  }

  void Leave() {
    watchdog_.Disarm();
    page_.feeds = 0;
    for (const char* path : {run_files::kHeartbeat, kOmitFile}) kernel_.Unlink(path);
  }

  void End(const std::string& alarm, bool save) {
    sysrq_.Say(alarm + (save ? "; saving what can be saved, then " : "; ") +
               (page_.restart ? "restarting" : "switching off") + " through the kernel");
    if (save) sysrq_.Save([this] { watchdog_.Feed(); });
    // A machine that cannot be switched off restarts rather than hang for ever.
    if (!page_.restart) sysrq_.PowerOff();
    sysrq_.Restart();
  }

  Kernel& kernel_;
  HeartbeatPage& page_;
  Sysrq sysrq_;
  Watchdog watchdog_;
  Watched main_;
  std::uint32_t beats_ = 0;
  microseconds quiet_{0};
  std::optional<microseconds> last_look_;
  std::optional<microseconds> reboot_since_;
  int tries_ = 0;
};

bool LivesAlready(Kernel& kernel, const HeartbeatPage& page) {
  if (page.dead_man == 0) return false;
  auto process = ReadProcess(kernel, static_cast<pid_t>(page.dead_man.load()));
  return process && process.value.name == kDeadManName && !process.value.Ended();
}

/// Where others find it: the next rc, if there is one, and killall5 of Debian's own scripts.
void Announce(Kernel& kernel, pid_t pid, int heartbeat_fd) {
  const std::string number = std::to_string(pid);
  ReplaceLink(kernel, "/proc/" + number + "/fd/" + std::to_string(heartbeat_fd),
              run_files::kHeartbeat);
  if (kernel.List("/run/sendsigs.omit.d")) ReplaceFile(kernel, kOmitFile, number + "\n");
}

}  // namespace

void EnsureDeadMan(StageContext& context) {
  if (!context.heartbeat || context.request.container) return;
  std::uint32_t none = 0;
  const auto now = std::chrono::ceil<seconds>(context.kernel.Now()).count();
  (*context.heartbeat)->begin.compare_exchange_strong(none, static_cast<std::uint32_t>(now));
  DeadManStage(context);
}

void DeadManStage(StageContext& context) {
  Kernel& kernel = context.kernel;
  if (!context.heartbeat || context.request.container) return;
  const Heartbeat& heartbeat = *context.heartbeat;
  if (LivesAlready(kernel, *heartbeat.page()) || InContainer(kernel)) return;
  const Instruments instruments = OpenInstruments(kernel);
  const std::vector<int> keep{heartbeat.fd(), instruments.trigger, instruments.log,
                              instruments.memory};
  HeartbeatPage& page = *heartbeat.page();
  auto pid =
      StartDaemon(kernel, kDeadManName, keep, [&] { LiveAsDeadMan(kernel, page, instruments); });
  CloseInstruments(kernel, instruments);
  if (!pid) return context.report.Say("no dead-man: " + pid.error.message());
  page.dead_man = static_cast<std::uint32_t>(pid.value);
  Announce(kernel, pid.value, heartbeat.fd());
  context.report.Event("dead-man", {{"pid", std::to_string(pid.value)}});
}

void AnnounceReboot(StageContext& context) {
  if (!context.heartbeat) return;
  HeartbeatPage& page = *context.heartbeat->page();
  page.phase = HeartbeatPage::kReboot;
  // It looks each kLook; if it does not, the machine ends with the watchdog armed.
  const auto deadline = context.kernel.Now() + 5 * kLook;
  while (page.feeds && !page.restart && context.kernel.Now() < deadline)
    context.kernel.Poll({}, kLook / 10);
}

void RecallReboot(StageContext& context) {
  if (!context.heartbeat) return;
  (*context.heartbeat)->phase = HeartbeatPage::kStages;
}

void LiveAsDeadMan(Kernel& kernel, HeartbeatPage& page, const Instruments& instruments) {
  DeadMan(kernel, page, instruments).Live();
}

}  // namespace curfew
