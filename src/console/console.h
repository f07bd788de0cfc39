// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "console/colour.h"
#include "console/keys.h"
#include "console/quiet.h"
#include "console/status_line.h"
#include "console/writer.h"
#include "run/event.h"

namespace curfew {

/// Shows a run to the person at the console: each script's lines, whole and with the link's name in
/// front; each failure, in red where colours are wanted; and below all lines the script that the
/// run waits for. A terminal that can erase shows that script in one place, another console in
/// lines of their own.
class Console : public Listener {
 public:
  /// `quiet`: it shows only what Quiet lets pass.
  Console(boost::asio::io_context& loop, int fd, bool quiet);

  void On(const Event& event) override;

  /// One line of a script's output as it is shown.
  static std::string Text(std::string_view link, std::string_view line);

  /// From now on `keys` count whenever the run waits for a script.
  void Offer(Keys& keys) { keys_ = &keys; }
  /// Ends the keys and the status line; lines may still come.
  void RunIsOver();

  /// To be called before rc ends or becomes halt.
  void Finish() { out_.Leave(); }

 private:
  void ShowAny(const Event& event);
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

  void WriteIn(Colour colour, const std::string& line);
  size_t Columns() const;

  LineWriter out_;
  const int fd_;
  const bool in_place_;
  const bool coloured_;
  std::optional<Quiet> quiet_;
  Keys* keys_ = nullptr;
  bool keys_explained_ = false;
  bool lent_ = false;
  StatusIntervals intervals_;
};

}  // namespace curfew
