// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "run/exit_status.h"

namespace curfew {

// What happens in a run. The console shows an event to a person, the trace keeps it
// (src/trace/run_trace.h lists the fields), and rc's heartbeat counts the scripts that run. Views
// and references are valid only while Listener::On runs.

/// The process of the script was started, or an earlier rc's was adopted.
struct ScriptStarted {
  const Script& script;
  pid_t pid;
};

/// The script wrote one line, given without its newline.
struct OutputLine {
  const Script& script;
  std::string_view text;
};

/// The process of the script has ended, also when the script was abandoned before.
struct ScriptEnded {
  const Script& script;
  ExitStatus status;
};

/// The script will not run: a person said so, or the script phase is over.
struct ScriptSkipped {
  const Script& script;
};

/// The script made no progress for `quiet`. Without progress rc abandons the script in `left`.
struct NearLimit {
  const Script& script;
  std::chrono::seconds quiet;
  std::chrono::seconds left;
};

/// The script goes on, and rc does not wait for it any more.
struct ScriptAbandoned {
  const Script& script;
  std::string_view reason;     ///< "no progress for 90 s", "600 s in all", "skipped by a key"
  std::string_view last_line;  ///< of the script's output; may be empty
};

/// The processes of an abandoned script, as a tree. Each entry is the process; after a newline
/// follows its kernel stack, if that can be read.
struct Evidence {
  const Script& script;
  const std::vector<std::string>& lines;
};

/// The script that the run waits for: of those that run, the one that began first. Sent each second
/// in which no script ended, from the third on.
struct Waiting {
  const Script* script = nullptr;
  std::size_t ended = 0;            ///< scripts of the plan, the skipped and abandoned included
  std::size_t scripts = 0;          ///< in the plan, without the hand-over
  std::chrono::seconds elapsed{0};  ///< since the script began
  /// Until rc leaves it alone, unless it makes progress; none: it has no limit.
  std::optional<std::chrono::seconds> left = {};
  /// How long the script took in most earlier runs.
  std::optional<std::chrono::microseconds> usual = {};
  std::string process = {};  ///< that the script waits for, as Described() has it, or empty
  std::size_t more = 0;      ///< other scripts that run
};

/// A script ended after a Waiting.
struct WaitOver {};

/// One line for the person at the console.
struct Note {
  std::string_view text;
};

/// An interactive script or a question takes the console, or gives it back.
struct ConsoleLent {
  bool lent;
};

using Event = std::variant<ScriptStarted, OutputLine, ScriptEnded, ScriptSkipped, NearLimit,
                           ScriptAbandoned, Evidence, Waiting, WaitOver, Note, ConsoleLent>;

/// Gets every event of a run.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void On(const Event& event) = 0;
};

/// Passes every event to several listeners, in their order.
class Listeners : public Listener {
 public:
  explicit Listeners(std::vector<Listener*> listeners) : listeners_(std::move(listeners)) {}
  void On(const Event& event) override {
    for (Listener* listener : listeners_) listener->On(event);
  }

 private:
  std::vector<Listener*> listeners_;
};

}  // namespace curfew
