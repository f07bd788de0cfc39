// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/stop.h"

#include <poll.h>

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a process matched by may change while it lives: its program, name, user or parent.
constexpr milliseconds kLookAgain{500};
/// How often dpkg looks at least. For what no pidfd tells: a process without one, and one that has
/// ended and that its parent does not reap.
constexpr milliseconds kPoll{20};
/// init reaps at once.
constexpr milliseconds kFirstReapPause{1};

}  // namespace

Stop::Stop(Kernel& kernel, const StopOptions& options, StopOutput& output)
    : kernel_(kernel),
      options_(options),
      output_(output),
      what_(options.What()),
      match_(kernel, options),
      reap_pause_(kFirstReapPause) {}

Stop::~Stop() {
  DropTargets();
}

std::optional<int> Stop::Run() {
  const auto self = kernel_.PidfdOpen(kernel_.Self());
  if (!self) return std::nullopt;
  kernel_.Close(self.value);
  if (match_.Prepare()) return std::nullopt;
  for (std::size_t at = 0; at < options_.schedule.size();) {
    const ScheduleItem& item = options_.schedule[at++];
    if (item.kind == ScheduleItem::Kind::kGoto) {
      at = static_cast<std::size_t>(item.value);
    } else if (item.kind == ScheduleItem::Kind::kTimeout) {
      const auto ended = WaitForEnd(seconds(item.value));
      if (!ended) return Fail(ended.error);
      if (ended.value) return Finish();
    } else {
      if (auto error = SignalAll(item.value)) return Fail(error);
      TellStopped();
      ++signals_sent_;
      if (reached_ == 0) return Finish();
      stopped_any_ = true;
    }
  }
  if (options_.talk != StopOptions::Talk::kQuiet)
    output_.Tell("Program " + what_ + ", " + std::to_string(reached_) +
                 " process(es), refused to die.\n");
  return kStillRuns;
}

void Stop::DropTargets() {
  for (const Target& target : targets_)
    if (target.pidfd >= 0) kernel_.Close(target.pidfd);
  targets_.clear();
}

/// Finds the targets.
std::error_code Stop::Look() {
  // /proc is not read in one moment: a target may end meanwhile, and leave a process that was not
  // there yet when the numbers were read.
  const bool may_leave_others = !targets_.empty() && !all_ended_;
  all_ended_ = false;
  if (auto error = FindTargets()) return error;
  return targets_.empty() && may_leave_others ? FindTargets() : std::error_code();
}

/// A number may be another process's by the time that its pidfd is open: so what has one is looked
/// at again.
std::error_code Stop::FindTargets() {
  DropTargets();
  const auto found = match_.Find();
  if (!found) return found.error;
  for (const pid_t pid : found.value) {
    const auto pidfd = kernel_.PidfdOpen(pid);
    if (pidfd && !match_.Is(pid)) {
      kernel_.Close(pidfd.value);
      continue;
    }
    targets_.push_back({pid, pidfd ? pidfd.value : -1, pidfd.error, false});
  }
  return {};
}

/// kill(2) where there is no pidfd, as for a thread (EINVAL, or ENOENT of newer kernels), or none
/// that takes signals.
std::error_code Stop::Signal(const Target& target, int number) {
  if (target.error == std::errc::no_such_process) return target.error;
  if (target.pidfd >= 0) {
    const auto error = kernel_.PidfdSignal(target.pidfd, number);
    if (error != std::errc::function_not_supported && error != std::errc::operation_not_permitted)
      return error;
  }
  return kernel_.Kill(target.pid, number);
}

/// Signal 0 only asks who is there. The last target comes first: a child before its parent.
std::error_code Stop::SignalAll(int number) {
  reached_ = 0;
  just_signalled_ = number != 0;
  if (auto error = Look()) return error;
  // What took the last signal is told again where nothing is left for this one, as dpkg does.
  if (targets_.empty()) return {};
  signalled_.clear();
  for (auto at = targets_.rbegin(); at != targets_.rend(); ++at) {
    Target& target = *at;
    acted_ = acted_ || number != 0;
    const auto error = Signal(target, number);
    if (!error) {
      signalled_.push_back(target.pid);
      target.reached = true;
      ++reached_;
    } else if (number != 0) {
      output_.Warn("warning: failed to kill " + std::to_string(target.pid) + ": " +
                   error.message() + "\n");
    }
  }
  return {};
}

/// Whether the targets end within `limit`.
Result<bool> Stop::WaitForEnd(seconds limit) {
  const microseconds end = kernel_.Monotonic() + limit;
  reap_pause_ = kFirstReapPause;
  for (;;) {
    // A limit of 0 makes no look.
    if (limit.count() == 0) return false;
    if (!just_signalled_) {
      if (auto error = SignalAll(0)) return error;
      if (reached_ == 0) return true;
      if (kernel_.Monotonic() >= end) return false;
    }
    just_signalled_ = false;
    Pause(end);
  }
}

/// Until all that took the signal have ended, or it is time to look again, at `end` at the latest.
void Stop::Pause(microseconds end) {
  std::vector<pollfd> fds;
  for (const Target& target : targets_)
    if (target.reached && target.pidfd >= 0) fds.push_back({target.pidfd, POLLIN, 0});
  const bool blind = fds.size() < reached_;
  const auto drop_ended = [&] {
    std::erase_if(fds, [](const pollfd& fd) { return fd.revents != 0; });
  };
  if (!fds.empty() && kernel_.Poll(fds, milliseconds(0))) drop_ended();
  const auto now = kernel_.Monotonic();
  const auto left = [&] { return std::chrono::ceil<milliseconds>(end - kernel_.Monotonic()); };
  if (fds.empty()) {
    (void)kernel_.Poll({}, std::clamp(left(), milliseconds(0), reap_pause_));
    reap_pause_ = std::min(reap_pause_ * 2, kPoll);
    all_ended_ = !blind;
    return;
  }
  end = std::min<microseconds>(end, now + (blind ? kPoll : kLookAgain));
  while (!fds.empty() && left() > milliseconds(0)) {
    // Without memory for poll(2) the next look tells as much.
    if (!kernel_.Poll(fds, left())) {
      (void)kernel_.Poll({}, std::min(left(), kPoll));
      return;
    }
    drop_ended();
  }
  all_ended_ = fds.empty() && !blind;
}

/// A fault before the first signal is dpkg's to tell.
std::optional<int> Stop::Fail(std::error_code error) {
  if (!acted_) return std::nullopt;
  output_.Warn("unable to opendir /proc (" + error.message() + ")\n");
  return kFatal;
}

int Stop::Finish() {
  if (options_.removes_pidfile) {
    const auto error = kernel_.Unlink(options_.pidfile);
    if (error && error != std::errc::no_such_file_or_directory) {
      output_.Warn("cannot remove pidfile '" + options_.pidfile + "' (" + error.message() + ")\n");
      return kFatal;
    }
  }
  if (stopped_any_) return kDone;
  if (options_.talk != StopOptions::Talk::kQuiet)
    output_.Tell("No " + what_ + " found running; none killed.\n");
  return options_.nothing_is_good ? kDone : kNothingDone;
}

void Stop::TellStopped() {
  if (options_.talk != StopOptions::Talk::kVerbose || signalled_.empty()) return;
  std::string text = "Stopped " + what_ + " (pid";
  for (auto pid = signalled_.rbegin(); pid != signalled_.rend(); ++pid)
    text += " " + std::to_string(*pid);
  text += ")";
  if (signals_sent_ > 0) text += ", retry #" + std::to_string(signals_sent_);
  output_.Tell(text + ".\n");
}

}  // namespace curfew
