// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/linux_kernel.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "check.h"
#include "kernel/child.h"

namespace linux_kernel_test {
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

TEST("append never creates, write never creates, store replaces") {
  Scratch scratch;
  CHECK(scratch.kernel.Append(scratch.file, "x") == std::errc::no_such_file_or_directory);
  CHECK(scratch.kernel.Write(scratch.file, "x") == std::errc::no_such_file_or_directory);
  CHECK(!ReplaceFile(scratch.kernel, scratch.file, "old and long"));
  CHECK(!ReplaceFile(scratch.kernel, scratch.file, "new"));
  CHECK(!scratch.kernel.Append(scratch.file, "er"));
  CHECK_EQ(scratch.kernel.Read(scratch.file).value, "newer");
  CHECK_EQ(scratch.kernel.List(scratch.dir).value, std::vector<std::string>{"file"});
}

TEST("a record is appended to whole records, and one that does not fit leaves no part") {
  Scratch scratch;
  const std::string record(384, 'r'), torn = record + record + std::string(100, 't');
  CHECK(!scratch.kernel.Create(scratch.file, torn, 0644));
  CHECK(!scratch.kernel.AppendRecord(scratch.file, record));
  CHECK_EQ(scratch.kernel.Read(scratch.file).value, record + record + record);
  CHECK(!scratch.kernel.AppendRecord("/dev/null", record));
  // A limit of the size stands for a full disk: 200 bytes more fit.
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit most{3 * 384 + 200, 3 * 384 + 200};
    setrlimit(RLIMIT_FSIZE, &most);
    _exit(scratch.kernel.AppendRecord(scratch.file, record) ? 7 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK_EQ(WEXITSTATUS(status), 7);
  CHECK_EQ(scratch.kernel.Read(scratch.file).value, record + record + record);
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

namespace {

Result<int> Sh(LinuxKernel& kernel, const std::string& script, std::chrono::milliseconds limit) {
  return RunProgram(kernel, {"sh", "-c", script}, limit);
}

}  // namespace

TEST("a program has its own group, no input, no descriptor of ours and default signals") {
  LinuxKernel kernel;
  const int leak = open("/dev/null", O_RDONLY);
  signal(SIGTERM, SIG_IGN);
  CHECK_EQ(Sh(kernel, "read x; [ $? = 1 ]", 5s).value, 0);
  CHECK_EQ(Sh(kernel, "[ ! -e /proc/self/fd/" + std::to_string(leak) + " ]", 5s).value, 0);
  CHECK_EQ(Sh(kernel, "read -r p c s pp pg sid r < /proc/self/stat; [ $pg = $$ ]", 5s).value, 0);
  CHECK_EQ(Sh(kernel, "kill -TERM $$", 5s).value, SIGTERM);
  signal(SIGTERM, SIG_DFL);
  close(leak);
}

TEST("a program's exit status arrives, or why it could not be run, or that it was late") {
  LinuxKernel kernel;
  CHECK_EQ(Sh(kernel, "exit 3", 5s).value, 3 << 8);
  CHECK(RunProgram(kernel, {"/no/such"}, 5s).error == std::errc::no_such_file_or_directory);
  const auto start = kernel.Now();
  CHECK(Sh(kernel, "sleep 100 & wait", 30ms).error == std::errc::timed_out);
  CHECK(kernel.Now() - start < 5s);
}

TEST("a program is looked for in the caller's PATH, and without one in that of the system") {
  LinuxKernel kernel;
  const std::string path = getenv("PATH");
  setenv("PATH", "/no/such", true);
  CHECK(RunProgram(kernel, {"true"}, 5s).error == std::errc::no_such_file_or_directory);
  unsetenv("PATH");
  CHECK_EQ(RunProgram(kernel, {"true"}, 5s).value, 0);
  setenv("PATH", path.c_str(), true);
}

TEST("what a program writes goes where it is wanted; one that writes without end is ended") {
  LinuxKernel kernel;
  std::string output = "old";
  rlimit before{};
  CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  CHECK(RaiseDescriptorLimit(kernel) > 1024);
  CHECK_EQ(RunProgram(kernel, {"sh", "-c", "ulimit -n"}, 5s, &output).value, 0);
  CHECK_EQ(output, "1024\n");
  setrlimit(RLIMIT_NOFILE, &before);
  CHECK_EQ(RunProgram(kernel, {"sh", "-c", "echo a; echo b"}, 5s, &output).value, 0);
  CHECK_EQ(output, "a\nb\n");
  CHECK_EQ(RunProgram(kernel, {"cat", "/dev/zero"}, 5s, &output).value, SIGXFSZ);
  CHECK_EQ(output.size(), 1u << 20);
}

TEST("only a regular file that may be executed is a program") {
  LinuxKernel kernel;
  CHECK(IsProgram(kernel, "/bin/sh"));
  CHECK(!IsProgram(kernel, "/etc/passwd") && !IsProgram(kernel, "/tmp") &&
        !IsProgram(kernel, "/no"));
}

}  // namespace linux_kernel_test
