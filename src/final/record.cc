// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/record.h"

#include <utmp.h>

#include <cstring>

namespace curfew {
namespace {

constexpr const char* kWtmp = "/var/log/wtmp";
/// A disk that has not taken 384 bytes by then is dead.
constexpr std::chrono::seconds kLimit{10};

template <size_t N>
void Put(char (&field)[N], std::string_view text) {
  std::memcpy(field, text.data(), std::min(N, text.size()));
}

}  // namespace

std::string ShutdownRecord(std::chrono::microseconds wall_clock, const std::string& release) {
  utmp record{};
  record.ut_type = RUN_LVL;
  Put(record.ut_line, "~~");
  Put(record.ut_id, "~~");
  Put(record.ut_user, "shutdown");
  Put(record.ut_host, release);
  // Two 32-bit values, also where time_t has 64 bits.
  record.ut_tv.tv_sec = static_cast<decltype(record.ut_tv.tv_sec)>(wall_clock.count() / 1000000);
  record.ut_tv.tv_usec = static_cast<decltype(record.ut_tv.tv_usec)>(wall_clock.count() % 1000000);
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

void RecordStage(StageContext& context) {
  if (!context.request.record) return;
  Kernel& kernel = context.kernel;
  const std::string record = ShutdownRecord(kernel.WallClock(), kernel.Release());
  auto error = kernel.InChild(kLimit, [&] { return kernel.Append(kWtmp, record); });
  if (error && error != std::errc::no_such_file_or_directory)
    context.report.Say(std::string(kWtmp) + ": no shutdown record: " + error.message());
}

}  // namespace curfew
