// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/process_scan.h"

#include <filesystem>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "run/pid_files.h"
#include "scripted_kernel.h"

namespace process_scan_test {
using namespace curfew;

namespace {

using Strings = std::vector<std::string>;
using Purpose = ScanRequest::Purpose;

/// /proc with processes, and what a scan reports of them, a line each.
struct World {
  World() {
    kernel.self = 90;
    kernel.now = std::chrono::seconds(500);
    Add(1, "init", 0, 1);
    Add(50, "rc", 1, 50);
    Add(90, "rc-scan", 50, 90);
  }

  void Add(pid_t pid, const std::string& name, pid_t parent, pid_t group, long long ticks = 0) {
    const std::string number = std::to_string(pid);
    kernel.dirs["/proc"].push_back(number);
    kernel.files["/proc/" + number + "/stat"] =
        number + " (" + name + ") S " + std::to_string(parent) + " " + std::to_string(group) +
        " 1 0 -1 0 0 0 0 0 " + std::to_string(ticks) + " 0 0 0 20 0 1 0 " + number + "00 0 0\n";
  }

  void Scan(ScanRequest script, const Unreadable& unreadable = {}) {
    said.clear();
    const auto text = [](const ScannedProcess& p) {
      return std::string(p.daemon ? "daemon " : "process ") + p.name + " io " +
             std::to_string(p.io) + " cpu " + std::to_string(p.cpu_ms);
    };
    ProcessScan scan(kernel, "", unreadable,
                     {[&](pid_t pid) { said.push_back("reads " + std::to_string(pid)); },
                      [&](int key) { said.push_back("reads for script " + std::to_string(key)); },
                      [&](int, const ScannedProcess& p) { said.push_back(text(p)); },
                      [&](int, const std::string& line) { said.push_back(line); },
                      [&](int key) { said.push_back("done " + std::to_string(key)); }});
    scan.Run({script});
  }

