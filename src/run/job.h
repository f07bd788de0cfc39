// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "run/channel.h"
#include "run/launcher.h"
#include "run/line_buffer.h"
#include "run/process.h"

namespace curfew {

/// One script's process, its output, and its name in who(1).
///
/// A job puts each line and the end of the process into `events`. The output may be open after that
/// end: a daemon that the script started keeps it, and the daemon's lines come as long as the job
/// exists.
class Job : public std::enable_shared_from_this<Job> {
 public:
  /// `id` stands in the events; `utmp_name` is the script's name in utmp.
  Job(boost::asio::io_context& loop, int id, const Script& script, std::string utmp_name,
      std::deque<RunEvent>& events);

  /// The job opens the output of `request`.
  void Start(SpawnRequest request, const winsize& size);
  /// Starts the script on the console, which `request` has: rc does not see the output.
  void StartOnConsole(const SpawnRequest& request);
  /// Waits for the end of a script that an earlier rc left running; errors as of Process::Adopt.
  std::error_code Adopt(Files& files, const ProcessId& process);

  /// From here on the job reads the output slowly, and the script gets the CPU that others leave.
  void SlowDown();

  const Script& script() const { return script_; }
  pid_t pid() const { return process_.pid(); }
  bool slow() const { return slow_; }
  bool HasOutput() const { return output_.is_open() || unattached_; }
  /// Bytes of output so far.
  long long printed() const { return printed_; }
  /// The output, for the drain process; empty where the output has ended.
  Fd TakeOutput();

 private:
  void Attach(Fd output);
  void Read();
  void ReadLater(std::chrono::milliseconds pause);
  bool ReadChunk();
  void FlushPartialLater();
  void NameInUtmpLater();
  void Ended(ExitStatus status);
  void FlushLine();
  void Tell(std::string_view line);

  const int id_;
  const Script& script_;
  const std::string utmp_name_;
  std::deque<RunEvent>& events_;
  Process process_;
  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor output_;
  Fd unattached_;  ///< the output, while the loop does not take it
  boost::asio::steady_timer partial_timer_;
  boost::asio::steady_timer pause_timer_;
  boost::asio::steady_timer utmp_timer_;
  LineBuffer lines_;
  bool partial_timed_ = false;  ///< partial_timer_ runs for the line that is not finished
  Fd utmp_;                     ///< see AddUtmpEntry
  bool slow_ = false;
  long long printed_ = 0;
};

}  // namespace curfew
