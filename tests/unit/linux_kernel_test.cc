// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/linux_kernel.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "check.h"

using namespace curfew;
using namespace std::chrono_literals;

namespace {

/// A directory of its own, removed with what the test named in it.
struct Scratch {
  LinuxKernel kernel;
  std::string dir;
  std::string file;

  Scratch() {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    dir = mkdtemp(name);
    file = dir + "/file";
  }
  ~Scratch() {
    unlink(file.c_str());
    rmdir(dir.c_str());
  }
};

}  // namespace

TEST("a child's outcome arrives: success, its error, its death, its lateness") {
  LinuxKernel kernel;
  CHECK(!kernel.InChild(5s, [] { return std::error_code(); }));
  CHECK(kernel.InChild(5s, [] { return std::make_error_code(std::errc::no_such_device); }) ==
        std::errc::no_such_device);
  CHECK(kernel.InChild(5s, []() -> std::error_code { _exit(0); }) == std::errc::interrupted);
  const auto start = kernel.Now();
  CHECK(kernel.InChild(20ms, []() -> std::error_code {
    for (;;) pause();
  }) == std::errc::timed_out);
  CHECK(kernel.Now() - start < 5s);
}

TEST("append never creates, write never creates, store replaces") {
  Scratch scratch;
  CHECK(scratch.kernel.Append(scratch.file, "x") == std::errc::no_such_file_or_directory);
  CHECK(scratch.kernel.Write(scratch.file, "x") == std::errc::no_such_file_or_directory);
  CHECK(!scratch.kernel.Store(scratch.file, "old and long"));
  CHECK(!scratch.kernel.Store(scratch.file, "new"));
  CHECK(!scratch.kernel.Append(scratch.file, "er"));
  CHECK_EQ(scratch.kernel.Read(scratch.file).value, "newer");
  CHECK_EQ(scratch.kernel.List(scratch.dir).value, std::vector<std::string>{"file"});
}

TEST("a FIFO without reader or writer blocks nobody") {
  Scratch scratch;
  mkfifo(scratch.file.c_str(), 0600);
  CHECK(scratch.kernel.Write(scratch.file, "x") == std::errc::no_such_device_or_address);
  CHECK_EQ(scratch.kernel.Read(scratch.file).value, "");
}

TEST("a poll without descriptors lasts its limit, and no longer") {
  LinuxKernel kernel;
  const auto start = kernel.Now();
  CHECK_EQ(kernel.Poll({}, 10ms).value, 0);
  CHECK(kernel.Now() - start >= 10ms);
}
