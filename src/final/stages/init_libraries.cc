// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/stages/init_libraries.h"

#include <signal.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "config/limits.h"

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

/// /proc/1/maps waits for PID 1's memory lock, so a child looks.
bool InitMapsDeleted(Kernel& kernel) {
  auto answer = kernel.InChild(limits::kInitReexec, [&] {
    return MapsDeletedFile(kernel.Read("/proc/1/maps").value)
               ? std::make_error_code(std::errc::text_file_busy)
               : std::error_code();
  });
  return answer == std::errc::text_file_busy;
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
  if (!InitMapsDeleted(kernel)) return;
  InitRequest request;
  std::string bytes(sizeof request, '\0');
  std::memcpy(bytes.data(), &request, sizeof request);
  if (kernel.InChild(limits::kInitReexec, [&] { return kernel.Write("/run/initctl", bytes); }))
    return;
  // After --fast it is stopped, and would not listen; an init that does not listen there stays so.
  kernel.Kill(1, SIGCONT);
  const auto end = kernel.Now() + limits::kInitReexec;
  while (InitMapsDeleted(kernel)) {
    if (kernel.Now() >= end) {
      context.report.Say("init still uses deleted files; / may stay writable");
      return;
    }
    kernel.Poll({}, kTick);
  }
}

}  // namespace curfew
