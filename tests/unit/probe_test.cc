// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/probe.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "check.h"
#include "kernel/linux_kernel.h"

namespace {

using namespace curfew;
using namespace std::chrono_literals;

/// The real one, but for a file that never answers.
class DeafKernel : public LinuxKernel {
 public:
  Result<std::string> Read(const std::string& path) override {
    while (path == deaf) sleep(1000);
    return LinuxKernel::Read(path);
  }
  std::string deaf;
};

/// A session with one process that sleeps.
struct Sleeper {
  Sleeper() {
    pid = fork();
    if (pid == 0) {
      setsid();
      sleep(1000);
      _exit(0);
    }
    while (getsid(pid) != pid || !Sleeps()) usleep(1000);
  }
  bool Sleeps() const {
    std::string line;
    std::getline(std::ifstream(File("stat")), line);
    return line.find(") S ") != line.npos;
  }
  ~Sleeper() { kill(pid, SIGKILL), waitpid(pid, nullptr, 0); }
  std::string File(const char* name) const { return "/proc/" + std::to_string(pid) + "/" + name; }
  LookedAt Looked(int key, LookedAt::Purpose purpose = LookedAt::Purpose::kProgress) const {
    return {purpose, key, "none", "/none", pid, {}};
  }
  pid_t pid;
};

struct Asker {
  /// Killed helpers are reaped by the next Ask; there is none.
  ~Asker() {
    probe.reset();
    for (int tries = 0; tries < 100 && waitpid(-1, nullptr, WNOHANG) >= 0; ++tries) usleep(1000);
  }
  Probe::Answer Ask(std::vector<LookedAt> scripts) {
    std::optional<Probe::Answer> said;
    probe->Ask(std::move(scripts), [&](const Probe::Answer& answer) { said = answer; });
    CHECK(probe->busy());
    loop.restart();
    const auto begin = std::chrono::steady_clock::now();
    while (!said && std::chrono::steady_clock::now() - begin < 20s) loop.run_one_for(1s);
    CHECK(said && !probe->busy());
    return said.value_or(Probe::Answer());
  }
  boost::asio::io_context loop{1};
  DeafKernel kernel;
  RunningSessions sessions;
  std::optional<Probe> probe{std::in_place, loop, "", kernel, sessions};
};

}  // namespace

TEST("a helper's look comes back with what it saw") {
  Asker asker;
  const Sleeper sleeper;
  const Probe::Answer answer = asker.Ask({sleeper.Looked(5)});
  CHECK(answer.processes.at(5).size() == 1);
  const SeenProcess& seen = answer.processes.at(5)[0];
  CHECK(seen.id.pid == sleeper.pid && seen.state == 'S' && !seen.daemon && seen.io >= 0);
  CHECK_EQ(seen.parent, getpid());
}

TEST("a process that does not answer costs one look its rest, and is not asked again") {
  Asker asker;
  const Sleeper first, second;
  asker.kernel.deaf = first.File("io");
  const Probe::Answer stuck = asker.Ask({first.Looked(1), second.Looked(2)});
  CHECK(!stuck.processes.contains(2));
  const Probe::Answer answer = asker.Ask({first.Looked(1), second.Looked(2)});
  CHECK(answer.processes.at(1)[0].io == -1 && answer.processes.at(2)[0].io >= 0);
}

TEST("evidence of a process that does not answer is the line that says so") {
  Asker asker;
  const Sleeper sleeper;
  asker.kernel.deaf = sleeper.File("stack");
  asker.Ask({sleeper.Looked(1, LookedAt::Purpose::kEvidence)});
  const Probe::Answer answer = asker.Ask({sleeper.Looked(1, LookedAt::Purpose::kEvidence)});
  CHECK(answer.evidence.at(1).size() == 1);
  CHECK(answer.evidence.at(1)[0].ends_with(": does not answer"));
}

TEST("when one helper after the other hangs there are no more, and the answer is empty") {
  Asker asker;
  std::list<Sleeper> sleepers(6);
  const auto ask = [&](const Sleeper& sleeper) {
    asker.kernel.deaf = sleeper.File("io");
    return asker.Ask({sleeper.Looked(1)});
  };
  for (const Sleeper& sleeper : sleepers) ask(sleeper);
  asker.kernel.deaf.clear();
  CHECK(asker.Ask({sleepers.back().Looked(1)}).processes.empty());
}
