// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "console/writer.h"
#include "run/status.h"

namespace curfew {

/// What the person at the console sees of a run: each script's lines, whole, live and prefixed with
/// its link's name; its end where that is worth a line.
class Console : public Status {
 public:
  Console(boost::asio::io_context& loop, int fd) : out_(loop, fd) {}

  void Started(const Script&, pid_t) override {}
  void Line(const Script& script, std::string_view text) override;
  void Ended(const Script& script, ExitStatus status) override;
  void Skipped(const Script& script) override;
  void Abandoned(const Script& script, std::chrono::seconds limit) override;
  void Note(std::string_view text) override;
  void ConsoleLent(bool lent) override;

  /// One line of a script's output as it is shown.
  static std::string Text(std::string_view link, std::string_view line);

  /// Before the program ends or becomes another.
  void Finish() { out_.Finish(); }

 private:
  LineWriter out_;
};

}  // namespace curfew
