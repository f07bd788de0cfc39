// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/job.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "kernel/cpu_priority.h"

namespace curfew {

namespace asio = boost::asio;

namespace {

/// A line without its end, such as a prompt, is shown this long after its begin, as the status line
/// is after the script's: many scripts complete a line within that time.
constexpr std::chrono::seconds kPartialLine{3};
/// A script that runs longer gets a name in utmp. The two records of each quick script would only
/// fill wtmp.
constexpr std::chrono::seconds kSlow{5};
/// A pty holds less than 16 chunks of 4 KiB: what comes after these is a daemon's output.
constexpr int kReadsAtEnd = 16;
/// A script that prints more bytes than this floods. rc spends at most half of its time on the
/// script's output, so that rc reads the other scripts' output, too, and needs little memory.
constexpr long long kFloodPrinted = 1 << 20;
constexpr std::chrono::milliseconds kFloodPause{1};
/// Pause after each chunk of an abandoned script: 200 KB a second are enough.
constexpr std::chrono::milliseconds kSlowPause{20};
/// Pause after each chunk where the loop cannot wait for output: epoll_ctl(2) has no memory, or no
/// watch to spare.
constexpr std::chrono::milliseconds kPollPause{20};

}  // namespace

Job::Job(asio::io_context& loop, int id, const Script& script, std::string utmp_name,
         std::deque<RunEvent>& events)
    : id_(id),
      script_(script),
      utmp_name_(std::move(utmp_name)),
      events_(events),
      loop_(loop),
      output_(loop),
      partial_timer_(loop),
      pause_timer_(loop),
      utmp_timer_(loop) {}

void Job::Start(SpawnRequest request, const winsize& size) {
  Result<Channel> channel = OpenChannel(size);
  // Without a channel the script still runs, and writes where rc itself writes.
  if (channel) request.out = channel.value.theirs.get();
  StartOnConsole(request);
  if (!channel) return;
  const bool pty = channel.value.pty;
  Attach(std::move(channel.value.ours));
  // A native stage ends within seconds, and the kill stage would end the process that keeps the
  // entry.
  if (pty && script_.kind == ScriptKind::kScript) NameInUtmpLater();
}

void Job::StartOnConsole(const SpawnRequest& request) {
  process_.Start(loop_, request, [this](ExitStatus status) { Ended(status); });
}

std::error_code Job::Adopt(Files& files, const ProcessId& process) {
  return process_.Adopt(loop_, files, process, [this](ExitStatus status) { Ended(status); });
}

void Job::SlowDown() {
  slow_ = true;
  LowerGroupPriority(pid());
}

Fd Job::TakeOutput() {
  if (!output_.is_open()) return std::move(unattached_);
  utmp_.Close();
  FlushLine();
  return Fd(output_.release());
}

/// Reads what the script writes, now or as soon as the loop takes the descriptor: a script whose
/// output nobody reads would hang.
void Job::Attach(Fd output) {
  boost::system::error_code error;
  output_.assign(output.get(), error);
  if (!error) return output.Release(), Read();
  unattached_ = std::move(output);
  pause_timer_.expires_after(kPollPause);
  pause_timer_.async_wait(
      [this, self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && unattached_) Attach(std::move(unattached_));
      });
}

void Job::Read() {
  using namespace std::chrono;
  output_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this, self = shared_from_this()](const boost::system::error_code& error) {
                       const auto begin = steady_clock::now();
                       if (error == asio::error::operation_aborted) return;
                       if (!output_.is_open() || !ReadChunk()) return;
                       FlushPartialLater();
                       if (error) return ReadLater(kPollPause);
                       if (printed_ < kFloodPrinted) return Read();
                       const auto spent = duration_cast<milliseconds>(steady_clock::now() - begin);
                       ReadLater(std::max(slow_ ? kSlowPause : kFloodPause, spent));
                     });
}

void Job::ReadLater(std::chrono::milliseconds pause) {
  pause_timer_.expires_after(pause);
  pause_timer_.async_wait(
      [this, self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && output_.is_open()) Read();
      });
}

/// False at the end of the output.
bool Job::ReadChunk() {
  char chunk[4096];
  const ssize_t size = read(output_.native_handle(), chunk, sizeof chunk);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (size > 0) {
    printed_ += size;
    lines_.Add({chunk, static_cast<size_t>(size)}, [this](std::string_view line) { Tell(line); });
    return true;
  }
  FlushLine();
  utmp_.Close();
  boost::system::error_code ignored;
  output_.close(ignored);
  return false;
}

void Job::FlushPartialLater() {
  if (lines_.empty() || std::exchange(partial_timed_, true)) return;
  partial_timer_.expires_after(kPartialLine);
  partial_timer_.async_wait(
      [this, self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) FlushLine();
      });
}

void Job::NameInUtmpLater() {
  utmp_timer_.expires_after(kSlow);
  utmp_timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && output_.is_open()) utmp_ = AddUtmpEntry(output_.native_handle(), utmp_name_);
  });
}

void Job::FlushLine() {
  lines_.Flush([this](std::string_view line) { Tell(line); });
}

void Job::Tell(std::string_view line) {
  if (std::exchange(partial_timed_, false)) partial_timer_.cancel();
  events_.push_back({.kind = RunEvent::Kind::kLine, .id = id_, .text = std::string(line)});
}

void Job::Ended(ExitStatus status) {
  if (unattached_) Attach(std::move(unattached_));
  // The pty has all that the script wrote. So its lines come before its end.
  for (int reads = 0; reads < kReadsAtEnd && output_.is_open(); ++reads) ReadChunk();
  FlushLine();
  utmp_timer_.cancel();
  utmp_.Close();
  events_.push_back({.kind = RunEvent::Kind::kEnded, .id = id_, .status = status});
}

}  // namespace curfew
