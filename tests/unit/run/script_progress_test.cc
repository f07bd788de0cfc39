// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_progress.h"

#include "check.h"

namespace script_progress_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;
using Processes = std::vector<ScannedProcess>;

constexpr ScriptProgress::Time kBegin{};

ScannedProcess Process(pid_t pid, const std::string& name, pid_t parent = 1) {
  ScannedProcess process;
  process.id = {pid, 1};
  process.parent = parent;
  process.name = name;
  process.state = 'S';
  process.io = 0;
  return process;
}

ScannedProcess Daemon(pid_t pid, const std::string& name) {
  ScannedProcess process = Process(pid, name);
  process.daemon = true;
  return process;
}

/// The seconds after the first look, of `count`, in which the script made progress. `change` makes
/// the processes of each second out of those of the last.
std::vector<int> Progress(Processes processes, int count,
                          const std::function<void(int, Processes*)>& change,
                          long long printed_each = 0) {
  ScriptProgress activity("cups", 90s);
  std::vector<int> seconds;
  CHECK(!activity.Add(kBegin, processes, 0, {}));
  for (int i = 1; i <= count; ++i) {
    change(i, &processes);
    if (activity.Add(kBegin + i * 1s, processes, i * printed_each, {})) seconds.push_back(i);
  }
  return seconds;
}

using Seconds = std::vector<int>;

}  // namespace

TEST("activity: storage I/O of the daemon is progress, sleeping is none") {
  const auto io = [](int second, Processes* p) { (*p)[0].io += second % 3 == 0 ? 4096 : 0; };
  CHECK_EQ(Progress({Daemon(7, "postgres")}, 7, io), (Seconds{3, 6}));
  CHECK(Progress({Daemon(7, "postgres")}, 30, [](int, Processes*) {}).empty());
}

TEST("activity: a wait in the kernel is progress while the machine has less and less to write") {
  Processes processes{Daemon(7, "postgres")};
  ScriptProgress activity("postgresql", 90s);
  std::string progress;
  const auto look = [&](char state, std::uint64_t unwritten) {
    processes[0].state = state;
    const int second = static_cast<int>(progress.size());
    progress +=
        activity.Add(kBegin + second * 1s, processes, 0, {static_cast<unsigned>(unwritten), 0})
            ? '+'
            : '-';
  };
  look('S', 900);
  for (const int unwritten : {800, 700, 700, 600}) look('D', unwritten);
  // Others write: that these get less again is nobody's progress until it is the least.
  for (const int unwritten : {900, 700, 599}) look('D', unwritten);
  for (const int unwritten : {500, 400}) look('S', unwritten);
  CHECK_EQ(progress, "--+-+--+--");
}

TEST(
    "activity: one wait after the other is progress while disks complete writes, one wait is not") {
  Processes processes{Daemon(7, "postgres")};
  processes[0].state = 'D';
  ScriptProgress activity("postgresql", 90s);
  std::string progress;
  const auto look = [&](std::uint64_t waits, std::uint64_t completed) {
    processes[0].waits = waits;
    const int second = static_cast<int>(progress.size());
    progress += activity.Add(kBegin + second * 1s, processes, 0, {0, completed}) ? '+' : '-';
  };
  look(10, 100);
  // Flushes of its own; a driver that only asks again and again; a wait beside a busy disk.
  look(20, 105), look(30, 105), look(30, 110), look(31, 111);
  CHECK_EQ(progress, "-+--+");
}

TEST("activity: waits in the kernel of ever new processes are none") {
  ScriptProgress activity("postgresql", 90s);
  for (int second = 0; second < 5; ++second) {
    Processes processes{Process(100 + second, "true")};
    processes[0].state = 'D';
    CHECK(!activity.Add(kBegin + second * 1s, processes, 0, {900u - second, 0}));
  }
}

TEST("activity: a shell that waits in vfork for its child is none") {
  Processes processes{Process(100, "sh")};
  processes[0].state = 'D';
  processes[0].wait_channel = "kernel_clone";
  ScriptProgress activity("postgresql", 90s);
  for (int second = 0; second < 5; ++second) {
    CHECK(!activity.Add(kBegin + second * 1s, processes, 0, {900u - second, 0}));
  }
}

TEST("activity: what a process had read and written before the first look is no progress") {
  Processes processes{Daemon(7, "postgres")};
  processes[0].io = 1 << 20;
  CHECK(Progress(processes, 5, [](int, Processes*) {}).empty());
}

