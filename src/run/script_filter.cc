// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/script_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace curfew {
namespace {

constexpr std::uint32_t kX32 = 0x40000000;  ///< __X32_SYSCALL_BIT

/// Both calls for each ABI that may run below one of these kernels.
constexpr struct {
  std::uint32_t abi, kill, ioctl;
} kCalls[] = {{AUDIT_ARCH_X86_64, 62, 16}, {AUDIT_ARCH_X86_64, kX32 | 62, kX32 | 514},
              {AUDIT_ARCH_I386, 37, 54},   {AUDIT_ARCH_AARCH64, 129, 29},
              {AUDIT_ARCH_ARM, 37, 54},    {AUDIT_ARCH_RISCV64, 129, 29}};

/// The half of an argument that the kernel takes as an int.
constexpr std::uint32_t Argument(std::size_t number) {
  constexpr std::size_t kLow = std::endian::native == std::endian::little ? 0 : 4;
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + 8 * number + kLow);
}

constexpr sock_filter Load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

/// Goes on with the next step, or skips `otherwise` steps.
constexpr sock_filter Equals(std::uint32_t value, std::uint8_t otherwise) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise);
}

constexpr sock_filter Return(std::uint32_t action) {
  return BPF_STMT(BPF_RET | BPF_K, action);
}

}  // namespace

void FilterCalls() {
  constexpr std::size_t kSteps = 15;  ///< for one ABI
  sock_filter steps[std::size(kCalls) * kSteps + 1];
  sock_filter* step = steps;
  for (const auto& [abi, kill, ioctl] : kCalls) {
    *step++ = Load(offsetof(seccomp_data, arch));
    *step++ = Equals(abi, 13);
    *step++ = Load(offsetof(seccomp_data, nr));
    *step++ = Equals(ioctl, 3);
    *step++ = Load(Argument(1));
    *step++ = Equals(TIOCSTI, 9);
    *step++ = Return(SECCOMP_RET_ERRNO | EPERM);
    *step++ = Load(offsetof(seccomp_data, nr));
    *step++ = Equals(kill, 6);
    *step++ = Load(Argument(0));
    *step++ = Equals(static_cast<std::uint32_t>(-1), 4);
    *step++ = Load(Argument(1));
    *step++ = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGKILL, 1, 0);
    *step++ = Equals(SIGSTOP, 1);
    *step++ = Return(SECCOMP_RET_ERRNO | EPERM);
  }
  *step++ = Return(SECCOMP_RET_ALLOW);
  sock_fprog program{static_cast<unsigned short>(step - steps), steps};
  // Without the flag kernels before 5.16 slow the script down (a mitigation of Spectre 4).
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) != 0)
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

}  // namespace curfew