  ScriptedKernel kernel;
  Strings said;
};

ScanRequest Cups(Purpose purpose = Purpose::kProgress) {
  return {purpose, 3, "cups", "/etc/init.d/cups", 60, {}, {}};
}

}  // namespace

TEST("a scan finds a script's process group, and what came from the script and left the group") {
  World world;
  world.Add(60, "cups", 50, 60, 2);
  world.Add(61, "su", 60, 60);
  world.Add(62, "pg_ctl", 61, 62);
  world.Add(63, "orphan", 1, 60);
  world.Add(70, "stranger", 1, 70);
  world.kernel.files["/proc/62/io"] = "rchar: 9\nread_bytes: 4096\nwrite_bytes: 10\n";
  world.Scan(Cups());
  CHECK_EQ(world.said,
           (Strings{"reads for script 3", "reads 60", "process cups io -1 cpu 20", "reads 61",
                    "process su io -1 cpu 0", "reads 62", "process pg_ctl io 4106 cpu 0",
                    "reads 63", "process orphan io -1 cpu 0", "done 3"}));
}

TEST("a process that came from the script is found again after it left group and parent") {
  World world;
  world.Add(63, "saves", 50, 63);
  ScanRequest cups = Cups();
  cups.own = {{63, 6300}, {64, 6400}};
  world.Scan(cups);
  CHECK_EQ(world.said,
           (Strings{"reads for script 3", "reads 63", "process saves io -1 cpu 0", "done 3"}));
  cups.own = {{63, 6299}};
  world.Scan(cups);
  CHECK_EQ(world.said, (Strings{"reads for script 3", "done 3"}));
}

TEST("a scan without a helper reads nothing that can wait for a disk, and skips rc itself") {
  World world;
  world.kernel.self = 50;
  world.Add(60, "cups", 50, 60, 2);
  Unreadable all;
  all.all = true;
  world.Scan(Cups(), all);
  CHECK_EQ(world.said, (Strings{"process cups io -1 cpu 20", "done 3"}));
}

TEST("a scan finds the daemon by each kind of pid file, and those that come from it") {
  for (const char* file : {"/run/cups.pid", "/run/cups/a.pid", "/run/x.pid", "/var/run/y.pid"}) {
    World world;
    world.Add(70, "cupsd", 1, 70);
    world.Add(71, "worker", 70, 70);
    world.kernel.dirs["/run/cups"] = {"a.pid", "a.lock"};
    world.kernel.files["/etc/init.d/cups"] = "# pidfile: /run/x.pid\nPIDFILE=/var/run/y.pid\n";
    world.kernel.files[file] = "70\n";
    world.Scan(Cups(Purpose::kDaemons));
    CHECK_EQ(world.said, (Strings{"reads for script 3", "daemon cupsd io -1 cpu 0",
                                  "daemon worker io -1 cpu 0", "done 3"}));
  }
}

TEST("a known daemon is found without its pid file, but not another process with its number") {
  World world;
  world.Add(70, "cupsd", 1, 70);
  ScanRequest cups = Cups(Purpose::kDaemons);
  cups.daemons = {{70, 7000}};
  world.Scan(cups);
  CHECK_EQ(world.said, (Strings{"daemon cupsd io -1 cpu 0", "done 3"}));
  cups.daemons = {{70, 6999}};
  world.Scan(cups);
  CHECK_EQ(world.said, (Strings{"reads for script 3", "done 3"}));
}

TEST("a pid file that names init, rc, nobody or nonsense names no daemon") {
  World world;
  for (const char* content : {"1\n", "50\n", "4711\n", "", "x", "-1", "70x"}) {
    world.kernel.files["/run/cups.pid"] = content;
    world.Scan(Cups(Purpose::kDaemons));
    CHECK_EQ(world.said, (Strings{"reads for script 3", "done 3"}));
  }
}

TEST("a pid file that is a device, or too large for one, names no daemon") {
  World world;
  world.Add(70, "cupsd", 1, 70);
  world.kernel.files["/run/cups.pid"] = "70\n" + std::string(4096, '\n');
  world.Scan(Cups(Purpose::kDaemons));
  CHECK_EQ(world.said, (Strings{"reads for script 3", "done 3"}));

  char name[] = "/tmp/curfew-unit-XXXXXX";
  const std::string root = mkdtemp(name);
  std::filesystem::create_directory(root + "/run");
  std::filesystem::create_symlink("/dev/zero", root + "/run/cups.pid");
  LinuxKernel machine;
  bool done = false;
  ProcessScan scan(machine, root, {},
                   {[](pid_t) {}, [](int) {}, [](int, const ScannedProcess&) { CHECK(false); },
                    [](int, const std::string&) {}, [&](int) { done = true; }});
  scan.Run({{Purpose::kDaemons, 3, "cups", "/none", 0, {}, {}}});
  CHECK(done);
  std::filesystem::remove_all(root);
}

TEST("a scan reads nothing of what was mute before that could block") {
  World world;
  world.Add(60, "cups", 50, 60);
  world.Scan(Cups(), {{60}, {3}});
  CHECK_EQ(world.said, (Strings{"process cups io -1 cpu 0", "done 3"}));
  CHECK_EQ(std::count(world.kernel.all.begin(), world.kernel.all.end(), "read /proc/60/io"), 0);
}

TEST("evidence is the tree of processes with their kernel stacks") {
  World world;
  world.Add(60, "cups", 50, 60);
  world.Add(61, "umount", 60, 60);
  world.kernel.files["/proc/61/wchan"] = "nfs_wait";
  world.kernel.files["/proc/61/stack"] = "[<0>] nfs_wait+0x1/0x2\n[<0>] do_umount+0x3/0x4\n";
  world.Scan(Cups(Purpose::kEvidence));
  CHECK_EQ(world.said, (Strings{"reads for script 3", "reads 60", "cups[60] S", "reads 61",
                                "  umount[61] S nfs_wait\nnfs_wait < do_umount", "done 3"}));
}

TEST("a younger process whose number an old pid file has is not the daemon, unless named so") {
  for (const std::string name : {"awk", "cupsd"})
    for (const bool old : {false, true}) {
      World world;
      world.Add(60, "cups", 50, 60);
      world.Add(77, name, 1, 77);  // It began 77 s after the boot.
      world.kernel.now = std::chrono::seconds(500);
      const time_t boot = 1700000000;
      world.kernel.files["/run/cups.pid"] = "77\n";
      world.kernel.written["/run/cups.pid"] = old ? boot - 2 * 86400 : boot + 78;
      world.kernel.files["/etc/init.d/cups"] = "DAEMON=/usr/sbin/cupsd\n";
      world.Scan(Cups(Purpose::kDaemons));
      const bool daemon = std::any_of(world.said.begin(), world.said.end(),
                                      [](const auto& line) { return line.starts_with("daemon "); });
      CHECK_EQ(daemon, !old || name == "cupsd");
    }
}

TEST("pid files: those of other services, to which a script only sends a signal, do not count") {
  CHECK(
      PidFilesIn("kill -HUP $(cat /run/rsyslogd.pid)\nkill `cat \"/run/syslogd.pid\"`\n").empty());
  CHECK_EQ(PidFilesIn("# pidfile: /var/run/a.pid\nkillproc -p \"/run/b.pid\" b\n"
                      "start-stop-daemon --stop --pidfile=/run/c.pid\nPIDFILE='/run/d.pid'\n"),
           (Strings{"/var/run/a.pid", "/run/b.pid", "/run/c.pid", "/run/d.pid"}));
}

TEST("pid files: variables are replaced, and nothing outside /run is named") {
  CHECK_EQ(PidFilesIn("NAME=exim4\nPIDFILE=\"/run/${NAME}/$NAME.pid\"\n"
                      "start-stop-daemon --pidfile $PIDFILE --stop\n"),
           (Strings{"/run/exim4/exim4.pid"}));
  CHECK_EQ(PidFilesIn("PIDFILE=${PIDFILE:-/var/run/x.pid}\n"), (Strings{"/var/run/x.pid"}));
  CHECK(PidFilesIn("P=/srv/nfs/x.pid\nQ=/run/../etc/x.pid\nR=`f`.pid\nS=/run/$UNKNOWN.pid\n"
                   "T=/run/x.pidfile ${ $ ${A:-")
            .empty());
}

TEST("pid files: what is longer than a path is none, however often its values hold each other") {
  const std::string longest =
      "A=/run/" + std::string(4080, 'x') + "\nZ=" + std::string(99, 'z') + ".pid\n";
  CHECK(PidFilesIn(longest + "P=$A$Z\nQ=$P\nR=$A/$Q$Z\n").empty());
  CHECK_EQ(PidFilesIn(longest + "R=/run/r.pid\n"), (Strings{"/run/r.pid"}));
  std::string many;
  for (int i = 0; i < 300; ++i) many += "V" + std::to_string(i) + "=v\n";
  CHECK_EQ(PidFilesIn(many + "P=/run/$V0.pid\nQ=/run/$V299.pid\n"), (Strings{"/run/v.pid"}));
}

}  // namespace process_scan_test
