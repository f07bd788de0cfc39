// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "check.h"
#include "config/layout.h"
#include "config/settings.h"
#include "text/text.h"

namespace config_test {
using namespace curfew;

namespace {

/// A directory of its own for one test, gone afterwards.
struct Root {
  std::string path;
  Root() {
    char name[] = "/tmp/curfew-unit.XXXXXX";
    path = mkdtemp(name);
  }
  ~Root() { std::filesystem::remove_all(path); }
  void File(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path + name).parent_path());
    std::ofstream(path + name) << text;
  }
};

Settings Parse(const std::vector<SettingsFile>& files, std::vector<std::string>* warnings) {
  return ParseSettings({Layout::kDebian, files}, warnings);
}

}  // namespace

TEST("settings: a tree without files gives the defaults without a word") {
  Root root;
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK(s.halt == "poweroff" && s.net_down && s.halt_disks && !s.kexec && s.native_all);
  CHECK(s.jobs == 0 && s.limits.limit.count() == 90 && s.kill_wait.count() == 10 && !s.serial);
  CHECK(s.limits.limit_hard.count() == 600 && s.stop_budget.count() == 900 && s.keys &&
        !s.watchdog);
  CHECK(s.final_budget.count() == 60 && s.final_hard.count() == 1800);
}

TEST("settings: /etc/default/curfew wins over Debian's files, curfew.d over both, by name") {
  Root root;
  root.File("/etc/default/halt", "HALT=halt\nNETDOWN=no\nLIMIT=3\n");
  root.File("/etc/default/curfew", "LIMIT=20\nHALT=poweroff\nJOBS=4\n");
  root.File("/etc/default/curfew.d/20.conf", "JOBS=6\n");
  root.File("/etc/default/curfew.d/10.conf", "JOBS=5\nNATIVE='sendsigs umountfs'\n");
  root.File("/etc/default/curfew.d/30.conf~", "JOBS=7\n");
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK_EQ(s.halt, "poweroff");
  CHECK(!s.net_down && !s.native_all);
  CHECK_EQ(s.native, (std::vector<std::string>{"sendsigs", "umountfs"}));
  CHECK_EQ(s.limits.limit.count(), 20);
  CHECK_EQ(s.jobs, 6);
}

TEST("settings: a bad value is named with file and line and turns into the default") {
  Root root;
  root.File("/etc/default/curfew", "LIMIT=20\n\nLIMIT=-1\nJOBS=9z\nKEXEC=maybe\nHALT=foo\n");
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK_EQ(warnings.size(), 4u);
  CHECK_EQ(warnings[0], "/etc/default/curfew:3: LIMIT=-1 is no value of it; LIMIT=90 is used");
  CHECK(s.limits.limit.count() == 90 && s.jobs == 0 && !s.kexec && s.halt == "poweroff");
}

TEST("settings: below SERVICES the limits are of these services, to the end of the file") {
  Root root;
  root.File("/etc/default/curfew", "LIMIT=40\nLIMIT_HARD=300\n");
  root.File("/etc/default/curfew.d/a.conf",
            "SERVICES='mysql  mariadb'\nLIMIT=200\nLIMIT_HARD=never\nJOBS=3\n"
            "SERVICES=libvirt\nLIMIT_HARD=900\n");
  root.File("/etc/default/curfew.d/b.conf", "LIMIT=50\n");
  std::vector<std::string> warnings;
  const Settings s = LoadSettings(root.path, &warnings);
  const auto limit = [&](const char* service) {
    const StopLimits found = LimitsOf(s, service);
    return std::to_string(found.limit.count()) + "/" + std::to_string(found.limit_hard.count());
  };
  CHECK_EQ(limit("mariadb") + " " + limit("libvirt") + " " + limit("cups"),
           "200/300 50/900 50/300");
  CHECK_EQ(s.jobs, 3);
  CHECK_EQ(warnings, std::vector<std::string>{
                         "/etc/default/curfew.d/a.conf:3: LIMIT_HARD=never is no value of it; what "
                         "counts for all services is used"});
}

TEST("settings: STOP and KILL are of the services above them; a later file may take them back") {
  std::vector<std::string> warnings;
  const Settings s = Parse({{"/etc/default/curfew", "STOP=no\n"},
                            {"/etc/default/curfew.d/a.conf",
                             "SERVICES='ups db'\nSTOP=no\nKILL=no\nSERVICES=x\nKILL=never\n"},
                            {"/etc/default/curfew.d/b.conf", "SERVICES=db\nSTOP=yes\n"}},
                           &warnings);
  CHECK_EQ(s.never_stop, std::set<std::string>{"ups"});
  CHECK_EQ(s.never_kill, (std::set<std::string>{"db", "ups"}));
  CHECK_EQ(warnings,
           (std::vector<std::string>{
               "/etc/default/curfew:1: STOP=no counts only below SERVICES=; it is left out",
               "/etc/default/curfew.d/a.conf:5: KILL=never is no value of it; KILL=yes is used"}));
}

