// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/process_scan.h"
#include "run/running_groups.h"

namespace curfew {

/// Runs each scan in a child, the helper, so that a read that blocks does not hold up rc's loop.
///
/// There is one helper at a time. A helper that hangs is killed, and no scan reads the file again
/// that it was about to read. While kMostLeft killed helpers do not end there are no more scans.
class ScanHelper {
 public:
  using OnResult = std::function<void(ScanResult)>;

  /// `root` is the prefix of scripts and pid files. The helper reads through `kernel`; its process
  /// group is among `groups` while it lives.
  ScanHelper(boost::asio::io_context& loop, std::string root, Kernel& kernel,
             RunningGroups& groups);
  ~ScanHelper();
  ScanHelper(const ScanHelper&) = delete;
  ScanHelper& operator=(const ScanHelper&) = delete;

  /// Whether it is a helper that has not been reaped yet.
  bool Has(pid_t child) const;
  bool busy() const { return static_cast<bool>(on_result_); }
  /// The loop calls `on_result` once, with what the scan found, which may be nothing: at most 0.2 s
  /// after a read of a process's file began to block, 2 s for its stat or a script's files, 10 s
  /// after the begin of the scan. Must not be called while busy.
  void Scan(std::vector<ScanRequest> scripts, OnResult on_result);

 private:
  /// What the helper has reported to read next.
  struct Reading {
    pid_t process = 0;
    int script = -1;
  };

  [[noreturn]] void BeHelper(int socket, const std::vector<ScanRequest>& scripts) const;
  void RunScan(int socket, const std::vector<ScanRequest>& scripts) const;
  void ScanHere(const std::vector<ScanRequest>& scripts);
  void Receive();
  bool TakePackets();
  void TakePacket(const std::string& packet);
  void WaitForPacket();
  void PacketIsLate();
  void MarkUnreadable();
  std::chrono::milliseconds CpuUsed() const;
  void End();
  void Reap();

  boost::asio::io_context& loop_;
  const std::string root_;
  Kernel& kernel_;
  RunningGroups& groups_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  pid_t helper_ = 0;
  std::chrono::steady_clock::time_point begin_;
  Reading reading_;
  std::deque<int> pending_;  ///< the keys that the scan has not done yet
  Unreadable unreadable_;
  std::list<pid_t> left_;  ///< killed helpers that have not ended yet
  ScanResult result_;
  OnResult on_result_;
};

}  // namespace curfew
