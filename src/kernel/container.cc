// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/container.h"

#include <string>

namespace curfew {
namespace {

/// PROC_PID_INIT_INO of the kernel: the first PID namespace has this number on every machine.
constexpr const char* kInitialPidNamespace = "pid:[4026531836]";

}  // namespace

bool InContainer(Files& files) {
  auto pids = files.ReadLink("/proc/self/ns/pid");
  if (pids && pids.value != kInitialPidNamespace) return true;
  const std::string environment = std::string(1, '\0') + files.Read("/proc/1/environ").value;
  return environment.find(std::string("\0container=", 11)) != environment.npos;
}

}  // namespace curfew