TEST("settings: no script's whole time is shorter than its time without progress") {
  std::vector<std::string> warnings;
  const Settings s = Parse({{"/etc/default/curfew", "LIMIT=700\n"}}, &warnings);
  CHECK_EQ(LimitsOf(s, "cups").limit_hard.count(), 700);
}

TEST("settings: curfew.limit= counts for every service, whatever a file says of it") {
  std::vector<std::string> warnings;
  const Settings s = Parse({{"/etc/default/curfew.d/a.conf", "SERVICES=mysql\nLIMIT=200\n"},
                            {"/proc/cmdline", "curfew.limit=6"}},
                           &warnings);
  CHECK_EQ(LimitsOf(s, "mysql").limit.count(), 6);
}

TEST("settings: HALT_SOUND has four meanings: no, yes and quint, octave, and one beep") {
  for (auto [value, sound] : {std::pair("no", Sound::kNone),
                              {"yes", Sound::kQuint},
                              {"quint", Sound::kQuint},
                              {"octave", Sound::kOctave},
                              {"loud", Sound::kBeep},
                              {"", Sound::kBeep}}) {
    std::vector<std::string> warnings;
    CHECK(Parse({{"/etc/default/curfew", std::string("HALT_SOUND=") + value}}, &warnings)
              .halt_sound == sound);
    CHECK_EQ(warnings, std::vector<std::string>());
  }
  std::vector<std::string> warnings;
  CHECK(Parse({}, &warnings).halt_sound == Sound::kQuint);
}

