// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/stop.h"

#include <set>

#include "check.h"
#include "kernel/argv.h"
#include "scripted_kernel.h"
#include "stop/stop_options.h"
#include "text/text.h"

namespace stop_test {
using namespace curfew;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

/// A machine with processes of the program /bin/d, each of which ends a while after its TERM.
struct Machine : ScriptedKernel, StopOutput {
  struct Process {
    std::chrono::microseconds slowness;
    std::chrono::microseconds end = std::chrono::microseconds::max();
    std::chrono::microseconds unreaped{0};
  };
  std::map<pid_t, Process> processes;
  std::string told;
  std::string warned;
  int polls = 0;

  Machine() {
    files["/bin/d"] = "";
    files["/proc/self/exe"] = "";
    on_call = [this](const std::string& call) { Serve(Words(call)); };
    on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) {
      return WaitForPidfd(fds, limit);
    };
  }
  void Tell(const std::string& text) override { told += text; }
  void Warn(const std::string& text) override { warned += text; }

  void Add(pid_t pid, std::chrono::microseconds slowness) {
    processes[pid] = {.slowness = slowness};
    links["/proc/" + std::to_string(pid) + "/exe"] = "/bin/d";
    files["/proc/" + std::to_string(pid) + "/status"] = "Name:\td\nPPid:\t77\n";
    ListProc();
  }
  void ListProc() {
    dirs["/proc"] = {"self", "version"};
    for (const auto& [pid, process] : processes)
      dirs["/proc"].insert(dirs["/proc"].begin(), std::to_string(pid));
  }
  /// Makes what the time has done true.
  void Pass() {
    for (auto& [pid, process] : processes) {
      if (process.end <= now) links.erase("/proc/" + std::to_string(pid) + "/exe");
    }
    std::erase_if(processes, [&](const auto& item) {
      const auto& process = item.second;
      return process.end != std::chrono::microseconds::max() &&
             process.end + process.unreaped <= now;
    });
    ListProc();
    for (const char* call : {"pidfd_open ", "pidfd_signal ", "kill "})
      for (pid_t pid : gone)
        if (!processes.contains(pid))
          errors[call + std::to_string(pid)] = std::errc::no_such_process;
  }
  void Serve(const Strings& call) {
    if (call[0] != "pidfd_signal" && call[0] != "kill") return;
    const pid_t pid = *ParseNumber<pid_t>(call[1]);
    gone.insert(pid);
    if (call[2] != "0" && processes.contains(pid)) {
      Process& process = processes[pid];
      process.end = std::min(process.end, now + (call[2] == "9" ? 0us : process.slowness));
    }
    Pass();
  }
  /// poll(2) on pidfds: until one of them has ended.
  Result<int> WaitForPidfd(std::span<pollfd> fds, std::chrono::milliseconds limit) {
    ++polls;
    const auto end = now + limit;
    for (;;) {
      int ready = 0;
      for (pollfd& fd : fds) {
        const auto process = processes.find(*ParseNumber<pid_t>(open_paths[fd.fd]));
        const bool ended = process == processes.end() || process->second.end <= now;
        fd.revents = ended ? POLLIN : 0;
        ready += ended;
      }
      if (ready > 0 || now >= end) return ready;
      now += 1ms;
      Pass();
    }
  }
  std::set<pid_t> gone;

  /// The exit status; -1: left to dpkg.
  int Stopped(const std::string& line) {
    const Strings words = Words("ssd --stop " + line);
    const auto options = ParseStopOptions(static_cast<int>(words.size()), Argv(words).data());
    if (!options) return -2;
    const int status = Stop(*this, *options, *this).Run().value_or(-1);
    CHECK_EQ(open_paths.size(), 0u);
    return status;
  }
};

TEST("stop: the wait ends with the process and not by the clock") {
  Machine machine;
  machine.Add(812, 137ms);
  CHECK_EQ(machine.Stopped("--retry 30 --exec /bin/d --verbose"), 0);
  CHECK_EQ(machine.calls.front(), "pidfd_signal 812 15");
  CHECK(machine.now >= 137ms && machine.now <= 139ms);
  CHECK(machine.polls <= 3);
  CHECK_EQ(machine.told, "Stopped /bin/d (pid 812).\n");
}

TEST("stop: of several the last started gets its signal first, and the slowest is waited for") {
  Machine machine;
  machine.Add(812, 20ms);
  machine.Add(813, 90ms);
  machine.Add(9, 1ms);
  CHECK_EQ(machine.Stopped("--retry 30 --name d --verbose"), 0);
  CHECK_EQ(Strings(machine.calls.begin(), machine.calls.begin() + 3),
           (Strings{"pidfd_signal 813 15", "pidfd_signal 812 15", "pidfd_signal 9 15"}));
  CHECK_EQ(machine.told, "Stopped d (pid 9 812 813).\n");
  CHECK(machine.now <= 93ms);
}

