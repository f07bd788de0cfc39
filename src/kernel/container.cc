// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/container.h"

#include <string>

#include "kernel/in_child.h"

namespace curfew {
namespace {

/// PROC_PID_INIT_INO of the kernel: the first PID namespace has this number on every machine.
constexpr const char* kInitialPidNamespace = "pid:[4026531836]";
/// The environment may be on a swap area that does not answer.
constexpr std::chrono::seconds kEnvironment{2};

bool InitSaysContainer(Files& files) {
  const std::string environment = std::string(1, '\0') + files.Read("/proc/1/environ").value;
  return environment.find(std::string("\0container=", 11)) != environment.npos;
}

}  // namespace

bool InContainer(Kernel& kernel) {
  const auto pids = kernel.ReadLink("/proc/self/ns/pid");
  if (pids && pids.value != kInitialPidNamespace) return true;
  return InChild(kernel, kEnvironment, [&] { return InitSaysContainer(kernel); }).value;
}

}  // namespace curfew
