// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/init_libraries.h"

#include <signal.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "config/limits.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{10};

/// A request as sysvinit's <initreq.h> has it: 384 bytes on /run/initctl.
struct InitRequest {
  std::int32_t magic = 0x03091969;
  std::int32_t command = 1;  ///< INIT_CMD_RUNLVL
  std::int32_t runlevel = 'U';
  std::int32_t sleep_time = 3;  ///< Seconds; init's own default.
  char data[368] = {};
};
static_assert(sizeof(InitRequest) == 384);

/// Whether PID 1 maps a deleted file. A child reads /proc/1/maps, which waits for PID 1's memory
/// lock.
Result<bool> InitMapsDeleted(Kernel& kernel) {
  return InChild(kernel, limits::kInitReexec, [&] {
    const auto maps = kernel.Read("/proc/1/maps");
    return maps ? Result<bool>(MapsDeletedFile(maps.value)) : maps.error;
  });
}

}  // namespace

bool MapsDeletedFile(std::string_view maps) {
  constexpr std::array<std::string_view, 4> kNoFiles{"/memfd:", "/SYSV", "/dev/", "/[aio]"};
  while (!maps.empty()) {
    auto line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(line.size() + 1, maps.size()));
    auto slash = line.find('/');
    if (slash == std::string_view::npos || !line.ends_with(" (deleted)")) continue;
    bool file = true;
    for (auto prefix : kNoFiles) file = file && !line.substr(slash).starts_with(prefix);
    if (file) return true;
  }
  return false;
}

void RenewInit(StageContext& context) {
  Kernel& kernel = context.kernel;
  auto stale = InitMapsDeleted(kernel);
  if (!stale && !IsGone(stale.error))
    context.report.Say("init's libraries cannot be checked: " + stale.error.message());
  if (!stale.value) return;
  InitRequest request;
  std::string bytes(sizeof request, '\0');
  std::memcpy(bytes.data(), &request, sizeof request);
  if (InChild(kernel, limits::kInitReexec, [&] { return kernel.Write("/run/initctl", bytes); }))
    return;
  // After --fast it is stopped, and would not listen; an init that does not listen there stays so.
  kernel.Kill(1, SIGCONT);
  const auto end = kernel.Now() + limits::kInitReexec;
  while (!stale || stale.value) {
    if (kernel.Now() >= end) {
      context.report.Say("init still uses deleted files; / may stay writable");
      return;
    }
    kernel.Poll({}, kTick);
    stale = InitMapsDeleted(kernel);
  }
}

}  // namespace curfew
