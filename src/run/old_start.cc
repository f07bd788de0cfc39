// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/old_start.h"

#include <utility>

namespace curfew {

std::error_code OldStart::Wait(const Ledger::Running& start, std::chrono::seconds limit,
                               std::function<void()> on_over) {
  const std::error_code error =
      process_.Adopt(loop_, start.pid, start.start_time, [this](ExitStatus) { Over(); });
  if (error) return error;
  on_over_ = std::move(on_over);
  timer_.expires_after(limit);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) Over();
  });
  return {};
}

bool OldStart::Cancel() {
  timer_.cancel();
  return std::exchange(on_over_, nullptr) != nullptr;
}

void OldStart::Over() {
  timer_.cancel();
  if (const auto over = std::exchange(on_over_, nullptr)) over();
}

}  // namespace curfew
