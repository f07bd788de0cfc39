// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/next_boot.h"

#include <sys/stat.h>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "runner_test.h"

namespace next_boot_test {
using namespace curfew;

namespace {

constexpr char kBegin[] =
    R"({"time_us":1000000,"event":"begin","schema":1,"wall_us":1790000000000000,"level":"6"})"
    "\n";
constexpr char kHang[] =
    R"({"time_us":2000000,"event":"start","service":"slow","link":"K01slow","action":"stop"})"
    "\n"
    R"({"time_us":9000000,"event":"near-limit","service":"slow","action":"stop"})"
    "\n";
constexpr char kEnd[] = R"({"time_us":9000000,"event":"trace-end"})"
                        "\n";

/// A tree with one kept trace of a shutdown.
struct Machine {
  explicit Machine(const std::string& text) {
    std::filesystem::create_directories(root.path + "/var/log/curfew");
    std::filesystem::create_directories(root.path + "/run/initramfs");
    std::ofstream(Path()) << text;
  }
  std::string Path() const { return root.path + "/var/log/curfew/000003-20260921-160000-6.jsonl"; }
  std::string Text() const {
    std::ifstream file(Path());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  NextBootAnswer Tell() { return TellNextBoot(kernel, root.path); }
  const Root root;
  LinuxKernel kernel;
};

}  // namespace

TEST("next boot: messages of the kernel and of checks name the file systems that were in use") {
  const BootLogs logs{
      "[    2.1] EXT4-fs (vda1): recovery complete\n"
      "[    2.2] EXT4-fs (vda1): mounted filesystem with ordered data mode\n"
      "[    2.3] XFS (sdb): Starting recovery (logdev: internal)\n"
      "[    2.4] FAT-fs (sdc1): Volume was not properly unmounted. Some data may be corrupt.\n"
      "[    2.5] EXT4-fs (vda1): recovery complete\n",
      {"/dev/vdb: recovering journal\n/dev/vdb: clean, 11/64 files\n", ""}};
  CHECK_EQ(SignsOfUse(logs),
           (std::vector<std::string>{"vda1: journal replayed", "sdb: journal replayed",
                                     "sdc1: was not unmounted", "/dev/vdb: journal replayed"}));
  CHECK(SignsOfUse({"", {"/dev/vda1: clean, 11/64 files, 3/9 blocks\n"}}).empty());
}

TEST("next boot: a trace with its end and no sign is clean; the answer is kept, and given once") {
  Machine tree(std::string(kBegin) + kEnd);
  CHECK(tree.Tell().line.ends_with(", level 6: clean"));
  CHECK(tree.Text().ends_with("\"event\":\"next-boot\",\"clean\":1,\"reason\":\"\"}\n"));
  CHECK_EQ(tree.Tell().line + tree.Tell().problem, std::string());
}

TEST("next boot: a machine that the dead-man ended was neither reset nor without power") {
  Machine tree(std::string(kBegin) + kHang +
               R"({"time_us":9500000,"event":"dead-man-end","reason":"no progress for 60 s"})"
               "\n");
  CHECK(tree.Tell().line.ends_with("unclean: ended by the dead-man, no progress for 60 s"));
}

TEST("next boot: without its end the shutdown is unclean, and what it waited for is named") {
  // The last line is torn: the machine was reset.
  Machine tree(std::string(kBegin) + kHang + "{\"time_us\":1");
  std::ofstream(tree.root.path + "/run/initramfs/fsck.log") << "/dev/vda1: recovering journal\n";
  CHECK(
      tree.Tell().line.ends_with("unclean: reset or power lost while waiting for slow (K01slow), "
                                 "for at least 7 s; /dev/vda1: journal "
                                 "replayed"));
  CHECK(tree.Text().find("\n{\"time_us\":1\n{\"time_us\":") != std::string::npos);
}

TEST("next boot: the log of a check before this boot tells nothing of the last end") {
  Machine tree(std::string(kBegin) + kEnd);
  const std::string log = tree.root.path + "/run/initramfs/fsck.log";
  std::ofstream(log) << "/dev/vda1: recovering journal\n";
  const timespec old[2] = {{1000000, 0}, {1000000, 0}};
  CHECK_EQ(utimensat(AT_FDCWD, log.c_str(), old, 0), 0);
  CHECK(tree.Tell().line.ends_with("clean"));
}

TEST("next boot: the shutdown that goes on, a foreign file and an empty directory are not judged") {
  Machine going(std::string(kBegin) + kHang);
  std::filesystem::create_directories(going.root.path + "/run/curfew");
  std::filesystem::create_symlink(going.Path(), going.root.path + "/run/curfew/kept");
  Machine foreign("no trace\n");
  Machine none("");
  std::filesystem::remove(none.Path());
  for (Machine* tree : {&going, &foreign, &none}) {
    const std::string before = tree->Text();
    CHECK_EQ(tree->Tell().line, std::string());
    CHECK_EQ(tree->Text(), before);
  }
}

TEST("next boot: what pstore holds of that end is joined to the trace, and its dump removed") {
  Machine tree(std::string(kBegin) + kEnd);
  const std::string pstore = tree.root.path + "/sys/fs/pstore/";
  std::filesystem::create_directories(pstore);
  std::ofstream(pstore + "dmesg-erst-1") << "Oops#1 Part1\n<4>[    1.2] of somebody else\n";
  std::ofstream(pstore + "dmesg-erst-3") << "Shutdown#1 Part2\n<6>[   29.9] earlier lines\n";
  std::ofstream(pstore + "dmesg-erst-2") << R"(Shutdown#1 Part1
<7>[   30.1] curfew 000002: {"time_us":9200000,"event":"read-only","target":"/old","done":0}
<6>[   30.2] EXT4-fs (sda1): re-mounted
<7>[   30.3] curfew 000003: {"time_us":9200000,"event":"closing","left":"/srv, busy"}
<7>[   30.4] curfew 000003: {"time_us":9300000,"event":"pstore"}
<6>[   30.5] reboot: Restarting system
)";
  CHECK(tree.Tell().line.ends_with("level 6: unclean: /srv, busy"));
  CHECK(tree.Text().find("\"left\":\"/srv, busy") != std::string::npos);
  CHECK(tree.Text().find("/old") == std::string::npos);
  CHECK(std::filesystem::exists(pstore + "dmesg-erst-1"));
  CHECK(!std::filesystem::exists(pstore + "dmesg-erst-2"));
  CHECK(!std::filesystem::exists(pstore + "dmesg-erst-3"));
}

TEST("next boot: a record that halt did not ask for is read, and stays") {
  Machine tree(std::string(kBegin) + kEnd);
  const std::string record = tree.root.path + "/sys/fs/pstore/dmesg-efi-7";
  std::filesystem::create_directories(tree.root.path + "/sys/fs/pstore");
  std::ofstream(record) << "<7>[   30.3] curfew 000003: {\"time_us\":9200000,\"event\":\"dead\","
                           "\"device\":\"sdb\",\"target\":\"/srv\"}\n";
  CHECK(tree.Tell().line.ends_with("unclean: sdb below /srv did not answer"));
  CHECK(std::filesystem::exists(record));
}

}  // namespace next_boot_test