TEST("stop: a deaf process gets the next signal at the end of the timeout, not before") {
  Machine machine;
  machine.Add(812, 1h);
  CHECK_EQ(machine.Stopped("--retry TERM/3/KILL/5 --exec /bin/d"), 0);
  CHECK(machine.now >= 3s && machine.now < 3100ms);
  CHECK(machine.Called("pidfd_signal 812 9"));
}

TEST("stop: what refuses to die at the end of the schedule is 2") {
  Machine machine;
  machine.Add(812, 1h);
  CHECK_EQ(machine.Stopped("--retry TERM/1/HUP/1 --exec /bin/d"), 2);
  CHECK_EQ(machine.told, "Program /bin/d, 1 process(es), refused to die.\n");
}

TEST("stop: a process that is not reaped yet still counts, and is looked at again soon") {
  Machine machine;
  machine.Add(812, 10ms);
  machine.processes[812].unreaped = 300ms;
  CHECK_EQ(machine.Stopped("--retry 5 --name d"), 0);
  CHECK(machine.now >= 310ms && machine.now <= 335ms);
}

TEST("stop: what starts while another ends is waited for, too") {
  Machine machine;
  machine.Add(812, 10ms);
  machine.on_call = [&machine](const std::string& call) {
    if (call == "pidfd_signal 812 15") {
      machine.Add(900, 1h);
      machine.processes[900].end = 200ms;
      machine.gone.insert(900);
    }
    machine.Serve(Words(call));
  };
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK(machine.now >= 200ms && machine.now < 230ms);
}

TEST("stop: what a process leaves that ends while /proc is read is found") {
  Machine machine;
  machine.Add(812, 1h);
  bool signalled = false;
  machine.on_call = [&](const std::string& call) {
    machine.Serve(Words(call));
    signalled |= call == "pidfd_signal 812 15";
    if (!signalled || call != "readlink /proc/812/exe" || machine.processes.contains(900)) return;
    machine.links.erase("/proc/812/exe");
    machine.Add(900, 1h);
    machine.processes[900].end = machine.now + 200ms;
    machine.gone.insert(900);
  };
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK(machine.now >= 200ms);
}

TEST("stop: a process that becomes another program is let go without its end") {
  Machine machine;
  machine.Add(812, 1h);
  machine.on_call = [&machine](const std::string& call) {
    machine.Serve(Words(call));
    if (call == "pidfd_signal 812 15") machine.links["/proc/812/exe"] = "/bin/sleep";
  };
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK(machine.now <= 600ms);
}

TEST("stop: a number that is another process's by now gets no signal") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.on_call = [&machine](const std::string& call) {
    if (call == "pidfd_open 812") machine.links["/proc/812/exe"] = "/bin/other";
  };
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 1);
  CHECK_EQ(machine.calls, Strings{});
}

TEST("stop: without pidfds nothing is done, and dpkg's program has to do it") {
  for (const auto error : {std::errc::function_not_supported, std::errc::operation_not_permitted}) {
    Machine machine;
    machine.Add(812, 1ms);
    machine.errors["pidfd_open"] = error;
    CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), -1);
    CHECK_EQ(machine.calls, Strings{});
    CHECK_EQ(machine.told + machine.warned, "");
  }
}

TEST("stop: where there is no pidfd, the process is signalled by number and looked at by time") {
  // No descriptor is left; a thread, for older and newer kernels.
  for (const auto error : {std::errc::too_many_files_open, std::errc::invalid_argument,
                           std::errc::no_such_file_or_directory}) {
    Machine machine;
    machine.Add(812, 50ms);
    machine.errors["pidfd_open 812"] = error;
    CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
    CHECK(machine.Called("kill 812 15"));
    CHECK(machine.now >= 50ms && machine.now <= 80ms);
  }
}

TEST("stop: a fault before the first signal is left to dpkg, one after it is told") {
  Machine machine;
  machine.Add(812, 1h);
  machine.errors["list /proc"] = std::errc::io_error;
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), -1);
  machine.errors.clear();
  machine.on_call = [&machine](const std::string& call) {
    if (call == "pidfd_signal 812 15") machine.errors["list /proc"] = std::errc::io_error;
  };
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 2);
  CHECK(machine.warned.starts_with("unable to opendir /proc ("));
}

TEST("stop: a pidfile with a number below 1, or none, names no process") {
  for (const char* text : {"-1", "0", "-812", "", "daemon", "99999999999999999999", "4294967295",
                           "- 812", "+", "\n"}) {
    Machine machine;
    machine.Add(812, 1ms);
    machine.files["/run/d.pid"] = text;
    machine.files["/proc/self/fd/101"] = "";
    CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid"), 1);
    CHECK_EQ(machine.calls, Strings{});
  }
}

