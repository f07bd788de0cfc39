// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/kernel_starts.h"

#include "config/limits.h"
#include "kernel/in_child.h"

namespace curfew {
namespace {

/// core(5): an empty pattern and no pid make no file. A pipe to a program would start one for each
/// process that dies, from a disk that may be dying.
void StopCoreFiles(Kernel& kernel) {
  (void)kernel.Write("/proc/sys/kernel/core_uses_pid", "0");
  (void)kernel.Write("/proc/sys/kernel/core_pattern", "\n");
}

/// Linux Documentation/admin-guide/binfmt-misc.rst: -1 removes all entries. They live on where
/// their file system was unmounted.
void ForgetInterpreters(Kernel& kernel) {
  constexpr const char* kDirectory = "/proc/sys/fs/binfmt_misc";
  constexpr const char* kStatus = "/proc/sys/fs/binfmt_misc/status";
  if (!kernel.List(kDirectory)) return;  // The kernel has no such handlers.
  if (kernel.Write(kStatus, "-1") != std::errc::no_such_file_or_directory) return;
  if (!kernel.Mount("binfmt_misc", kDirectory, "binfmt_misc", 0, ""))
    (void)kernel.Write(kStatus, "-1");
}

}  // namespace

void StopKernelStarts(StageContext& context) {
  if (!context.request.in_shutdown || context.request.container) return;
  Kernel& kernel = context.kernel;
  StopCoreFiles(kernel);
  // It closes files, maybe of a file system that does not answer.
  (void)InChild(kernel, limits::kInterpreters, [&] {
    ForgetInterpreters(kernel);
    return std::error_code();
  });
}

}  // namespace curfew
