// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/probe.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <fstream>

#include "check.h"
#include "kernel/linux_kernel.h"

namespace {

using namespace curfew;
using namespace std::chrono_literals;

/// A process that is killed is no zombie for its parent while another has not let go of it.
void KeepMyself() {
  if (fork() != 0) return;
  ptrace(PTRACE_SEIZE, getppid(), nullptr, nullptr);
  sleep(4);
  _exit(0);
}

/// The real one, but for a file that never answers; who reads it ends late even by KILL if `kept`.
class DeafKernel : public LinuxKernel {
 public:
  Result<std::string> Read(const std::string& path) override {
    if (path == deaf && kept) KeepMyself();
    while (path == deaf) sleep(1000);
    while (path == costly && clock() < CLOCKS_PER_SEC / 8) {
    }
    return LinuxKernel::Read(path);
  }
  std::string deaf;
  std::string costly;
  bool kept = false;
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

TEST("an answer says how much CPU the look has cost, also where it was cut short") {
  Asker asker;
  const Sleeper sleeper;
  asker.kernel.costly = sleeper.File("stack");
  const auto evidence = sleeper.Looked(1, LookedAt::Purpose::kEvidence);
  CHECK(asker.Ask({evidence}).cpu >= 100ms);
  asker.kernel.deaf = sleeper.File("io");
  const Probe::Answer cut = asker.Ask({evidence, sleeper.Looked(2)});
  CHECK(cut.cut == 2 && cut.cpu >= 100ms);
  CHECK(asker.Ask({sleeper.Looked(3)}).cpu < 100ms);
}

TEST("once a late rc has the answer, nothing waits for the helper any more") {
  Asker asker;
  const Sleeper sleeper;
  boost::asio::post(asker.loop, [] { usleep(300000); });
  CHECK(asker.Ask({sleeper.Looked(5)}).processes.contains(5));
  asker.loop.restart();
  asker.loop.run_for(1s);
  CHECK(asker.loop.stopped());
}

TEST("a process that does not answer costs one look its rest, and is not asked again") {
  Asker asker;
  const Sleeper first, second;
  asker.kernel.deaf = first.File("io");
  const Probe::Answer stuck = asker.Ask({first.Looked(1), second.Looked(2)});
  CHECK(!stuck.processes.contains(2) && stuck.cut == 1);
  const Probe::Answer answer = asker.Ask({first.Looked(1), second.Looked(2)});
  CHECK(answer.processes.at(1)[0].io == -1 && answer.processes.at(2)[0].io >= 0);
  CHECK(!answer.cut);
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

TEST("while too many killed helpers do not end there are no looks, and the answer says so") {
  Asker asker;
  asker.kernel.kept = true;
  std::list<Sleeper> sleepers(5);
  for (const Sleeper& sleeper : sleepers) {
    asker.kernel.deaf = sleeper.File("io");
    asker.Ask({sleeper.Looked(1)});
  }
  asker.kernel.deaf.clear();
  const Probe::Answer none = asker.Ask({sleepers.back().Looked(7)});
  CHECK(none.processes.empty() && none.cut == 7);
  // Until those who keep them let go.
  bool looked = false;
  for (int tries = 0; tries < 100 && !looked; ++tries, usleep(100000)) {
    looked = !asker.Ask({sleepers.back().Looked(7)}).processes.empty();
  }
  CHECK(looked);
}
