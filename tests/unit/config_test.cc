// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "check.h"
#include "config/assignments.h"
#include "config/settings.h"

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

std::string Values(const std::string& text, std::vector<std::string>* warnings) {
  std::string all;
  for (const Assignment& a : ParseAssignments("f", text, warnings)) {
    all += a.name + "=" + a.value + "@" + std::to_string(a.line) + "|";
  }
  return all;
}

std::string Values(const std::string& text) {
  std::vector<std::string> warnings;
  std::string all = Values(text, &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  return all;
}

}  // namespace

TEST("assignments: quotes, backslashes, comments and blanks are read as sh reads them") {
  CHECK_EQ(Values("A=b\n# c\n\n  B='x y' # no\n"), "A=b@1|B=x y@4|");
  CHECK_EQ(Values("A=\"a\\\"b\\c\"'$d'e\\ f  \n"), "A=a\"b\\c$de f@1|");
  CHECK_EQ(Values("export A=1 B=2; C=3\nexport A\nD=\n"), "A=1@1|B=2@1|C=3@1|D=@3|");
  CHECK_EQ(Values("A='two\nlines'\nB=b#c\r\n"), "A=two\nlines@1|B=b#c@3|");
  CHECK_EQ(Values("A=on\\\ne\nB=2"), "A=one@1|B=2@3|");
}

TEST("assignments: what needs a shell is named with its line, and the rest is kept") {
  std::vector<std::string> warnings;
  CHECK_EQ(Values("A=1\nB=$(reboot)\nC=`x`\nif true; then\nD=\"$A\"\n. /x\nE=5\n", &warnings),
           "A=1@1|E=5@7|");
  CHECK_EQ(warnings.size(), 5u);
  CHECK_EQ(warnings[0], "f:2: needs a shell to evaluate; ignored");
  CHECK_EQ(warnings[2], "f:4: no plain assignment; ignored");
}

TEST("assignments: a quote without end costs one line, not the file") {
  std::vector<std::string> warnings;
  CHECK_EQ(Values("A='x\nB=2\n", &warnings), "B=2@2|");
  CHECK_EQ(warnings, std::vector<std::string>{"f:1: a quote that does not end; ignored"});
}

TEST("assignments: binary garbage ends with few warnings") {
  std::string garbage = "A=1\n";
  for (int i = 0; i < 20000; ++i) garbage += static_cast<char>(i * 7919 % 256);
  std::vector<std::string> warnings;
  Values(garbage + "\nB=2\n", &warnings);
  CHECK(!warnings.empty() && warnings.size() <= 6);
}

TEST("settings: a tree without files gives the defaults without a word") {
  Root root;
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK(s.halt == "poweroff" && s.net_down && s.halt_disks && !s.kexec && s.native_all);
  CHECK(s.jobs == 0 && s.limit.count() == 90 && s.kill_wait.count() == 5 && !s.serial);
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
  CHECK_EQ(s.limit.count(), 20);
  CHECK_EQ(s.jobs, 6);
}

TEST("settings: a bad value is named with file and line and turns into the default") {
  Root root;
  root.File("/etc/default/curfew", "LIMIT=20\n\nLIMIT=-1\nJOBS=9z\nKEXEC=maybe\nHALT=foo\n");
  std::vector<std::string> warnings;
  Settings s = LoadSettings(root.path, &warnings);
  CHECK_EQ(warnings.size(), 4u);
  CHECK_EQ(warnings[0], "/etc/default/curfew:3: LIMIT=-1 is no value of it; LIMIT=90 is used");
  CHECK(s.limit.count() == 90 && s.jobs == 0 && !s.kexec && s.halt == "poweroff");
}

TEST("settings: HALT_SOUND has four meanings: no, yes and quint, octave, and one beep") {
  for (auto [value, sound] : {std::pair("no", Sound::kNone),
                              {"yes", Sound::kQuint},
                              {"quint", Sound::kQuint},
                              {"octave", Sound::kOctave},
                              {"loud", Sound::kBeep},
                              {"", Sound::kBeep}}) {
    std::vector<std::string> warnings;
    CHECK(ParseSettings({{"/etc/default/curfew", std::string("HALT_SOUND=") + value}}, &warnings)
              .halt_sound == sound);
    CHECK_EQ(warnings, std::vector<std::string>());
  }
  std::vector<std::string> warnings;
  CHECK(ParseSettings({}, &warnings).halt_sound == Sound::kQuint);
}

TEST("settings: the hardware clock: SUSE's keys, and Debian's device") {
  std::vector<std::string> warnings;
  Settings s = ParseSettings({{"/etc/default/hwclock", "HCTOSYS_DEVICE=rtc1\nSYSTOHC=no\n"},
                              {"/etc/default/curfew",
                               "USE_HWCLOCK=no\nSYSTOHC=\nHWCLOCK=--localtime\n"
                               "HALT_POWERDOWN_INSERT='ups  -k $x'\n"}},
                             &warnings);
  CHECK_EQ(warnings, std::vector<std::string>());
  CHECK(!s.use_hwclock && s.systohc && s.rtc_time == TimeBase::kLocal);
  CHECK_EQ(s.rtc, "rtc1");
  CHECK_EQ(s.powerdown_insert, (std::vector<std::string>{"ups", "-k", "$x"}));
  s = ParseSettings({{"/etc/default/curfew", "HWCLOCK=x\nHCTOSYS_DEVICE=x/sda\nSYSTOHC=2\n"}},
                    &warnings);
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
  CHECK(s.verbose && !s.serial);
  setenv("RUNLEVEL", "2", 1);
  setenv("PREVLEVEL", "N", 1);
  root.File("/proc/cmdline", "quiet concurrency=none");
  s = LoadSettings(root.path, &warnings);
  CHECK(!s.verbose && s.serial);
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
