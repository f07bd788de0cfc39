// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "console/keys.h"
#include "console/status_line.h"
#include "console/writer.h"
#include "run/status.h"

namespace curfew {

/// What the person at the console sees of a run: each script's lines, whole, live and prefixed with
/// its link's name; its end where that is worth a line; and below all that what the run waits for,
/// in place on a terminal that can erase, else in lines of their own.
class Console : public Status {
 public:
  Console(boost::asio::io_context& loop, int fd);

  void Started(const Script&, pid_t) override {}
  void Line(const Script& script, std::string_view text) override;
  void Ended(const Script& script, ExitStatus status) override;
  void Skipped(const Script& script) override;
  void NearLimit(const Script& script, std::chrono::seconds quiet,
                 std::chrono::seconds left) override;
  void Abandoned(const Script& script, const Abandonment& why) override;
  void Evidence(const Script& script, const std::vector<std::string>& lines) override;
  void WaitsFor(const Waiting* waiting) override;
  void Note(std::string_view text) override;
  void ConsoleLent(bool lent) override;

  /// One line of a script's output as it is shown.
  static std::string Text(std::string_view link, std::string_view line);

  /// From here on `keys` count whenever the run waits for something.
  void Offer(Keys& keys) { keys_ = &keys; }
  /// No keys any more, nothing waited for; lines still come.
  void RunIsOver();

  /// Before the program ends or becomes another.
  void Finish() { out_.Leave(); }

 private:
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
