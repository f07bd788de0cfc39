// SPDX-License-Identifier: GPL-2.0-or-later
// A run with real processes: what no fake can show. Order, limits and requests are in
// runner_test.cc.
#include "run/linux_launcher.h"

#include <linux/capability.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "check.h"
#include "kernel/cpu_priority.h"
#include "kernel/process_info.h"
#include "runner_test.h"
#include "text/text.h"

namespace linux_launcher_test {
using namespace curfew;

namespace {

using namespace std::chrono_literals;

/// This binary started as a stage of halt: prints the process groups it has to spare.
[[gnu::constructor]] void ActAsHalt(int argc, char** argv) {
  if (argc < 5 || strcmp(argv[0], "halt") != 0) return;
  char text[256];
  const ssize_t size = pread(atoi(argv[4]), text, sizeof text, 0);
  _exit(size >= 0 && write(STDOUT_FILENO, text, static_cast<size_t>(size)) == size ? 0 : 1);
}

}  // namespace

TEST("the process of an abandoned script goes on, and the run without it") {
  const Root root;
  Script hung = root.Add("hung", "exec sleep 60");
  hung.limit = 1s;
  Script waits = root.Add("waits", "");
  waits.after = {{0}};
  Shutdown shutdown(root, {hung, waits});
  shutdown.Run();
  Log& log = shutdown.log;
  CHECK_EQ(log.events, (Strings{"start hung", "abandoned hung", "start waits", "end waits"}));
  CHECK_EQ(kill(log.pids["hung"], 0), 0);
  CHECK(log.evidence["hung"].size() == 1);
  const std::string process = "sleep[" + std::to_string(log.pids["hung"]) + "] S";
  CHECK(log.evidence["hung"][0].starts_with(process));
}

TEST("a script with slack runs at the lowest priority, and at the usual one without") {
  LinuxKernel kernel;
  if (!CanRestorePriority(kernel)) return;  // a container: slack is not used there
  const Root root;
  Script chain = root.Add("chain", "until [ -e ${0%/*}/low ]; do sleep 0.02; done");
  // The sub-shell's priority tells of all processes of the script. The script may begin before rc
  // lowers it.
  Script slack = root.Add("slack",
                          "until [ \"$( (nice) )\" = 19 ]; do sleep 0.02; done; echo 19\n"
                          ": > ${0%/*}/low\n"
                          "until [ \"$( (nice) )\" = 0 ]; do sleep 0.02; done; echo 0");
  slack.limit_hard = 20s;
  Shutdown shutdown(root, {chain, slack});
  shutdown.options.uses_slack = true;
  shutdown.options.usual = {{{"chain", Action::kStop}, 600s}, {{"slack", Action::kStop}, 1s}};
  shutdown.Run();
  CHECK_EQ(shutdown.log.events, (Strings{"start chain", "start slack", "line slack 19", "end chain",
                                         "line slack 0", "end slack"}));
}

TEST("the kill stage spares the scripts that run, and not the abandoned one") {
  const Root root;
  const Result<HaltProgram> halt = HaltProgram::Load("/proc/self/exe");
  CHECK(bool(halt));
  Script hung = root.Add("hung", "exec sleep 60");
  hung.limit = 1s;
  Script runs = root.Add("runs", "while [ ! -e ${0%/*}/go ]; do sleep 0.02; done");
  Script kill_stage = root.Add("sendsigs", "");
  kill_stage.kind = ScriptKind::kNativeStage;
  kill_stage.stages = "kill";
  kill_stage.after = {{0}};
  Script opens = root.Add("opens", ": > ${0%/*}/go");
  opens.after = {{2}};
  Shutdown shutdown(root, {hung, runs, kill_stage, opens});
  shutdown.halt = &halt.value;
  shutdown.Run();
  Strings spared;
  for (const std::string& event : shutdown.log.events) {
    if (event.starts_with("line sendsigs ")) spared.push_back(event.substr(14));
  }
  const auto is_spared = [&](const char* service) {
    return std::count(spared.begin(), spared.end(), std::to_string(shutdown.log.pids[service])) ==
           1;
  };
  CHECK(is_spared("runs") && !is_spared("hung"));
}

TEST("where the machine ends the calls of scripts are filtered, and only there") {
  LinuxKernel kernel;
  const std::string status = kernel.Read("/proc/self/status").value;
  const auto filters = NumberAfter(status, "Seccomp_filters");
  const bool may_filter = (BitSet(status, "CapEff") >> CAP_SYS_ADMIN & 1) != 0;
  if (!filters) return;  // Linux before 5.9 does not tell.
  const Root root;
  const Script script = root.Add("a", "sed -n 's/^Seccomp_filters:[^0-9]*//p' /proc/self/status");
  for (const bool ends : {false, true}) {
    Shutdown shutdown(root, {script});
    shutdown.ends_machine = ends;
    shutdown.Run();
    const auto& events = shutdown.log.events;
    CHECK_EQ(events[1], "line a " + std::to_string(*filters + (ends && may_filter)));
  }
}

TEST("a traced script is run by sh -x, a script for the shell need not be executable") {
  const Root root;
  Script traced = root.Add("traced", "echo \"$0 $1\"");
  traced.trace = {"/bin/sh", "-x"};
  Script hook = root.Add("hook", "echo \"$0 $1\"");
  hook.shell = true;
  hook.after = {{0}};
  chmod((root.path + "/hook").c_str(), 0644);
  Shutdown shutdown(root, {traced, hook});
  shutdown.Run();
  CHECK_EQ(shutdown.log.events,
           (Strings{"start traced", "line traced + echo " + root.path + "/traced stop",
                    "line traced " + root.path + "/traced stop", "end traced", "start hook",
                    "line hook " + root.path + "/hook stop", "end hook"}));
}

TEST("a scan says of each script how much that one has printed") {
  const Root root;
  boost::asio::io_context loop(1);
  LinuxKernel kernel;
  LaunchOptions options;
  options.root = root.path;
  LinuxLauncher launcher(loop, kernel, options);
  const Script scripts[] = {root.Add("a", "echo 12345; exec sleep 60"),
                            root.Add("b", "echo 12; exec sleep 60")};
  std::vector<ScanRequest> requests;
  for (int i = 0; i < 2; ++i) {
    const pid_t pid = launcher.Start(i, scripts[i], CpuShare::kFull);
    const auto progress = ScanRequest::Purpose::kProgress;
    requests.push_back({progress, 10 + i, scripts[i].service, scripts[i].path, pid, {}, {}});
  }
  for (int lines = 0; lines < 2;)
    lines += launcher.Wait(launcher.Now() + 10s).kind == RunEvent::Kind::kLine;
  launcher.Scan(requests);
  RunEvent event;
  while (event.kind != RunEvent::Kind::kScanned) event = launcher.Wait(launcher.Now() + 10s);
  CHECK_EQ(event.scan.printed.at(10), 6);
  CHECK_EQ(event.scan.printed.at(11), 3);
  for (const ScanRequest& request : requests)
    kill(-request.leader, SIGKILL), waitpid(request.leader, nullptr, 0);
}

TEST("a run that waits names the process behind its script, with its state") {
  const Root root;
  Script hung = root.Add("hung", "while [ ! -e ${0%/*}/go ]; do sleep 0.05; done");
  hung.limit = 60s;
  Shutdown shutdown(root, {root.Add("quick", ""), hung});
  Waiting first;
  shutdown.Run([&](LinuxLauncher&, const Waiting& what) {
    if (!first.script) first = what;
    std::ofstream(root.path + "/go");
  });
  CHECK(first.script && !shutdown.waits);
  CHECK_EQ(first.script->service, "hung");
  CHECK(first.elapsed >= 2s);
  CHECK(first.process.starts_with("sleep[") || first.process.starts_with("hung["));
  CHECK(first.process.find("] ") != first.process.npos);
}

TEST("a process that a script started and that stopped itself is continued") {
  const Root root;
  Script script = root.Add("stops", "sh -c 'kill -STOP $$'; exit 0");
  script.limit = 20s;
  Shutdown shutdown(root, {script});
  shutdown.Run();
  CHECK_EQ(shutdown.log.events, (Strings{"start stops", "end stops"}));
}

TEST("a request from the loop is acted on at once") {
  const Root root;
  Shutdown shutdown(root, {root.Add("hung", "exec sleep 60")});
  shutdown.Run([](LinuxLauncher& launcher, const Waiting&) {
    launcher.Push({.kind = RunEvent::Kind::kSkipWaitedFor, .text = "skipped by a key"});
  });
  CHECK_EQ(shutdown.log.events, (Strings{"start hung", "abandoned hung"}));
  CHECK_EQ(shutdown.log.reasons["hung"], "skipped by a key");
}

TEST("the first wait returns at once when its time is over, whatever else the loop does") {
  boost::asio::io_context loop(1);
  LinuxKernel kernel;
  LinuxLauncher launcher(loop, kernel, {});
  bool late = false;
  boost::asio::steady_timer watchdog(loop, 5s);
  watchdog.async_wait([&](const boost::system::error_code& error) { late = !error; });
  for (int i = 0; i < 10 && !late; ++i) launcher.Wait({});
  CHECK(!late);
}

TEST("rc starts nothing while another process ends the machine, until that one is gone") {
  boost::asio::io_context loop(1);
  LinuxKernel kernel;
  const Heartbeat heartbeat = Heartbeat::Create();
  LaunchOptions options;
  options.heartbeat = &heartbeat;
  LinuxLauncher launcher(loop, kernel, options);
  CHECK(launcher.MayStart());
  heartbeat->main = static_cast<std::uint32_t>(getpid());
  CHECK(launcher.MayStart());
  const pid_t halt = fork();
  if (halt == 0) pause(), _exit(0);
  heartbeat->main = static_cast<std::uint32_t>(halt);
  CHECK(!launcher.MayStart());
  heartbeat->phase = HeartbeatPage::kDone;
  CHECK(launcher.MayStart());
  heartbeat->phase = HeartbeatPage::kStages;
  kill(halt, SIGKILL);
  waitpid(halt, nullptr, 0);
  CHECK(launcher.MayStart());
}

}  // namespace linux_launcher_test
