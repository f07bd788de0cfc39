// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/probe.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "kernel/linux_kernel.h"
#include "kernel/priority.h"
#include "run/detach.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// How long one process's files may take (design, section 4).
constexpr milliseconds kProcessLimit{200};
/// A script's text and pid files come from a disk that may have to spin up; and /proc/PID/stat,
/// read of all processes before one is asked for, waits while its process is in exec
/// (exec_update_lock in Linux's fs/proc/array.c), which takes more than a second beside 300 that
/// spin.
constexpr milliseconds kSlowLimit{2000};
/// The whole look of a helper that does not hang but gets no CPU.
constexpr milliseconds kLookLimit{10000};
constexpr size_t kMostLeft = 5;
constexpr size_t kLongestPacket = 4096;

/// One word a packet from helper to rc: what it is, then its fields, then free text.
enum Word : char { kAsksProcess = 'p', kAsksScript = 's', kProcess = 'P', kEvidence = 'e', kDone };

/// Blocks while rc has not read what was sent before; ends the helper when rc is gone.
void Send(int socket, const std::string& packet) {
  if (send(socket, packet.data(), std::min(packet.size(), kLongestPacket), 0) < 0) _exit(1);
}

std::string Encoded(int key, const SeenProcess& p) {
  std::ostringstream text;
  text << char(kProcess) << key << ' ' << p.id.pid << ' ' << p.id.start << ' ' << p.parent << ' '
       << p.state << ' ' << p.daemon << ' ' << p.cpu_ms << ' ' << p.io << ' ' << p.waits << ' '
       << (p.wait_channel.empty() ? "-" : p.wait_channel) << ' ' << p.name;
  return text.str();
}

SeenProcess Decoded(std::istream& text) {
  SeenProcess p;
  text >> p.id.pid >> p.id.start >> p.parent >> p.state >> p.daemon >> p.cpu_ms >> p.io >>
      p.waits >> p.wait_channel;
  text.get();
  std::getline(text, p.name, '\0');
  if (p.wait_channel == "-") p.wait_channel.clear();
  return p;
}

}  // namespace

Probe::Probe(boost::asio::io_context& loop, std::string root, Kernel& kernel,
             RunningSessions& sessions)
    : loop_(loop),
      root_(std::move(root)),
      kernel_(kernel),
      sessions_(sessions),
      socket_(loop),
      timer_(loop) {}

Probe::~Probe() {
  if (helper_ > 0) kill(helper_, SIGKILL);
  left_.push_back(helper_);
  Reap();
}

void Probe::Ask(std::vector<LookedAt> scripts, OnAnswer on_answer) {
  Reap();
  answer_ = {};
  on_answer_ = std::move(on_answer);
  begin_ = std::chrono::steady_clock::now();
  asked_ = {};
  pending_.clear();
  for (const LookedAt& script : scripts) pending_.push_back(script.key);
  int ends[2];
  if (left_.size() >= kMostLeft ||
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return boost::asio::post(loop_, [this] { End(); });
  }
  Fd ours(ends[0]), theirs(ends[1]);
  sessions_.Expect();
  helper_ = ForkHelper({theirs.get()});
  if (helper_ == 0) BeHelper(theirs.get(), scripts);
  sessions_.Add(helper_);
  boost::system::error_code error;
  if (helper_ > 0) socket_.assign(ours.get(), error);
  if (helper_ < 0 || error) return boost::asio::post(loop_, [this] { End(); });
  ours.Release();
  WaitForWord();
  Receive();
}

void Probe::BeHelper(int socket, const std::vector<LookedAt>& scripts) const {
  prctl(PR_SET_NAME, "rc-look");
  TakeRank(Rank::kFirst);
  const auto tell = [socket](Word word, const auto& text) {
    std::ostringstream packet;
    packet << char(word) << text;
    Send(socket, packet.str());
  };
  Look look(
      kernel_, root_, mute_,
      {[&](pid_t pid) { tell(kAsksProcess, pid); }, [&](int key) { tell(kAsksScript, key); },
       [&](int key, const SeenProcess& p) { Send(socket, Encoded(key, p)); },
       [&](int key, const std::string& line) { tell(kEvidence, std::to_string(key) + " " + line); },
       [&](int key) { tell(kDone, key); }});
  look.At(scripts);
  _exit(0);
}

void Probe::Receive() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (error) return;
                       if (Take()) return Receive();
                       End();
                     });
}

/// False when the helper has ended.
bool Probe::Take() {
  char packet[kLongestPacket];
  for (;;) {
    const ssize_t size = recv(socket_.native_handle(), packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (size <= 0) return false;
    Hear({packet, static_cast<size_t>(size)});
    WaitForWord();
  }
}

void Probe::Hear(const std::string& packet) {
  std::istringstream text(packet.substr(1));
  int number = 0;
  text >> number;
  switch (packet[0]) {
    case kAsksProcess:
      asked_ = {number, -1};
      break;
    case kAsksScript:
      asked_ = {0, number};
      break;
    case kProcess:
      asked_ = {};
      answer_.processes[number].push_back(Decoded(text));
      break;
    case kEvidence: {
      asked_ = {};
      text.get();
      std::getline(text, answer_.evidence[number].emplace_back(), '\0');
      break;
    }
    case kDone:
      asked_ = {};
      pending_.pop_front();
      answer_.processes[number];
      break;
  }
}

void Probe::WaitForWord() {
  timer_.expires_after(asked_.process > 0 ? kProcessLimit : kSlowLimit);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) WordIsLate();
  });
}

/// Late by lack of CPU is no hang; to sleep, in whatever way, is one.
void Probe::WordIsLate() {
  // Where rc itself was late, a word was heard before this call or lies there to be heard.
  if (std::chrono::steady_clock::now() < timer_.expiry()) return;
  pollfd word{socket_.native_handle(), POLLIN, 0};
  if (poll(&word, 1, 0) > 0) return WaitForWord();
  LinuxKernel kernel;
  const Result<ProcessInfo> helper = ReadProcess(kernel, helper_);
  const bool hangs = helper && (helper.value.state == 'D' || helper.value.state == 'S');
  if (!hangs && std::chrono::steady_clock::now() - begin_ < kLookLimit) return WaitForWord();
  if (hangs) Silence();
  kill(helper_, SIGKILL);
  End();
}

void Probe::Silence() {
  if (asked_.process > 0) mute_.processes.insert(asked_.process);
  if (asked_.script >= 0) mute_.scripts.insert(asked_.script);
}

milliseconds Probe::CpuUsed() const {
  clockid_t clock;
  timespec used{};
  if (clock_getcpuclockid(helper_, &clock) == 0) clock_gettime(clock, &used);
  return milliseconds(used.tv_sec * 1000LL + used.tv_nsec / 1000000);
}

void Probe::End() {
  // Beyond cancel(): a call that is due already comes nevertheless.
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (helper_ > 0) {
    answer_.cpu = CpuUsed();
    sessions_.Remove(helper_);
    left_.push_back(helper_);
  }
  helper_ = 0;
  Reap();
  if (!pending_.empty()) answer_.cut = pending_.front();
  if (OnAnswer answer = std::exchange(on_answer_, nullptr)) answer(std::exchange(answer_, {}));
}

/// Waits for nothing: a helper in state D may never end.
void Probe::Reap() {
  std::erase_if(left_, [](pid_t pid) { return pid <= 0 || waitpid(pid, nullptr, WNOHANG) != 0; });
}

}  // namespace curfew
