// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/slack.h"

#include <algorithm>

namespace curfew {
namespace {

using Duration = Slack::Duration;

/// A slack below this part of the longest chain is none: where CPUs were short at earlier shutdowns
/// the durations are up to twice too long.
constexpr int kLeastPart = 2;
/// Beside a script that spins, a script with a low share hardly gets on. A low share lasts that
/// part of the script's LIMIT at the most, so that the script does not count as hung.
constexpr int kPartOfLimit = 3;

Duration Median(std::vector<Duration> durations) {
  if (durations.empty()) return std::chrono::seconds(1);
  const auto middle = durations.begin() + static_cast<long>(durations.size() / 2);
  std::nth_element(durations.begin(), middle, durations.end());
  return *middle;
}

std::vector<Duration> TakesOf(const std::vector<ScriptRun>& runs) {
  std::vector<Duration> known;
  for (const ScriptRun& run : runs)
    if (run.usual) known.push_back(*run.usual);
  const Duration median = Median(std::move(known));
  std::vector<Duration> takes;
  for (const ScriptRun& run : runs) takes.push_back(run.usual.value_or(median));
  return takes;
}

/// Of each script the part of its chain that all scripts of its pass share: from the next script on
/// that waits for all before it, and that all behind it wait for, as the kill stage is. 0: there is
/// none.
std::vector<Duration> CommonParts(const std::vector<ScriptRun>& runs,
                                  const std::vector<Duration>& chains) {
  const size_t count = runs.size();
  // All before a script lead to it if the first that waits for each of these is no later.
  std::vector<size_t> latest(count), last_before(count);
  for (size_t i = 0, most = 0; i < count; ++i) {
    if (i > 0 && runs[i].pass != runs[i - 1].pass) most = 0;
    latest[i] = most;
    size_t first_next = count;
    for (const int next : runs[i].next) {
      first_next = std::min(first_next, static_cast<size_t>(next));
      last_before[static_cast<size_t>(next)] = i;
    }
    most = std::max(most, first_next);
  }
  std::vector<Duration> parts(count);
  Duration shared{0};
  size_t least = count;  // all behind i wait for it if none of these waits for earlier ones alone
  for (size_t i = count; i-- > 0;) {
    parts[i] = shared;
    if (latest[i] <= i && least >= i) shared = chains[i];
    least = std::min(least, last_before[i]);
    if (i > 0 && runs[i].pass != runs[i - 1].pass) shared = Duration(0), least = count;
  }
  return parts;
}

/// A start may leave a daemon, which would keep the share; a script with the console runs alone; a
/// native stage ends what holds the machine.
bool MayBeLow(const Script& script) {
  return script.kind == ScriptKind::kScript && script.action == Action::kStop &&
         !script.interactive;
}

}  // namespace

Slack::Slack(const std::vector<ScriptRun>& runs)
    : takes_(TakesOf(runs)), chains_(runs.size()), slacks_(runs.size()) {
  // Each script comes before those that wait for it, and each pass before the next.
  for (size_t i = runs.size(); i-- > 0;) {
    Duration below{0};
    for (const int next : runs[i].next) below = std::max(below, Chain(next));
    chains_[i] = takes_[i] + below;
  }
  common_ = CommonParts(runs, chains_);
  std::vector<Duration> begins(runs.size());
  for (size_t i = 0; i < runs.size(); ++i)
    for (const int next : runs[i].next) {
      Duration& begin = begins[static_cast<size_t>(next)];
      begin = std::max(begin, begins[i] + takes_[i]);
    }
  std::map<int, Duration> longest;
  for (size_t i = 0; i < runs.size(); ++i) {
    Duration& whole = longest[runs[i].pass];
    whole = std::max(whole, begins[i] + chains_[i]);
  }
  for (size_t i = 0; i < runs.size(); ++i)
    slacks_[i] = longest[runs[i].pass] - begins[i] - chains_[i];
}

bool Slack::Begin(const ScriptRun& run, Duration ready, Time now) {
  const Duration longest = std::max(LongestLeft(ready, now), Chain(run.id));
  const Duration slack = longest - Chain(run.id);
  const Duration before_all = longest - common_[static_cast<size_t>(run.id)];
  const bool low = MayBeLow(*run.script) && slack > before_all / kLeastPart;
  const Duration limit = run.script->limit;
  const bool limited = limit.count() > 0 && limit / kPartOfLimit < slack;
  running_[run.id] = {now, low, now + (limited ? limit / kPartOfLimit : slack)};
  return low;
}

std::vector<int> Slack::ToRaise(Duration ready, Time now) {
  std::vector<int> ids;
  if (NextRaise() == Time::max()) return ids;
  const Duration longest = LongestLeft(ready, now);
  for (auto& [id, running] : running_) {
    if (!running.low || (now < running.raise && longest > Chain(id))) continue;
    running = {now, false, now};
    ids.push_back(id);
  }
  return ids;
}

Slack::Time Slack::NextRaise() const {
  Time next = Time::max();
  for (const auto& [id, running] : running_)
    if (running.low) next = std::min(next, running.raise);
  return next;
}

/// From now to the end of the pass along the chain of a script that runs. One with a low share may
/// have got nowhere.
Duration Slack::Left(int id, const Running& running, Time now) const {
  if (running.low) return Chain(id);
  const auto passed = std::chrono::duration_cast<Duration>(now - running.since);
  return Chain(id) - std::min(passed, takes_[static_cast<size_t>(id)]);
}

Duration Slack::LongestLeft(Duration ready, Time now) const {
  Duration longest = ready;
  for (const auto& [id, running] : running_) longest = std::max(longest, Left(id, running, now));
  return longest;
}

}  // namespace curfew
