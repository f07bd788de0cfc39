// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/scan_helper.h"

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

#include "kernel/cpu_priority.h"
#include "run/fork_orphan.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

/// For the read of one file of a process.
constexpr milliseconds kProcessLimit{200};
/// For all reads of a script's text and pid files, whose disk may have to spin up, and for the
/// first read of all /proc/PID/stat: it waits for a process that is in exec (exec_update_lock in
/// Linux's fs/proc/array.c), and exec was seen to take more than a second beside 300 processes that
/// spin.
constexpr milliseconds kSlowLimit{2000};
/// For a whole scan, of a helper that does not hang but gets no CPU.
constexpr milliseconds kScanLimit{10000};
constexpr size_t kMostLeft = 5;
constexpr size_t kLongestPacket = 4096;

/// The first byte of a packet from the helper to rc. The fields follow, then a text.
enum Word : char {
  kReadsProcess = 'p',
  kReadsScript = 's',
  kProcess = 'P',
  kEvidence = 'e',
  kDone
};

/// Blocks while the socket is full. Ends the helper when rc is gone.
void Send(int socket, const std::string& packet) {
  if (send(socket, packet.data(), std::min(packet.size(), kLongestPacket), 0) < 0) _exit(1);
}

std::string Encoded(int key, const ScannedProcess& p) {
  std::ostringstream text;
  text << char(kProcess) << key << ' ' << p.id.pid << ' ' << p.id.start << ' ' << p.parent << ' '
       << p.state << ' ' << p.daemon << ' ' << p.cpu_ms << ' ' << p.io << ' ' << p.waits << ' '
       << (p.wait_channel.empty() ? "-" : p.wait_channel) << ' ' << p.name;
  return text.str();
}

ScannedProcess Decoded(std::istream& text) {
  ScannedProcess p;
  text >> p.id.pid >> p.id.start >> p.parent >> p.state >> p.daemon >> p.cpu_ms >> p.io >>
      p.waits >> p.wait_channel;
  text.get();
  std::getline(text, p.name, '\0');
  if (p.wait_channel == "-") p.wait_channel.clear();
  return p;
}

}  // namespace

ScanHelper::ScanHelper(boost::asio::io_context& loop, std::string root, Kernel& kernel,
                       RunningGroups& groups)
    : loop_(loop),
      root_(std::move(root)),
      kernel_(kernel),
      groups_(groups),
      socket_(loop),
      timer_(loop) {}

ScanHelper::~ScanHelper() {
  if (helper_ > 0) kill(helper_, SIGKILL);
  left_.push_back(helper_);
  Reap();
}

bool ScanHelper::Has(pid_t child) const {
  return child == helper_ || std::find(left_.begin(), left_.end(), child) != left_.end();
}

void ScanHelper::Scan(std::vector<ScanRequest> scripts, OnResult on_result) {
  Reap();
  result_ = {};
  on_result_ = std::move(on_result);
  begin_ = std::chrono::steady_clock::now();
  reading_ = {};
  pending_.clear();
  for (const ScanRequest& script : scripts) pending_.push_back(script.key);
  int ends[2];
  if (left_.size() >= kMostLeft) return boost::asio::post(loop_, [this] { End(); });
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return ScanHere(scripts);
  Fd ours(ends[0]), theirs(ends[1]);
  groups_.Expect();
  helper_ = ForkIsolated({theirs.get()});
  if (helper_ == 0) BeHelper(theirs.get(), scripts);
  groups_.Add(helper_);
  boost::system::error_code error;
  if (helper_ > 0) socket_.assign(ours.get(), error);
  if (helper_ < 0) return ScanHere(scripts);
  if (error) return boost::asio::post(loop_, [this] { End(); });
  ours.Release();
  WaitForPacket();
  Receive();
}

/// There is no process or descriptor for a helper at this moment. rc itself reads what waits for no
/// disk and no exec: an empty scan would say that no script makes progress.
void ScanHelper::ScanHere(const std::vector<ScanRequest>& scripts) {
  helper_ = 0;
  Unreadable all;
  all.all = true;
  ProcessScan scan(
      kernel_, root_, all,
      {[](pid_t) {}, [](int) {},
       [&](int key, const ScannedProcess& p) { result_.processes[key].push_back(p); },
       [&](int key, const std::string& line) { result_.evidence[key].push_back(line); },
       [&](int key) { result_.processes[key]; }});
  scan.Run(scripts);
  pending_.clear();
  boost::asio::post(loop_, [this] { End(); });
}

