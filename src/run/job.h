// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "run/channel.h"
#include "run/line_buffer.h"
#include "run/process.h"
#include "run/status.h"
#include "run/utmp_entry.h"

namespace curfew {

/// One script's life in one run: its process, its output, its name in who(1).
///
/// Passive: the runner decides when it starts; it reports lines to the status and its end once to
/// `on_end`. The end is that of the process, never that of the output: a daemon left behind keeps
/// the output open, and its lines keep coming for as long as the job exists.
class Job {
 public:
  using OnEnd = std::function<void(Job&, ExitStatus)>;

  /// `level` is part of the script's name in utmp.
  Job(boost::asio::io_context& loop, const Script& script, const std::string& level,
      Status& status);

  /// `request` comes filled but for its output, which the job opens.
  void Start(SpawnRequest request, const winsize& size, OnEnd on_end);
  /// The same with the real console in `request`; nothing is read and nothing prefixed.
  void StartOnConsole(const SpawnRequest& request, OnEnd on_end);
  /// Takes over a script that an earlier rc left running.
  std::error_code Adopt(pid_t pid, unsigned long long start_time, OnEnd on_end);

  /// Calls `on_over` once, unless the script ends within `limit`; the script is not touched.
  void Limit(std::chrono::seconds limit, std::function<void(Job&)> on_over);

  const Script& script() const { return script_; }
  pid_t pid() const { return process_.pid(); }
  /// The output, for whoever reads on when rc ends; empty when it is at its end.
  Fd TakeOutput();

 private:
  void Read();
  bool ReadChunk();
  void FlushPartialLater();
  void NameInUtmpLater();
  void Ended(ExitStatus status);
  void Show(std::string_view line) { status_.Line(script_, line); }

  const Script& script_;
  const std::string utmp_name_;
  Status& status_;
  Process process_;
  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer partial_timer_;
  boost::asio::steady_timer utmp_timer_;
  boost::asio::steady_timer limit_timer_;
  LineBuffer lines_;
  UtmpEntry utmp_;
  OnEnd on_end_;
  bool ended_ = false;
};

}  // namespace curfew
