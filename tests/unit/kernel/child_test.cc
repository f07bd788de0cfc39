// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <functional>

#include "check.h"
#include "kernel/fd.h"
#include "kernel/in_child.h"
#include "kernel/linux_kernel.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace child_test {
using namespace curfew;

namespace {

/// A detached process that lives until this is gone, or for the longest that a test takes.
struct Detached {
  LinuxKernel kernel;
  Fd alive;
  Result<pid_t> pid;
  std::string proc;

  Detached() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return;
    const Fd end(ends[0]);
    alive = Fd(ends[1]);
    pid = StartDaemon(kernel, "@curfew-deadman", {end.get()}, [&] {
      pollfd gone{end.get(), POLLIN, 0};
      poll(&gone, 1, 60000);
    });
    proc = "/proc/" + std::to_string(pid.value);
  }
  ProcessInfo Look() { return ReadProcess(kernel, pid.value).value; }
};

}  // namespace

TEST("a detached process is nobody's child, has its name and group, and holds nothing") {
  Detached detached;
  CHECK(!detached.pid.error);
  const ProcessInfo process = detached.Look();
  CHECK_EQ(process.name, "@curfew-deadman");
  CHECK(process.parent != getpid() && process.group == process.pid && process.session == getsid(0));
  // Of the arguments of this program nothing is left. They may have less room than the name.
  const std::string arguments = detached.kernel.Read(detached.proc + "/cmdline").value;
  const std::string shown = arguments.c_str();
  CHECK(shown.size() > 1 && process.name.starts_with(shown));
  CHECK_EQ(arguments.find_first_not_of('\0', shown.size()), arguments.npos);
  CHECK_EQ(detached.kernel.ReadLink(detached.proc + "/cwd").value, "/");
  int others = 0;
  for (const char* fd : {"0", "1", "2"})
    CHECK_EQ(detached.kernel.ReadLink(detached.proc + "/fd/" + fd).value, "/dev/null");
  for (const auto& fd : detached.kernel.List(detached.proc + "/fd").value)
    others += detached.kernel.ReadLink(detached.proc + "/fd/" + fd).value != "/dev/null";
  CHECK_EQ(others, 1);
}

TEST("a detached process is the last that goes for want of memory, and is never paged out") {
  // As far as the kernel lets this process, and a sanitizer, under which mlockall(2) does nothing.
  const auto after = [](const std::function<void(LinuxKernel&)>& call, const std::string& file) {
    LinuxKernel kernel;
    const auto read = StringsFromChild(kernel, std::chrono::seconds(5), [&] {
      call(kernel);
      return std::vector<std::string>{kernel.Read("/proc/self/" + file).value};
    });
    CHECK_EQ(read.value.size(), 1u);
    return read.value.empty() ? "" : read.value[0];
  };
  const std::string score =
      after([](LinuxKernel& kernel) { (void)kernel.Write("/proc/self/oom_score_adj", "-1000"); },
            "oom_score_adj");
  const std::string status =
      after([](LinuxKernel&) { mlockall(MCL_CURRENT | MCL_ONFAULT); }, "status");
  Detached detached;
  CHECK_EQ(detached.kernel.Read(detached.proc + "/oom_score_adj").value, score);
  const std::string locked = detached.kernel.Read(detached.proc + "/status").value;
  CHECK_EQ(NumberAfter(locked, "VmLck") > 0, NumberAfter(status, "VmLck") > 0);
}

TEST("a daemon that keeps its output has no descriptor more") {
  LinuxKernel kernel;
  int ends[2];
  CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
  const auto pid = StartDaemon(kernel, "@curfew-trace", {0, 1, 2, ends[1]}, [&] {
    for (int fd = 3; fd < 64; ++fd)
      if (fd != ends[1] && fcntl(fd, F_GETFD) >= 0) _exit(1);
    (void)!write(ends[1], "w", 1);
  });
  CHECK(bool(pid));
  close(ends[1]);
  char byte;
  CHECK_EQ(read(ends[0], &byte, 1), 1);
  close(ends[0]);
}

TEST("a daemon that is too slow to start ends without its work: nobody knows of it") {
  struct SlowKernel : LinuxKernel {
    int go[2] = {-1, -1};
    void BecomeDaemon(const std::string& name, const std::vector<int>& keep,
                      std::atomic<pid_t>* pid) override {
      char byte;
      close(go[1]);
      (void)!read(go[0], &byte, 1);
      LinuxKernel::BecomeDaemon(name, keep, pid);
    }
  } kernel;
  int works[2];
  CHECK(pipe2(kernel.go, O_CLOEXEC) == 0 && pipe2(works, O_CLOEXEC) == 0);
  const auto pid =
      StartDaemon(kernel, "@curfew-deadman", {works[1]}, [&] { (void)!write(works[1], "w", 1); });
  CHECK_EQ(pid.error, std::make_error_code(std::errc::timed_out));
  for (const int fd : {works[1], kernel.go[0], kernel.go[1]}) close(fd);
  char byte;
  CHECK_EQ(read(works[0], &byte, 1), 0);
  close(works[0]);
}

TEST("a detached process hears no signal but KILL, and ends with its work") {
  Detached detached;
  for (int number : {SIGTERM, SIGHUP, SIGINT, SIGPIPE}) kill(detached.pid.value, number);
  auto pidfd = detached.kernel.PidfdOpen(detached.pid.value);
  CHECK(!pidfd.error);
  pollfd end{pidfd.value, POLLIN, 0};
  CHECK_EQ(poll(&end, 1, 50), 0);
  detached.alive.Close();
  CHECK_EQ(poll(&end, 1, 10000), 1);
  close(pidfd.value);
}

}  // namespace child_test
