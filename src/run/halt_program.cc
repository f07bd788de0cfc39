// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/halt_program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "kernel/argv.h"

// From Linux 6.3; glibc 2.36 does not name it. Without the flag vm.memfd_noexec=1 refuses the exec.
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace curfew {
namespace {

int CreateMemory() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = memfd_create("halt", kFlags | MFD_EXEC);
  return fd >= 0 || errno != EINVAL ? fd : memfd_create("halt", kFlags);
}

}  // namespace

Result<HaltProgram> HaltProgram::Load(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0) return LastError();
  HaltProgram program;
  program.memory_ = Fd(CreateMemory());
  if (!program.memory_) return LastError();
  for (off_t done = 0; done < info.st_size;) {
    const ssize_t size = sendfile(program.memory_.get(), file.get(), nullptr,
                                  static_cast<size_t>(info.st_size - done));
    if (size < 0) return LastError();
    if (size == 0) return std::make_error_code(std::errc::io_error);
    done += size;
  }
  fchmod(program.memory_.get(), 0755);
  fcntl(program.memory_.get(), F_ADD_SEALS,
        F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  return program;
}

std::error_code HaltProgram::Become(const std::vector<std::string>& argv,
                                    const std::vector<std::string>& env,
                                    const std::vector<std::string>& fallbacks) const {
  // rc has blocked it. From here on nobody turns this shutdown back.
  signal(SIGTERM, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const std::vector<char*> args = Argv(argv), environment = Argv(env);
  if (memory_) fexecve(memory_.get(), args.data(), environment.data());
  std::error_code error = LastError();
  for (const std::string& path : fallbacks) {
    execve(path.c_str(), args.data(), environment.data());
    error = LastError();
  }
  return error;
}

}  // namespace curfew
