// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string_view>
#include <vector>

#include "run/exit_status.h"

namespace curfew {

/// What a run waits for: of the scripts that run, the one that has run longest.
struct Waiting {
  const Script* script = nullptr;
  std::size_t ended = 0;            ///< of the plan's scripts, the skipped and abandoned included
  std::size_t scripts = 0;          ///< in the plan, the hand-over not counted
  std::chrono::seconds elapsed{0};  ///< since it began
  std::chrono::seconds limit{0};    ///< left alone after so long without progress; 0: never
  std::string process;              ///< "cupsd[812]": whom the script itself waits for
  char state = '?';                 ///< of that process, as in proc(5)
  std::string wait_channel;         ///< the kernel function it sleeps in; may be empty
};

/// Why a script is left alone, and what was seen of it then.
struct Abandonment {
  std::string reason;     ///< "no progress for 90 s", "600 s in all", "skipped by a key"
  std::string last_line;  ///< of its output; may be empty
};

/// What the runner tells while it works. The runner knows no terminal and no file: whoever wants
/// to show or keep something listens here.
class Status {
 public:
  virtual ~Status() = default;
  virtual void Started(const Script& script, pid_t pid) = 0;
  /// One whole line of output, without its newline.
  virtual void Line(const Script& script, std::string_view text) = 0;
  virtual void Ended(const Script& script, ExitStatus status) = 0;
  /// Somebody said no to it: it does not run.
  virtual void Skipped(const Script& script) = 0;
  /// It made no progress for `quiet`; unless it does, it is left alone `left` from now.
  virtual void NearLimit(const Script& script, std::chrono::seconds quiet,
                         std::chrono::seconds left) = 0;
  /// It goes on, and nobody waits for it any more.
  virtual void Abandoned(const Script& script, const Abandonment& why) = 0;
  /// Its processes when it was abandoned, as a tree with their kernel stacks, a line each.
  virtual void Evidence(const Script& script, const std::vector<std::string>& lines) = 0;
  /// Said every second from the third on in which nothing ended. Null: not waiting any more.
  virtual void WaitsFor(const Waiting* waiting) = 0;
  /// Something the person at the console should know, one line.
  virtual void Note(std::string_view text) = 0;
  /// An interactive script or a question takes the console (true), or has given it back.
  virtual void ConsoleLent(bool lent) = 0;
};

/// Passes everything on to several listeners, in order.
class StatusFan : public Status {
 public:
  explicit StatusFan(std::vector<Status*> listeners) : listeners_(std::move(listeners)) {}

  void Started(const Script& script, pid_t pid) override {
    for (Status* s : listeners_) s->Started(script, pid);
  }
  void Line(const Script& script, std::string_view text) override {
    for (Status* s : listeners_) s->Line(script, text);
  }
  void Ended(const Script& script, ExitStatus status) override {
    for (Status* s : listeners_) s->Ended(script, status);
  }
  void Skipped(const Script& script) override {
    for (Status* s : listeners_) s->Skipped(script);
  }
  void NearLimit(const Script& script, std::chrono::seconds quiet,
                 std::chrono::seconds left) override {
    for (Status* s : listeners_) s->NearLimit(script, quiet, left);
  }
  void Abandoned(const Script& script, const Abandonment& why) override {
    for (Status* s : listeners_) s->Abandoned(script, why);
  }
  void Evidence(const Script& script, const std::vector<std::string>& lines) override {
    for (Status* s : listeners_) s->Evidence(script, lines);
  }
  void WaitsFor(const Waiting* waiting) override {
    for (Status* s : listeners_) s->WaitsFor(waiting);
  }
  void Note(std::string_view text) override {
    for (Status* s : listeners_) s->Note(text);
  }
  void ConsoleLent(bool lent) override {
    for (Status* s : listeners_) s->ConsoleLent(lent);
  }

 private:
  std::vector<Status*> listeners_;
};

}  // namespace curfew
