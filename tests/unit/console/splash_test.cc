// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/splash.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>

#include "check.h"
#include "kernel/container.h"
#include "kernel/fd.h"
#include "kernel/linux_kernel.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace splash_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

/// A plymouth that notes its pid and how it was called, and then does `more`.
struct Plymouth {
  explicit Plymouth(const std::string& more = "") {
    char name[] = "/tmp/splash_test.XXXXXX";
    folder = mkdtemp(name);
    std::ofstream(program()) << "#!/bin/sh\necho $$ \"$@\" >>" + folder + "/ran\n" + more + "\n";
    chmod(program().c_str(), 0755);
  }
  ~Plymouth() { std::filesystem::remove_all(folder); }

  /// From here on plymouthd runs.
  void Listen() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    folder.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    daemon = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto size = offsetof(sockaddr_un, sun_path) + 1 + folder.size();
    CHECK_EQ(
        bind(daemon.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
    CHECK_EQ(listen(daemon.get(), 8), 0);
  }

  std::string program() const { return folder + "/plymouth"; }
  std::string Ran() const {
    std::ifstream file(folder + "/ran");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string folder;  ///< also the name of its socket
  Fd daemon;
};

bool Within(std::chrono::seconds limit, const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!is_so() && std::chrono::steady_clock::now() < end) usleep(10000);
  return is_so();
}

/// Tells `splash` three times that the run waits; how long that took.
std::chrono::steady_clock::duration Wait(Splash* splash) {
  const Script script;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) splash->On(Waiting{&script, 0, 1});
  return std::chrono::steady_clock::now() - begin;
}

}  // namespace

TEST("splash: plymouth hides it once, at the first wait, but not from within a container") {
  Plymouth plymouth;
  plymouth.Listen();
  Splash splash(true, plymouth.program(), plymouth.folder);
  const Script script;
  splash.On(ScriptStarted{script, 1});
  Wait(&splash);
  LinuxKernel kernel;
  const bool ran = Within(InContainer(kernel) ? 1s : 20s, [&] { return !plymouth.Ran().empty(); });
  CHECK_EQ(ran, !InContainer(kernel));
  usleep(200000);
  if (ran) CHECK_EQ(Lines(plymouth.Ran()).size(), 1u);
  if (ran) CHECK(plymouth.Ran().ends_with(" hide-splash\n"));
}

TEST("splash: nothing is run where no plymouthd listens, and for another tree") {
  Plymouth plymouth;
  Splash none(true, plymouth.program(), plymouth.folder);
  Wait(&none);
  plymouth.Listen();
  Splash other(false, plymouth.program(), plymouth.folder);
  Wait(&other);
  usleep(300000);
  CHECK_EQ(plymouth.Ran(), "");
}

TEST("splash: a plymouth that hangs holds up nobody, and ends after a second") {
  LinuxKernel kernel;
  if (InContainer(kernel)) return;
  Plymouth plymouth("exec sleep 1000");
  plymouth.Listen();
  Splash splash(true, plymouth.program(), plymouth.folder);
  CHECK(Wait(&splash) < 700ms);
  CHECK(Within(20s, [&] { return !plymouth.Ran().empty(); }));
  const pid_t pid = atoi(plymouth.Ran().c_str());
  CHECK(Within(20s, [&] {
    const Result<ProcessInfo> process = ReadProcess(kernel, pid);
    return !process || process.value.Ended();
  }));
}

}  // namespace splash_test
