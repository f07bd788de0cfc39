// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/job.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "kernel/cpu_priority.h"

namespace curfew {

namespace asio = boost::asio;

namespace {

/// A prompt or a half-written line is shown after this time.
constexpr std::chrono::seconds kPartialLine{1};
/// Scripts that run longer get a name in utmp; two records each for the quick ones would only
/// fill wtmp.
constexpr std::chrono::seconds kSlow{5};
/// A pty holds less than 16 chunks; more can only come from a daemon that goes on writing.
constexpr int kReadsAtEnd = 16;
/// A script that prints more than this floods. It gets half of rc's time and no more, so that the
/// others are served and rc's memory stays small.
constexpr long long kFlood = 1 << 20;
constexpr std::chrono::milliseconds kFloodPause{1};
/// 200 KB a second are enough from a script that rc waits for no more.
constexpr std::chrono::milliseconds kSlowPause{20};

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
  // Without any channel the script still runs, and writes where rc itself writes.
  if (channel) request.out = channel.value.theirs.get();
  StartOnConsole(request);
  if (!channel) return;
  const bool pty = channel.value.pty;
  boost::system::error_code ignored;
  output_.assign(channel.value.ours.Release(), ignored);
  Read();
  // Native stages are over in seconds, and the kill stage would end the process that holds the
  // entry.
  if (pty && script_.kind == ScriptKind::kScript) NameInUtmpLater();
}

void Job::StartOnConsole(const SpawnRequest& request) {
  process_.Start(loop_, request, [this](ExitStatus status) { Ended(status); });
}

std::error_code Job::Adopt(const ProcessId& process) {
  return process_.Adopt(loop_, process.pid, process.start,
                        [this](ExitStatus status) { Ended(status); });
}

void Job::SlowDown() {
  slow_ = true;
  LowerSessionPriority(pid());
}

Fd Job::TakeOutput() {
  if (!output_.is_open()) return Fd();
  utmp_.Remove();
  FlushLine();
  return Fd(output_.release());
}

void Job::Read() {
  using namespace std::chrono;
  output_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this, self = shared_from_this()](const boost::system::error_code& error) {
                       const auto begin = steady_clock::now();
                       if (error || !output_.is_open() || !ReadChunk()) return;
                       FlushPartialLater();
                       if (printed_ < kFlood) return Read();
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

/// False when nothing more can come; EAGAIN is not that.
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
  utmp_.Remove();
  boost::system::error_code ignored;
  output_.close(ignored);
  return false;
}

void Job::FlushPartialLater() {
  partial_timer_.cancel();
  if (lines_.empty()) return;
  partial_timer_.expires_after(kPartialLine);
  partial_timer_.async_wait(
      [this, self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) FlushLine();
      });
}

void Job::NameInUtmpLater() {
  utmp_timer_.expires_after(kSlow);
  utmp_timer_.async_wait([this, self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && output_.is_open()) utmp_.Add(output_.native_handle(), utmp_name_);
  });
}

void Job::FlushLine() {
  lines_.Flush([this](std::string_view line) { Tell(line); });
}

void Job::Tell(std::string_view line) {
  events_.push_back({.kind = RunEvent::Kind::kLine, .id = id_, .text = std::string(line)});
}

void Job::Ended(ExitStatus status) {
  // What the script wrote before it ended is in the pty already: its lines come before its end.
  for (int reads = 0; reads < kReadsAtEnd && output_.is_open(); ++reads) ReadChunk();
  FlushLine();
  utmp_timer_.cancel();
  utmp_.Remove();
  events_.push_back({.kind = RunEvent::Kind::kEnded, .id = id_, .status = status});
}

}  // namespace curfew
