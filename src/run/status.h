// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string_view>
#include <vector>

#include "run/exit_status.h"

namespace curfew {

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
  /// It is over its limit: it goes on, and nobody waits for it any more.
  virtual void Abandoned(const Script& script, std::chrono::seconds limit) = 0;
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
  void Abandoned(const Script& script, std::chrono::seconds limit) override {
    for (Status* s : listeners_) s->Abandoned(script, limit);
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
