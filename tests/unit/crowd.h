// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>
#include <map>
#include <string>

#include "final_stage_test.h"

namespace curfew {

/// A machine whose processes obey, ignore or hang; time passes only in poll.
class Crowd : public StageTest {
 public:
  struct Member {
    std::string name;
    int group = 1;
    int session = 0;
    int terminal = 0;
    bool deaf = false;     ///< Ignores TERM.
    bool stuck = false;    ///< In D for ever.
    bool frozen = false;   ///< Ends by no signal before Thaw().
    bool pending = false;  ///< A signal that ends it has come meanwhile.
    unsigned long flags = 0;
    char state = 'S';
    int parent = 1;
    int cpu = 0;  ///< Ticks.
  };
  /// Called whenever time has passed: what the members do meanwhile.
  std::function<void()> on_time;
  std::map<pid_t, Member> members;

  Crowd() {
    request.settings.kill_wait = std::chrono::seconds(5);
    Add(1, {.name = "init", .parent = 0});
    Add(kernel.self, {.name = "halt"});
    kernel.on_call = [this](const std::string& call) { Answer(call); };
    kernel.on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) {
      return Ready(fds, limit);
    };
  }
  void Add(pid_t pid, Member member) {
    members[pid] = std::move(member);
    Publish();
  }
  void End(pid_t pid) {
    members.erase(pid);
    Publish();
  }
  void Thaw(pid_t pid) {
    const auto member = members.find(pid);
    if (member == members.end()) return;
    member->second.frozen = false;
    if (member->second.pending) End(pid);
  }
  /// What /proc/PID/io shows of it.
  void Moves(pid_t pid, long bytes) {
    kernel.files["/proc/" + std::to_string(pid) + "/io"] =
        "rchar: 5\nread_bytes: 0\nwrite_bytes: " + std::to_string(bytes) + "\n";
  }
  bool Lives(pid_t pid) const { return members.contains(pid); }
  /// The signals sent to `pid` by pidfd, in order.
  std::string Signals(pid_t pid) const {
    std::string text;
    const std::string prefix = "pidfd_signal " + std::to_string(pid) + " ";
    for (const auto& call : kernel.calls)
      if (call.starts_with(prefix)) text += (text.empty() ? "" : " ") + call.substr(prefix.size());
    return text;
  }

 private:
  void Publish() {
    auto& names = kernel.dirs["/proc"] = {"self", "meminfo"};
    std::erase_if(kernel.files, [](const auto& f) { return f.first.ends_with("/stat"); });
    for (const auto& [pid, m] : members) {
      names.push_back(std::to_string(pid));
      kernel.files["/proc/" + std::to_string(pid) + "/stat"] =
          std::to_string(pid) + " (" + m.name + ") " + std::string(1, m.stuck ? 'D' : m.state) +
          " " + std::to_string(m.parent) + " " + std::to_string(m.group) + " " +
          std::to_string(m.session) + " " + std::to_string(m.terminal) + " -1 " +
          std::to_string(m.flags) + " 0 0 0 0 " + std::to_string(m.cpu) + " 0 0 0 20 0 1 0 " +
          std::to_string(pid * 10) + " 0 0\n";
    }
  }
  void Answer(const std::string& call) {
    int pid = 0, signal = 0;
    for (const auto& [planned, error] : kernel.errors)
      if (call.starts_with(planned)) return;
    if (sscanf(call.c_str(), "pidfd_signal %d %d", &pid, &signal) != 2 &&
        sscanf(call.c_str(), "kill %d %d", &pid, &signal) != 2)
      return;
    auto found = members.find(pid);
    if (found == members.end()) return;
    Member& member = found->second;
    if (signal == SIGSTOP) member.state = 'T';
    if (signal == SIGCONT) member.state = 'S';
    bool ends = signal == SIGKILL || (signal == SIGTERM && !member.deaf);
    member.pending = member.pending || ends;
    if (ends && !member.stuck && !member.frozen) members.erase(found);
    Publish();
  }
  Result<int> Ready(std::span<pollfd> fds, std::chrono::milliseconds limit) {
    int ready = 0;
    for (auto& fd : fds) {
      fd.revents = Lives(atoi(kernel.open_paths[fd.fd].c_str())) ? 0 : POLLIN;
      ready += fd.revents != 0;
    }
    kernel.now += (ready ? std::chrono::milliseconds(0) : limit) + std::chrono::milliseconds(1);
    if (on_time) on_time();
    return ready;
  }
};

}  // namespace curfew
