// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernel/linux_kernel.h"
#include "run/linux_launcher.h"
#include "run/runner.h"
#include "text/text.h"

namespace curfew {

using Strings = std::vector<std::string>;

/// A tree whose scripts the tests write.
struct Root {
  Root() {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    path = mkdtemp(name);
    std::filesystem::create_directory(path + "/run");
  }
  ~Root() { std::filesystem::remove_all(path); }
  Script Add(const std::string& service, const std::string& text) const {
    std::ofstream(path + "/" + service) << "#!/bin/sh\n" << text << "\n";
    chmod((path + "/" + service).c_str(), 0755);
    Script script;
    script.service = service;
    script.link = "K01" + service;
    script.path = "/" + service;
    script.argv0 = script.path;
    return script;
  }
  std::string path;
};

/// "start a", "line a TEXT", "abandoned a", "skipped a", "end a" in the order in which they were
/// told.
class Log : public Listener {
 public:
  void On(const Event& event) override {
    if (const auto* e = std::get_if<ScriptStarted>(&event)) {
      Add("start", e->script);
      pids[e->script.service] = e->pid;
    } else if (const auto* e = std::get_if<OutputLine>(&event)) {
      events.push_back("line " + e->script.service + " " + std::string(e->text));
    } else if (const auto* e = std::get_if<ScriptEnded>(&event)) {
      Add("end", e->script);
      if (Classify(e->status, e->script.action) == Outcome::kFailed)
        failed.push_back(e->script.service);
    } else if (const auto* e = std::get_if<ScriptSkipped>(&event)) {
      Add("skipped", e->script);
    } else if (const auto* e = std::get_if<ScriptAbandoned>(&event)) {
      Add("abandoned", e->script);
      reasons[e->script.service] = e->reason;
      last_lines[e->script.service] = e->last_line;
    } else if (const auto* e = std::get_if<Evidence>(&event)) {
      evidence[e->script.service] = e->lines;
    } else if (const auto* e = std::get_if<Waiting>(&event)) {
      waitings.push_back(*e);
      if (on_waiting) on_waiting(e);
    } else if (std::holds_alternative<WaitOver>(event)) {
      ++waits_over;
      if (on_waiting) on_waiting(nullptr);
    } else if (const auto* e = std::get_if<Note>(&event)) {
      notes.emplace_back(e->text);
    } else if (const auto* e = std::get_if<NearLimit>(&event)) {
      notes.push_back(e->script.service + " quiet " + Seconds(e->quiet) + " left " +
                      Seconds(e->left));
    } else if (const auto* e = std::get_if<ConsoleLent>(&event)) {
      lent += e->lent ? "+" : "-";
    }
  }
  void Add(const std::string& what, const Script& script) {
    events.push_back(what + " " + script.service);
  }

  Strings events;
  Strings failed;  ///< services whose script failed
  std::map<std::string, pid_t> pids;
  std::map<std::string, std::string> reasons, last_lines;
  std::map<std::string, Strings> evidence;
  Strings notes;
  std::string lent;  ///< "+" for each loan of the console, "-" for its return
  std::vector<Waiting> waitings;
  int waits_over = 0;
  std::function<void(const Waiting*)> on_waiting;
};

/// A shutdown of one pass or more with real launcher.
struct Shutdown {
  Shutdown(const Root& tree, std::vector<Script> scripts) : root(tree) {
    plan.level = "0";
    plan.down = true;
    plan.passes = {{Action::kStop, std::move(scripts)}};
    options.jobs = 8;
  }
  /// `act` gets each Waiting, and may ask for something.
  void Run(const std::function<void(LinuxLauncher&, const Waiting&)>& act = nullptr) {
    boost::asio::io_context loop(1);
    LinuxKernel kernel;
    StateFiles files(kernel, root.path);
    LaunchOptions launch_options;
    launch_options.root = root.path;
    launch_options.env = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    launch_options.halt = halt;
    launch_options.ends_machine = ends_machine;
    options.runs_stages = halt != nullptr;
    LinuxLauncher launcher(loop, kernel, launch_options);
    log.on_waiting = [&](const Waiting* what) {
      if (what && act) act(launcher, *what);
      waits = what != nullptr;
    };
    Runner(plan, options, launcher, log, files).Run();
  }
  /// Ends and reaps what was left alone.
  ~Shutdown() {
    for (const auto& [service, pid] : log.pids) kill(-pid, SIGKILL), waitpid(pid, nullptr, 0);
  }

  const Root& root;
  const HaltProgram* halt = nullptr;
  bool ends_machine = false;
  Plan plan;
  RunOptions options;
  Log log;
  bool waits = false;
};

}  // namespace curfew
