// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "run/event.h"

namespace curfew {

/// What a console shows where the kernel command line says `quiet`. A script's lines are held back,
/// and dropped where it ends well and soon. They are shown, and all that follow, as soon as the
/// script is slow (it has run for 3 s, or the run waits), fails or is left alone. So are at once
/// those of a script that curfew.trace= names, and of native stages, which say only what did not go
/// well. Of rc's own lines the one of the hand-over is missing.
class Quiet {
 public:
  using Sink = std::function<void(const Event&)>;

  explicit Quiet(Sink show) : show_(std::move(show)) {}

  void On(const Event& event);

 private:
  using Clock = std::chrono::steady_clock;

  /// A script from its start on, until it ends well.
  struct Heard {
    Clock::time_point begin;
    bool shown = false;  ///< nothing is held back any more
    std::deque<std::string> lines = {};
    std::size_t bytes = 0;    ///< in `lines`
    std::size_t dropped = 0;  ///< lines before them
  };

  /// Returns whether the event passes.
  bool Take(const ScriptStarted& e);
  bool Take(const OutputLine& e);
  bool Take(const ScriptEnded& e);
  bool Take(const ScriptAbandoned& e);
  bool Take(const Waiting&);
  bool Take(const Note& note);
  template <typename Other>
  bool Take(const Other&) {
    return true;
  }

  bool IsSlow(const Heard& heard) const;
  void Show(const Script& script, Heard* heard);

  const Sink show_;
  std::map<const Script*, Heard> scripts_;
};

}  // namespace curfew
