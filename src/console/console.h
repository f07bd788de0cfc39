// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "console/keys.h"
#include "console/status_line.h"
#include "console/writer.h"
#include "run/event.h"

namespace curfew {

/// What the person at the console sees of a run: each script's lines, whole, live and prefixed with
/// its link's name; its end where that is worth a line; and below all that what the run waits for,
/// in place on a terminal that can erase, else in lines of their own.
class Console : public Listener {
 public:
  Console(boost::asio::io_context& loop, int fd);

  void On(const Event& event) override;

  /// One line of a script's output as it is shown.
  static std::string Text(std::string_view link, std::string_view line);

  /// From here on `keys` count whenever the run waits for something.
  void Offer(Keys& keys) { keys_ = &keys; }
  /// No keys any more, nothing waited for; lines still come.
  void RunIsOver();

  /// Before the program ends or becomes another.
  void Finish() { out_.Leave(); }

 private:
  void Show(const OutputLine& e);
  void Show(const ScriptEnded& e);
  void Show(const ScriptSkipped& e);
  void Show(const NearLimit& e);
  void Show(const ScriptAbandoned& e);
  void Show(const Waiting& waiting);
  void Show(const WaitOver& e);
  void Show(const Note& note);
  void Show(const ConsoleLent& e);
  /// The console shows no other event.
  template <typename Other>
  void Show(const Other&) {}

  size_t Columns() const;

  LineWriter out_;
  const int fd_;
  const bool in_place_;
  Keys* keys_ = nullptr;
  bool keys_explained_ = false;
  bool lent_ = false;
  StatusIntervals intervals_;
};

}  // namespace curfew
