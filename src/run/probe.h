// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/look.h"
#include "run/sessions.h"

namespace curfew {

/// Lets a helper child look at scripts' processes, so that no read of another process's files can
/// hold up rc's loop.
///
/// One helper at a time. One that hangs is killed and left to itself: what it was about to read is
/// never read again. While a few of these do not even end by KILL there are no more looks.
class Probe {
 public:
  struct Answer {
    std::map<int, std::vector<SeenProcess>> processes;  ///< by LookedAt::key; no key: not looked at
    std::map<int, std::vector<std::string>> evidence;   ///< the same
    std::chrono::milliseconds cpu{0};                   ///< what the look has cost
    std::optional<int> cut;                             ///< the key that the look did not get past
  };
  using OnAnswer = std::function<void(const Answer&)>;

  /// `root` is the prefix of pid files. The helper makes its reads through `kernel`, and its
  /// session is among `sessions` while it lives.
  Probe(boost::asio::io_context& loop, std::string root, Kernel& kernel, RunningSessions& sessions);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  bool busy() const { return static_cast<bool>(on_answer_); }
  /// Calls `on_answer` once, from the loop, with what there is to say, be it little or nothing: no
  /// later than 0.2 s after a process began not to answer (2 s for its stat, or a script's files),
  /// 10 s in all. Only while not busy.
  void Ask(std::vector<LookedAt> scripts, OnAnswer on_answer);

 private:
  /// What the helper said it was about to read.
  struct Asked {
    pid_t process = 0;
    int script = -1;
  };

  [[noreturn]] void BeHelper(int socket, const std::vector<LookedAt>& scripts) const;
  void Receive();
  bool Take();
  void Hear(const std::string& packet);
  void WaitForWord();
  void WordIsLate();
  void Silence();
  std::chrono::milliseconds CpuUsed() const;
  void End();
  void Reap();

  boost::asio::io_context& loop_;
  const std::string root_;
  Kernel& kernel_;
  RunningSessions& sessions_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  pid_t helper_ = 0;
  std::chrono::steady_clock::time_point begin_;
  Asked asked_;
  std::deque<int> pending_;  ///< the keys that the helper has yet to be done with
  Mute mute_;
  std::list<pid_t> left_;  ///< killed helpers that have not ended yet
  Answer answer_;
  OnAnswer on_answer_;
};

}  // namespace curfew