TEST("activity: 2 % CPU of the daemon over 10 s is progress, and 1 % is none") {
  const auto cpu = [](long long ms) { return [ms](int, Processes* p) { (*p)[0].cpu_ms += ms; }; };
  CHECK_EQ(Progress({Daemon(7, "mariadbd")}, 12, cpu(20)), (Seconds{10, 11, 12}));
  CHECK(Progress({Daemon(7, "mariadbd")}, 30, cpu(10)).empty());
}

TEST("activity: CPU time is progress when it is used, not for 10 s afterwards") {
  const auto burst = [](int second, Processes* p) { (*p)[0].cpu_ms += second == 12 ? 900 : 0; };
  CHECK_EQ(Progress({Daemon(7, "mariadbd")}, 30, burst), (Seconds{12}));
}

TEST("activity: where a daemon is known, of the script's own only storage I/O counts, not CPU") {
  const auto spin = [](int, Processes* p) { (*p)[1].cpu_ms += 500; };
  const auto save = [](int, Processes* p) { (*p)[1].io += 4096; };
  CHECK(Progress({Daemon(7, "cupsd"), Process(8, "pgrep")}, 15, spin).empty());
  CHECK_EQ(Progress({Daemon(7, "cupsd"), Process(8, "tar")}, 2, save), (Seconds{1, 2}));
  CHECK_EQ(Progress({Process(6, "cups"), Process(8, "tar")}, 2, save), (Seconds{1, 2}));
}

TEST("activity: a daemon that has ended leaves the script's session to count") {
  Processes processes{Daemon(7, "cupsd"), Process(8, "tar")};
  processes[0].state = 'Z';
  CHECK_EQ(Progress(processes, 2, [](int, Processes* p) { (*p)[1].io += 1; }), (Seconds{1, 2}));
}

TEST("activity: a spinning shell is no progress, neither by its name nor by the script's") {
  const auto spin = [](int, Processes* p) {
    for (auto& process : *p) process.cpu_ms += 500;
  };
  CHECK(Progress({Process(8, "cups"), Process(9, "sh", 8)}, 30, spin).empty());
  CHECK(!Progress({Process(8, "cups"), Process(9, "gzip", 8)}, 30, spin).empty());
}

TEST("activity: a loop that calls one busy program after the other is no progress") {
  const auto fork = [](int second, Processes* p) {
    (*p)[1] = Process(100 + second, "pidof", 8);
    (*p)[1].cpu_ms = 800;
  };
  CHECK(Progress({Process(8, "cups"), Process(9, "pidof", 8)}, 30, fork).empty());
}

TEST("activity: a program that does nothing but print is no progress, however busy") {
  const auto busy = [](int, Processes* p) { (*p)[1].cpu_ms += 500; };
  CHECK(Progress({Process(8, "cups"), Process(9, "yes", 8)}, 30, busy, 1 << 20).empty());
  CHECK(!Progress({Process(8, "cups"), Process(9, "yes", 8)}, 30, busy, 100).empty());
}

TEST("activity: a process whose I/O is not known now and then is not taken for a new one") {
  const auto hide = [](int second, Processes* p) { (*p)[0].io = second % 2 == 0 ? 4096 : -1; };
  Processes processes{Daemon(7, "postgres")};
  processes[0].io = 4096;
  CHECK(Progress(processes, 8, hide).empty());
}

TEST("activity: a short limit makes the time short over which CPU is counted") {
  ScriptProgress activity("cups", 2s);
  Processes processes{Daemon(7, "mariadbd")};
  CHECK(!activity.Add(kBegin, processes, 0, {}));
  processes[0].cpu_ms = 500;
  CHECK(activity.Add(kBegin + 1s, processes, 0, {}));
}

TEST("the culprit is the daemon, else what the shells wait for, and before all what hangs") {
  Processes processes{Process(8, "cups"), Process(9, "sleep", 8), Process(10, "umount", 8)};
  CHECK_EQ(ProcessesWaitedFor(processes).front()->name, "umount");
  processes.push_back(Daemon(7, "cupsd"));
  CHECK_EQ(ProcessesWaitedFor(processes).front()->name, "cupsd");
  processes[2].state = processes[0].state = 'D';
  processes[0].wait_channel = "kernel_clone";
  CHECK_EQ(ProcessesWaitedFor(processes).front()->name, "umount");
  CHECK(ProcessesWaitedFor({}).empty());
}

}  // namespace script_progress_test
