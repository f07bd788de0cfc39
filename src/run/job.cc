// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/job.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "kernel/priority.h"

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
/// A script that prints more than this floods: it gets half of rc's time and no more, so that the
/// others are served and what it floods is not rc's memory.
constexpr long long kFlood = 1 << 20;
constexpr std::chrono::milliseconds kFloodPause{1};
/// From one that nobody waits for 200 KB a second are enough.
constexpr std::chrono::milliseconds kSlowPause{20};

}  // namespace

Job::Job(asio::io_context& loop, const Script& script, const std::string& level, Listener& listener)
    : script_(script),
      utmp_name_("rc" + level + ":" + script.link),
      listener_(listener),
      loop_(loop),
      output_(loop),
      partial_timer_(loop),
      pause_timer_(loop),
      utmp_timer_(loop) {}

void Job::Start(SpawnRequest request, const winsize& size, OnEnd on_end) {
  on_end_ = std::move(on_end);
  Result<Channel> channel = OpenChannel(size);
  // Without any channel the script still runs; its words go where rc's own go.
  if (channel) request.out = channel.value.theirs.get();
  process_.Start(loop_, request, [this](ExitStatus status) { Ended(status); });
  if (!channel) return;
  const bool pty = channel.value.pty;
  boost::system::error_code ignored;
  output_.assign(channel.value.ours.Release(), ignored);
  Read();
  // A stage is none of those that wait for a person's patience, and the kill stage would end the
  // process that holds its entry.
  if (pty && script_.kind == ScriptKind::kScript) NameInUtmpLater();
}

void Job::StartOnConsole(const SpawnRequest& request, OnEnd on_end) {
  on_end_ = std::move(on_end);
  process_.Start(loop_, request, [this](ExitStatus status) { Ended(status); });
}

std::error_code Job::Adopt(pid_t pid, unsigned long long start_time, OnEnd on_end) {
  on_end_ = std::move(on_end);
  return process_.Adopt(loop_, pid, start_time, [this](ExitStatus status) { Ended(status); });
}

void Job::SlowDown() {
  slow_ = true;
  PutLast(pid());
}

Fd Job::TakeOutput() {
  if (!output_.is_open()) return Fd();
  utmp_.Remove();
  lines_.Flush([this](std::string_view line) { Show(line); });
  return Fd(output_.release());
}

void Job::Read() {
  using namespace std::chrono;
  output_.async_wait(asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& error) {
                       const auto begin = steady_clock::now();
                       if (error || !ReadChunk()) return;
                       FlushPartialLater();
                       if (printed_ < kFlood) return Read();
                       const auto spent = duration_cast<milliseconds>(steady_clock::now() - begin);
                       ReadLater(std::max(slow_ ? kSlowPause : kFloodPause, spent));
                     });
}

void Job::ReadLater(std::chrono::milliseconds pause) {
  pause_timer_.expires_after(pause);
  pause_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && output_.is_open()) Read();
  });
}

/// False when nothing more can come; EAGAIN is not that.
bool Job::ReadChunk() {
  char chunk[4096];
  const ssize_t size = read(output_.native_handle(), chunk, sizeof chunk);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  const auto show = [this](std::string_view line) { Show(line); };
  if (size > 0) {
    printed_ += size;
    lines_.Add({chunk, static_cast<size_t>(size)}, show);
    return true;
  }
  lines_.Flush(show);
  utmp_.Remove();
  boost::system::error_code ignored;
  output_.close(ignored);
  return false;
}

void Job::FlushPartialLater() {
  partial_timer_.cancel();
  if (lines_.empty()) return;
  partial_timer_.expires_after(kPartialLine);
  partial_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) lines_.Flush([this](std::string_view line) { Show(line); });
  });
}

void Job::NameInUtmpLater() {
  utmp_timer_.expires_after(kSlow);
  utmp_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && output_.is_open()) utmp_.Add(output_.native_handle(), utmp_name_);
  });
}

void Job::Show(std::string_view line) {
  if (!line.empty()) last_line_ = line;
  listener_.On(OutputLine{script_, line});
}

void Job::Ended(ExitStatus status) {
  // What the script wrote before it ended is in the pty already: show it before the end is shown.
  for (int reads = 0; reads < kReadsAtEnd && output_.is_open(); ++reads) ReadChunk();
  lines_.Flush([this](std::string_view line) { Show(line); });
  utmp_timer_.cancel();
  utmp_.Remove();
  listener_.On(ScriptEnded{script_, status});
  on_end_(*this, status);
}

}  // namespace curfew
