// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "run/channel.h"
#include "run/event.h"
#include "run/line_buffer.h"
#include "run/process.h"
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
      Listener& listener);

  /// `request` comes filled but for its output, which the job opens.
  void Start(SpawnRequest request, const winsize& size, OnEnd on_end);
  /// The same with the real console in `request`; nothing is read and nothing prefixed.
  void StartOnConsole(const SpawnRequest& request, OnEnd on_end);
  /// Takes over a script that an earlier rc left running.
  std::error_code Adopt(pid_t pid, unsigned long long start_time, OnEnd on_end);

  /// Nobody waits for it any more: what it floods is read slowly, and it gets the CPU that the
  /// others leave.
  void SlowDown();

  const Script& script() const { return script_; }
  pid_t pid() const { return process_.pid(); }
  /// Bytes of output so far.
  long long printed() const { return printed_; }
  /// The last line of its output; empty if there was none.
  const std::string& last_line() const { return last_line_; }
  /// The output, for whoever reads on when rc ends; empty when it is at its end.
  Fd TakeOutput();

 private:
  void Read();
  void ReadLater(std::chrono::milliseconds pause);
  bool ReadChunk();
  void FlushPartialLater();
  void NameInUtmpLater();
  void Ended(ExitStatus status);
  void Show(std::string_view line);

  const Script& script_;
  const std::string utmp_name_;
  Listener& listener_;
  Process process_;
  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer partial_timer_;
  boost::asio::steady_timer pause_timer_;
  boost::asio::steady_timer utmp_timer_;
  LineBuffer lines_;
  UtmpEntry utmp_;
  OnEnd on_end_;
  bool slow_ = false;
  long long printed_ = 0;
  std::string last_line_;
};

}  // namespace curfew