TEST("stop: the number in a pidfile is the first word's") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.files["/run/d.pid"] = " \n 812daemon 813\n";
  machine.files["/proc/self/fd/101"] = "";
  CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid"), 0);
  CHECK(machine.Called("pidfd_signal 812 15"));
}

TEST("stop: a user is found in /etc/passwd, and one who is not there by dpkg") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.files["/etc/passwd"] = "root:x:0:0::/:/bin/sh\nd:x:33:33::/:/bin/sh\nbad:x:1x:1::/:\n";
  machine.files["/proc/812"] = "";
  machine.owners["/proc/812"] = 33;
  CHECK_EQ(machine.Stopped("--retry 5 --user other"), -1);
  CHECK_EQ(machine.Stopped("--retry 5 --user bad"), -1);
  CHECK_EQ(machine.Stopped("--retry 5 --user d --chuid other"), -1);
  CHECK_EQ(machine.Stopped("--retry 5 --user root --chuid d"), 1);
  CHECK_EQ(machine.Stopped("--retry 5 --user 34"), 1);
  CHECK_EQ(machine.calls, Strings{});
  CHECK_EQ(machine.Stopped("--retry 5 --user d --exec /bin/d"), 0);
}

TEST("stop: a parent is that of /proc/PID/status, and a process without a program is none") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.Add(2, 1ms);
  machine.links.erase("/proc/2/exe");
  machine.files["/proc/2/status"] = "Name:\tkthreadd\nPPid:\t0\n";
  CHECK_EQ(machine.Stopped("--retry 5 --ppid 78"), 1);
  CHECK_EQ(machine.told, "No process(es) with parent pid 78 found running; none killed.\n");
  CHECK_EQ(machine.calls, Strings{});
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK(!machine.Called("pidfd_signal 2 15"));
  machine.Add(813, 1ms);
  CHECK_EQ(machine.Stopped("--retry 5 --ppid 77"), 0);
  CHECK(machine.Called("pidfd_signal 813 15"));
}

TEST("stop: what is not the caller's is told and left, but for signal 0") {
  Machine machine;
  machine.Add(812, 1ms);
  for (const char* call : {"pidfd_signal 812", "kill 812"})
    machine.errors[call] = std::errc::operation_not_permitted;
  CHECK_EQ(machine.Stopped("--retry 1/TERM/5 --pid 812 --quiet"), 1);
  CHECK_EQ(machine.warned, "");
  CHECK_EQ(machine.Stopped("--retry 5 --pid 812 --quiet"), 1);
  CHECK_EQ(machine.warned, "warning: failed to kill 812: Operation not permitted\n");
  CHECK_EQ(machine.told, "");
}

TEST("stop: what took no signal is not waited for") {
  Machine machine;
  machine.Add(812, 30ms);
  machine.Add(813, 1h);
  for (const char* call : {"pidfd_signal 813", "kill 813"})
    machine.errors[call] = std::errc::operation_not_permitted;
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK(machine.now >= 30ms && machine.now <= 32ms);
}

TEST("stop: a process that ends is looked for twice, at its signal and after its end") {
  Machine machine;
  machine.Add(812, 137ms);
  CHECK_EQ(machine.Stopped("--retry 5 --exec /bin/d"), 0);
  CHECK_EQ(std::count(machine.all.begin(), machine.all.end(), "list /proc"), 2);
}

TEST("stop: a pidfile of others is dpkg's to judge where it alone says who is meant") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.files["/run/d.pid"] = "812";
  for (const char* fd : {"100", "101", "102", "103", "104", "105"}) {
    machine.files["/proc/self/fd/" + std::string(fd)] = "";
    machine.owners["/proc/self/fd/" + std::string(fd)] = 12345;
  }
  CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid"), -1);
  CHECK_EQ(machine.calls, Strings{});
  CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid --exec /bin/d"), 0);
}

TEST("stop: the pidfile is removed in the end, and it is an error where that is refused") {
  Machine machine;
  machine.Add(812, 1ms);
  machine.errors["unlink /run/d.pid"] = std::errc::permission_denied;
  CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid --remove-pidfile"), 2);
  CHECK_EQ(machine.warned, "cannot remove pidfile '/run/d.pid' (Permission denied)\n");
  machine.errors.clear();
  CHECK_EQ(machine.Stopped("--retry 5 --pidfile /run/d.pid --remove-pidfile --oknodo"), 0);
  CHECK(machine.Called("unlink /run/d.pid"));
}

TEST("stop: each call that fails once leaves a status and no descriptor") {
  for (int nth = 1; nth < 40; ++nth) {
    Machine machine;
    machine.Add(812, 30ms);
    machine.Add(813, 1h);
    machine.files["/run/d.pid"] = "812";
    machine.fail_nth = nth;
    const int status = machine.Stopped("--retry TERM/1/KILL/1 --exec /bin/d");
    CHECK(status >= -1 && status <= 2);
  }
}

}  // namespace stop_test