TEST("settings: SUSE's keys and Debian's device for the hardware clock") {
  std::vector<std::string> warnings;
  Settings s = Parse({{"/etc/default/hwclock", "HCTOSYS_DEVICE=rtc1\nSYSTOHC=no\n"},
                      {"/etc/default/curfew",
                       "USE_HWCLOCK=no\nSYSTOHC=\nHWCLOCK=--localtime\n"
                       "HALT_POWERDOWN_INSERT='ups  -k $x'\n"}},
                     &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK(!s.use_hwclock && s.systohc && s.rtc_time == TimeBase::kLocal);
  CHECK_EQ(s.rtc, "rtc1");
  CHECK_EQ(s.powerdown_insert, (std::vector<std::string>{"ups", "-k", "$x"}));
  s = Parse({{"/etc/default/curfew", "HWCLOCK=x\nHCTOSYS_DEVICE=x/sda\nSYSTOHC=2\n"}}, &warnings);
  CHECK_EQ(warnings.size(), 3u);
  CHECK(s.rtc == "rtc0" && s.rtc_time == TimeBase::kAdjtime && s.systohc);
}

TEST("settings: HALT=auto is power-off with ACPI or APM, or if the kernel was told so") {
#if defined(__i386__) || defined(__x86_64__)
  Root root;
  std::vector<std::string> warnings;
  root.File("/etc/default/curfew", "HALT=auto\n");
  CHECK_EQ(LoadSettings(root.path, &warnings).halt, "halt");
  root.File("/proc/cmdline", "apm=smp-power-off");
  CHECK_EQ(LoadSettings(root.path, &warnings).halt, "poweroff");
  root.File("/proc/cmdline", "ro");
  root.File("/proc/acpi/wakeup", "");
  CHECK_EQ(LoadSettings(root.path, &warnings).halt, "poweroff");
#endif
}

TEST("settings: only the exact word no turns NETDOWN off") {
  for (const char* value : {"No", "0", "", "false"}) {
    Root root;
    root.File("/etc/default/halt", std::string("NETDOWN=") + value + "\n");
    std::vector<std::string> warnings;
    CHECK(LoadSettings(root.path, &warnings).net_down);
    CHECK_EQ(warnings, std::vector<std::string>());
  }
}

TEST("settings: quiet silences scripts only under init; concurrency=none is an exact word") {
  Root root;
  root.File("/etc/default/rcS", "VERBOSE=yes\n");
  root.File("/proc/cmdline", "ro quiet concurrency=nonet\n");
  std::vector<std::string> warnings;
  unsetenv("RUNLEVEL");
  unsetenv("PREVLEVEL");
  unsetenv("INIT_VERBOSE");
  Settings s = LoadSettings(root.path, &warnings);
  CHECK(s.verbose && !s.quiet && !s.serial);
  setenv("RUNLEVEL", "2", 1);
  setenv("PREVLEVEL", "N", 1);
  root.File("/proc/cmdline", "quiet concurrency=none");
  s = LoadSettings(root.path, &warnings);
  CHECK(!s.verbose && s.quiet && s.serial);
  setenv("INIT_VERBOSE", "yes", 1);
  s = LoadSettings(root.path, &warnings);
  CHECK(s.verbose && !s.quiet);
  unsetenv("INIT_VERBOSE");
  unsetenv("RUNLEVEL");
  unsetenv("PREVLEVEL");
}

TEST("settings: a directory or a FIFO in a file's place is named and does not block") {
  Root root;
  std::filesystem::create_directories(root.path + "/etc/default/halt");
  CHECK_EQ(std::system(("mkfifo " + root.path + "/etc/default/curfew").c_str()), 0);
  std::vector<std::string> warnings;
  LoadSettings(root.path, &warnings);
  const std::string what = ": not a regular file; its keys keep their defaults";
  CHECK_EQ(warnings,
           (std::vector<std::string>{"/etc/default/halt" + what, "/etc/default/curfew" + what}));
}

TEST("settings: SUSE's own files have SUSE's keys and defaults, and Debian's are not read") {
  Root root;
  root.File("/etc/init.d/boot.d/S01boot.udev", "");
  root.File("/etc/default/halt", "HALT=halt\n");
  root.File("/etc/default/curfew", "JOBS=7\n");
  root.File("/proc/acpi/wakeup", "");
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK(s.layout == Layout::kSuse && s.halt == "poweroff" && !s.net_down && s.halt_disks);
  CHECK(s.jobs == 0 && s.run_parallel && !s.prompt_for_confirm && s.confirm_timeout.count() == 5);
  root.File("/etc/sysconfig/shutdown",
            "HALT_SOUND=\"no\"\nHALT=halt\nHALT_NETWORK=yes\nHALT_DISKS=no\nJOBS=3\n");
  root.File("/etc/sysconfig/boot",
            "PROMPT_FOR_CONFIRM=yes\nCONFIRM_PROMPT_TIMEOUT=9\nRUN_PARALLEL=no\nX=$Y\n");
  root.File("/etc/sysconfig/clock", "HWCLOCK=-u\nSYSTOHC=no\nFORCE_SYSTOHC=yes\n");
  s = LoadSettings(root.path, &warnings);
  CHECK(s.halt == "halt" && s.net_down && !s.halt_disks && s.halt_sound == Sound::kNone);
  CHECK(!s.run_parallel && s.prompt_for_confirm && s.confirm_timeout.count() == 9 && s.jobs == 0);
  CHECK(s.rtc_time == TimeBase::kUtc && s.systohc);
  CHECK_EQ(warnings,
           std::vector<std::string>{"/etc/sysconfig/boot:4: needs a shell to evaluate; ignored"});
}

TEST("settings: FORCE_SYSTOHC decides about a clock that the kernel keeps; SUSE leaves it alone") {
  for (const Layout layout : {Layout::kDebian, Layout::kSuse, Layout::kRedHat, Layout::kLfs})
    for (const std::string value : {"", "FORCE_SYSTOHC=no\n", "FORCE_SYSTOHC=yes\n"}) {
      const std::string path =
          layout == Layout::kDebian ? "/etc/default/curfew" : "/etc/sysconfig/clock";
      std::vector<std::string> warnings;
      const Settings s = ParseSettings({layout, {{path, value}}}, &warnings);
      const bool by_default = layout == Layout::kSuse;
      CHECK_EQ(s.leave_kept_clock, value.empty() ? by_default : value.ends_with("no\n"));
    }
}

TEST("settings: the defaults of each family; UTC in the words of each") {
  for (auto [layout, halt, net] : {std::tuple(Layout::kDebian, "poweroff", true),
                                   {Layout::kSuse, "auto", false},
                                   {Layout::kRedHat, "poweroff", false},
                                   {Layout::kLfs, "poweroff", true}}) {
    std::vector<std::string> warnings;
    const Settings s = ParseSettings(
        {layout, {{"/etc/sysconfig/clock", "UTC=false\n"}, {"/etc/sysconfig/shutdown", "HALT=x"}}},
        &warnings);
    CHECK(s.layout == layout && s.halt == halt && s.net_down == net && !s.utc);
    CHECK_EQ(warnings.size(), 1u);
  }
}

TEST("settings: LAYOUT= selects another family's files, and counts only in a curfew file") {
  Root root;
  root.File("/etc/default/halt", "LAYOUT=lfs\nNETDOWN=no\n");
  root.File("/etc/sysconfig/curfew", "JOBS=5\nLAYOUT=debian\n");
  std::vector<std::string> warnings;
  CHECK(LoadSettings(root.path, &warnings).layout == Layout::kDebian);
  root.File("/etc/default/curfew.d/10.conf", "LAYOUT=redhat\nJOBS=9\n");
  Settings s = LoadSettings(root.path, &warnings);
  CHECK(s.layout == Layout::kRedHat && s.jobs == 5);
  CHECK_EQ(warnings, std::vector<std::string>());
  root.File("/etc/default/curfew.d/10.conf", "LAYOUT=hurd\n");
  s = LoadSettings(root.path, &warnings);
  CHECK(s.layout == Layout::kDebian && !s.net_down);
  CHECK_EQ(warnings, std::vector<std::string>{"/etc/default/curfew.d/10.conf:1: LAYOUT=hurd is no "
                                              "value of it; LAYOUT=auto is used"});
}

TEST("layout: what only one family has says which it is") {
  struct Case {
    const char* files;
    Layout layout;
  };
  for (const Case& c : std::vector<Case>{{"", Layout::kDebian},
                                         {"/etc/rc2.d/S /etc/rc.d/rc2.d/S", Layout::kDebian},
                                         {"/etc/init.d/boot.d/S", Layout::kSuse},
                                         {"/etc/init.d/rc3.d/S", Layout::kSuse},
                                         {"/etc/rc.d/rc3.d/S /etc/init.d/rc3.d/S", Layout::kSuse},
                                         {"/etc/rc.d/rc3.d/S", Layout::kLfs},
                                         {"/etc/rc.d/rc3.d/S /var/lock/subsys/x", Layout::kRedHat},
                                         {"/etc/rc.d/rc3.d/S /etc/rc.d/init.d/functions "
                                          "/lib/lsb/init-functions",
                                          Layout::kRedHat},
                                         {"/etc/rc.d/rc3.d/S /lib/lsb/init-functions "
                                          "/var/lock/subsys/x",
                                          Layout::kLfs},
                                         {"/etc/rc.d/rc3.d/S /etc/rc.d/init.d/functions "
                                          "/etc/sysconfig/rc.site",
                                          Layout::kLfs}}) {
    Root root;
    for (const std::string& file : Words(c.files)) root.File(file, "");
    CHECK_EQ(LayoutWord(DetectLayout(root.path)), LayoutWord(c.layout));
  }
}

TEST("layout: links to a level are no level: Red Hat's /etc/rc0.d, SUSE's /etc/rc.d") {
  Root root;
  root.File("/etc/rc.d/rc0.d/S01halt", "");
  root.File("/etc/rc.d/init.d/functions", "");
  std::filesystem::create_symlink("rc.d/rc0.d", root.path + "/etc/rc0.d");
  std::filesystem::create_symlink("/etc/rc.d/init.d", root.path + "/etc/init.d");
  CHECK(DetectLayout(root.path) == Layout::kRedHat);
  Root suse;
  suse.File("/etc/init.d/rc3.d/S", "");
  std::filesystem::create_symlink("init.d", suse.path + "/etc/rc.d");
  CHECK(DetectLayout(suse.path) == Layout::kSuse);
}

TEST("kernel command line: the keys of Curfew; bad ones are named and have no effect") {
  std::vector<std::string> warnings;
  Settings s = Parse({{"/etc/default/curfew", "LIMIT=20\n"},
                      {"/proc/cmdline",
                       "ro confirm curfew.limit=30 curfew.budget=60 curfew.skip=a,,b "
                       "curfew.skip=c curfew.trace=cups BOOT_IMAGE=/x"}},
                     &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK(s.confirm && s.limits.limit.count() == 30 && s.stop_budget.count() == 60 &&
        s.trace == "cups");
  CHECK_EQ(s.skip, (std::vector<std::string>{"a", "b", "c"}));
  s = Parse({{"/proc/cmdline", "confirm=no curfew.limit=0 curfew.trace curfew.skip= curfew.x=1"}},
            &warnings);
  CHECK_EQ(warnings.size(), 4u);
  CHECK_EQ(warnings[0], "kernel command line: curfew.limit=0 is not understood; ignored");
  CHECK(!s.confirm && s.limits.limit.count() == 90 && s.skip.empty() && s.trace.empty());
}

}  // namespace config_test
