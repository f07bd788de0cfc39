// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/scan_helper.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <fstream>

#include "check.h"
#include "kernel/linux_kernel.h"

namespace scan_helper_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

/// A process that is killed is no zombie for its parent while another has not let go of it.
void KeepMyself() {
  if (fork() != 0) return;
  ptrace(PTRACE_SEIZE, getppid(), nullptr, nullptr);
  sleep(4);
  _exit(0);
}

/// The real one, but for a file that never results; who reads it ends late even by KILL if `kept`.
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

/// A process group with one process that sleeps.
struct Sleeper {
  Sleeper() {
    pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      sleep(1000);
      _exit(0);
    }
    while (getpgid(pid) != pid || !Sleeps()) usleep(1000);
  }
  bool Sleeps() const {
    std::string line;
    std::getline(std::ifstream(File("stat")), line);
    return line.find(") S ") != line.npos;
  }
  ~Sleeper() { kill(pid, SIGKILL), waitpid(pid, nullptr, 0); }
  std::string File(const char* name) const { return "/proc/" + std::to_string(pid) + "/" + name; }
  ScanRequest Looked(int key,
                     ScanRequest::Purpose purpose = ScanRequest::Purpose::kProgress) const {
    return {purpose, key, "none", "/none", pid, {}, {}};
  }
  pid_t pid;
};

struct Scanner {
  /// Killed helpers are reaped by the next Ask; there is none.
  ~Scanner() {
    helper.reset();
    for (int tries = 0; tries < 100 && waitpid(-1, nullptr, WNOHANG) >= 0; ++tries) usleep(1000);
  }
  ScanResult Scan(std::vector<ScanRequest> scripts) {
    std::optional<ScanResult> said;
    helper->Scan(std::move(scripts), [&](ScanResult result) { said = std::move(result); });
    CHECK(helper->busy());
    loop.restart();
    const auto begin = std::chrono::steady_clock::now();
    while (!said && std::chrono::steady_clock::now() - begin < 20s) loop.run_one_for(1s);
    CHECK(said && !helper->busy());
    return said.value_or(ScanResult());
  }
  boost::asio::io_context loop{1};
  DeafKernel kernel;
  RunningGroups groups;
  std::optional<ScanHelper> helper{std::in_place, loop, "", kernel, groups};
};

}  // namespace

TEST("a helper's scan comes back with what it saw") {
  Scanner scanner;
  const Sleeper sleeper;
  const ScanResult result = scanner.Scan({sleeper.Looked(5)});
  CHECK(result.processes.at(5).size() == 1);
  const ScannedProcess& seen = result.processes.at(5)[0];
  CHECK(seen.id.pid == sleeper.pid && seen.state == 'S' && !seen.daemon && seen.io >= 0);
  CHECK_EQ(seen.parent, getpid());
}

TEST("a helper is told from other children") {
  Scanner scanner;
  const Sleeper sleeper;
  bool ended = false;
  scanner.helper->Scan({sleeper.Looked(5)}, [&](ScanResult) { ended = true; });
  const std::string self = std::to_string(getpid());
  std::ifstream children("/proc/self/task/" + self + "/children");
  std::vector<pid_t> helpers;
  for (pid_t child = 0; children >> child;) {
    if (scanner.helper->Has(child)) helpers.push_back(child);
  }
  CHECK(helpers.size() == 1 && helpers[0] != sleeper.pid);
  while (!ended) scanner.loop.run_one_for(1s);
}

TEST("where no process can be had rc itself scans, and reads nothing that may wait for a disk") {
  const pid_t child = fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (geteuid() == 0 && setuid(kNobody) != 0) _exit(2);
    Scanner scanner;
    const Sleeper sleeper;
    const rlimit none{1, 1};
    setrlimit(RLIMIT_NPROC, &none);
    const auto seen = scanner.Scan({sleeper.Looked(5)}).processes[5];
    kill(sleeper.pid, SIGKILL);
    _exit(seen.size() == 1 && seen[0].id.pid == sleeper.pid && seen[0].io == -1 ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK_EQ(status, 0);
}

TEST("a scan says how much CPU the scan has cost, also where it was cut short") {
  Scanner scanner;
  const Sleeper sleeper;
  scanner.kernel.costly = sleeper.File("stack");
  const auto evidence = sleeper.Looked(1, ScanRequest::Purpose::kEvidence);
  CHECK(scanner.Scan({evidence}).cpu >= 100ms);
  scanner.kernel.deaf = sleeper.File("io");
  const ScanResult cut = scanner.Scan({evidence, sleeper.Looked(2)});
  CHECK(cut.cut == 2 && cut.cpu >= 100ms);
  CHECK(scanner.Scan({sleeper.Looked(3)}).cpu < 100ms);
}

TEST("once a late rc has the result, nothing waits for the helper any more") {
  Scanner scanner;
  const Sleeper sleeper;
  boost::asio::post(scanner.loop, [] { usleep(300000); });
  CHECK(scanner.Scan({sleeper.Looked(5)}).processes.contains(5));
  scanner.loop.restart();
  scanner.loop.run_for(1s);
  CHECK(scanner.loop.stopped());
}

TEST("a process that does not answer costs one scan its rest, and is not asked again") {
  Scanner scanner;
  const Sleeper first, second;
  scanner.kernel.deaf = first.File("io");
  const ScanResult stuck = scanner.Scan({first.Looked(1), second.Looked(2)});
  CHECK(!stuck.processes.contains(2) && stuck.cut == 1);
  const ScanResult result = scanner.Scan({first.Looked(1), second.Looked(2)});
  CHECK(result.processes.at(1)[0].io == -1 && result.processes.at(2)[0].io >= 0);
  CHECK(!result.cut);
}

TEST("evidence of a process that does not answer is the line that says so") {
  Scanner scanner;
  const Sleeper sleeper;
  scanner.kernel.deaf = sleeper.File("stack");
  scanner.Scan({sleeper.Looked(1, ScanRequest::Purpose::kEvidence)});
  const ScanResult result = scanner.Scan({sleeper.Looked(1, ScanRequest::Purpose::kEvidence)});
  CHECK(result.evidence.at(1).size() == 1);
  CHECK(result.evidence.at(1)[0].ends_with("\ndoes not answer"));
}

TEST("while too many killed helpers do not end there are no scans, and the result says so") {
  Scanner scanner;
  scanner.kernel.kept = true;
  std::list<Sleeper> sleepers(5);
  for (const Sleeper& sleeper : sleepers) {
    scanner.kernel.deaf = sleeper.File("io");
    scanner.Scan({sleeper.Looked(1)});
  }
  scanner.kernel.deaf.clear();
  const ScanResult none = scanner.Scan({sleepers.back().Looked(7)});
  CHECK(none.processes.empty() && none.cut == 7);
  // Until those who keep them let go.
  bool looked = false;
  for (int tries = 0; tries < 100 && !looked; ++tries, usleep(100000)) {
    looked = !scanner.Scan({sleepers.back().Looked(7)}).processes.empty();
  }
  CHECK(looked);
}

}  // namespace scan_helper_test