/// Ends the process, whatever happens: the helper must not go on as a second rc.
void ScanHelper::BeHelper(int socket, const std::vector<ScanRequest>& scripts) const {
  prctl(PR_SET_NAME, "rc-scan");
  TakeCpuPriority(CpuPriority::kStages);
  try {
    RunScan(socket, scripts);
    _exit(0);
  } catch (const std::exception&) {  // no memory
    _exit(1);
  }
}

void ScanHelper::RunScan(int socket, const std::vector<ScanRequest>& scripts) const {
  const auto tell = [socket](Word word, const auto& text) {
    std::ostringstream packet;
    packet << char(word) << text;
    Send(socket, packet.str());
  };
  ProcessScan scan(
      kernel_, root_, unreadable_,
      {[&](pid_t pid) { tell(kReadsProcess, pid); }, [&](int key) { tell(kReadsScript, key); },
       [&](int key, const ScannedProcess& p) { Send(socket, Encoded(key, p)); },
       [&](int key, const std::string& line) { tell(kEvidence, std::to_string(key) + " " + line); },
       [&](int key) { tell(kDone, key); }});
  scan.Run(scripts);
}

void ScanHelper::Receive() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (error == boost::asio::error::operation_aborted) return;
                       if (!error && TakePackets()) return Receive();
                       if (error) kill(helper_, SIGKILL);
                       End();
                     });
}

/// False when the helper has ended.
bool ScanHelper::TakePackets() {
  char packet[kLongestPacket];
  for (;;) {
    const ssize_t size = recv(socket_.native_handle(), packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (size <= 0) return false;
    TakePacket({packet, static_cast<size_t>(size)});
    WaitForPacket();
  }
}

void ScanHelper::TakePacket(const std::string& packet) {
  std::istringstream text(packet.substr(1));
  int number = 0;
  text >> number;
  switch (packet[0]) {
    case kReadsProcess:
      reading_ = {number, -1};
      break;
    case kReadsScript:
      reading_ = {0, number};
      break;
    case kProcess:
      reading_ = {};
      result_.processes[number].push_back(Decoded(text));
      break;
    case kEvidence: {
      reading_ = {};
      text.get();
      std::getline(text, result_.evidence[number].emplace_back(), '\0');
      break;
    }
    case kDone:
      reading_ = {};
      pending_.pop_front();
      result_.processes[number];
      break;
  }
}

void ScanHelper::WaitForPacket() {
  timer_.expires_after(reading_.process > 0 ? kProcessLimit : kSlowLimit);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) PacketIsLate();
  });
}

/// A helper that sleeps hangs; a helper that runs only got no CPU.
void ScanHelper::PacketIsLate() {
  // rc itself may be late: then a packet has come since the timer ran out, or waits in the socket.
  if (std::chrono::steady_clock::now() < timer_.expiry()) return;
  pollfd packet{socket_.native_handle(), POLLIN, 0};
  if (poll(&packet, 1, 0) > 0) return WaitForPacket();
  const Result<ProcessInfo> helper = ReadProcess(kernel_, helper_);
  const bool hangs = helper && (helper.value.state == 'D' || helper.value.state == 'S');
  if (!hangs && std::chrono::steady_clock::now() - begin_ < kScanLimit) return WaitForPacket();
  if (hangs) MarkUnreadable();
  kill(helper_, SIGKILL);
  End();
}

void ScanHelper::MarkUnreadable() {
  if (reading_.process > 0) unreadable_.processes.insert(reading_.process);
  if (reading_.script >= 0) unreadable_.scripts.insert(reading_.script);
}

milliseconds ScanHelper::CpuUsed() const {
  clockid_t clock;
  timespec used{};
  if (clock_getcpuclockid(helper_, &clock) == 0) clock_gettime(clock, &used);
  return milliseconds(used.tv_sec * 1000LL + used.tv_nsec / 1000000);
}

void ScanHelper::End() {
  // cancel() would not do: PacketIsLate may be due already, and compares with the expiry.
  timer_.expires_at(std::chrono::steady_clock::time_point::max());
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (helper_ > 0) {
    result_.cpu = CpuUsed();
    groups_.Remove(helper_);
    left_.push_back(helper_);
  }
  helper_ = 0;
  Reap();
  if (!pending_.empty()) result_.cut = pending_.front();
  if (const OnResult report = std::exchange(on_result_, nullptr))
    report(std::exchange(result_, {}));
}

/// Does not wait for a killed helper: in state D it may never end.
void ScanHelper::Reap() {
  std::erase_if(left_, [](pid_t pid) { return pid <= 0 || waitpid(pid, nullptr, WNOHANG) != 0; });
}

}  // namespace curfew
