// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/kept_services.h"

#include "check.h"
#include "scripted_kernel.h"

namespace kept_services_test {
using namespace curfew;

TEST("a service with KILL=no gets a link to each pid file that exists; old links go, others stay") {
  ScriptedKernel kernel;
  Settings settings;
  settings.never_kill = {"db", "gone"};
  kernel.files["/etc/init.d/db"] =
      "#!/bin/sh\nPIDFILE=/run/database.pid\nOTHER=/run/not-there.pid\n";
  kernel.files["/run/database.pid"] = "50\n";
  kernel.files["/run/db/worker.pid"] = "51\n";
  kernel.dirs["/run/db"] = {"worker.pid", "socket"};
  const std::string dir = "/run/sendsigs.omit.d";
  kernel.dirs[dir] = {"curfew-old-0", "rpcbind"};
  kernel.files[dir + "/curfew-old-0"] = kernel.files[dir + "/rpcbind"] = "60\n";
  const auto lines = KeepServices(kernel, "", "/etc/init.d", settings);
  CHECK_EQ(kernel.links[dir + "/curfew-db-0"], "/run/database.pid");
  CHECK_EQ(kernel.links[dir + "/curfew-db-1"], "/run/db/worker.pid");
  CHECK(!kernel.files.contains(dir + "/curfew-old-0") && kernel.files.contains(dir + "/rpcbind"));
  CHECK_EQ(lines,
           std::vector<std::string>{"KILL=no of gone: it has no pid file; what runs of it is "
                                    "ended with the others"});
}

TEST("no service has KILL=no: nothing is read of any, and a script that hangs costs a line") {
  ScriptedKernel kernel;
  Settings settings;
  CHECK(KeepServices(kernel, "", "/etc/init.d", settings).empty() && kernel.calls.empty());
  settings.never_kill = {"db"};
  kernel.children_hang = true;
  CHECK_EQ(KeepServices(kernel, "", "/etc/init.d", settings).size(), 1u);
}

}  // namespace kept_services_test
