// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/unstopped.h"

#include "check.h"
#include "scripted_kernel.h"

namespace unstopped_test {
using namespace curfew;

namespace {

/// A machine where some services run, each with the pid file that it has on Debian.
struct Machine {
  Machine() {
    change.plan.passes = {{Action::kStop, {}}};
    kernel.dirs["/etc/init.d"];
  }
  void Runs(const std::string& service, const std::string& pid) {
    kernel.dirs["/etc/init.d"].push_back(service);
    kernel.files["/run/" + service + ".pid"] = pid + "\n";
    kernel.dirs["/proc"].push_back(pid);
    kernel.files["/proc/" + pid + "/stat"] =
        pid + " (" + service + ") S 1 " + pid + " 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n";
  }
  void Stops(const std::string& service) {
    change.plan.passes[0].scripts.emplace_back().service = service;
  }
  std::string Found() {
    std::string text;
    for (const Unstopped& service : FindUnstopped(kernel, change)) {
      text += service.service + ":";
      for (const std::string& process : service.processes) text += " " + process;
      text += "\n";
    }
    return text;
  }
  ScriptedKernel kernel;
  LevelChange change;
};

}  // namespace

TEST("a service that runs and that no script of the plan stops is found, with its process") {
  Machine machine;
  machine.Runs("cron", "812");
  machine.Runs("ssh", "813");
  machine.Stops("ssh");
  CHECK_EQ(machine.Found(), "cron: cron[812]\n");
}

TEST("services are found in the order of their names, whatever the directory's is") {
  Machine machine;
  for (const auto& [service, pid] : {std::pair{"ssh", "813"}, {"acpid", "814"}, {"cron", "812"}})
    machine.Runs(service, pid);
  CHECK_EQ(machine.Found(), "acpid: acpid[814]\ncron: cron[812]\nssh: ssh[813]\n");
}

TEST("what sendsigs leaves alone is not found, whichever of the two places names it") {
  Machine machine;
  machine.Runs("cron", "812");
  machine.Runs("mdadm", "813");
  machine.Runs("plymouth", "814");
  machine.kernel.files["/run/sendsigs.omit"] = "813\n";
  machine.kernel.dirs["/run/sendsigs.omit.d"] = {"plymouth"};
  machine.kernel.files["/run/sendsigs.omit.d/plymouth"] = "814\n";
  CHECK_EQ(machine.Found(), "cron: cron[812]\n");
}

}  // namespace unstopped_test
