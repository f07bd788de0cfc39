// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/files.h"
#include "trace/asker.h"

namespace curfew {

/// Who asked for a change of level. Nothing in it is guessed.
struct LevelRequest {
  enum class By {
    kInit,  ///< init started rc; who asked init is not known
    kRc,    ///< `asker` called rc
    kHalt,  ///< `asker` called halt, poweroff or reboot, which asked init
  };
  By by = By::kInit;
  Asker asker = {};
  std::chrono::microseconds before{0};  ///< from the call of halt to rc
};

/// Leaves for rc, in /run/curfew, that `asker` asks init for `level` now (CLOCK_BOOTTIME). init may
/// wait for `delay` before it starts rc. Where a shutdown(8) waits already, which then is the one
/// that asks init, nothing is left.
std::error_code RecordRequest(Files& files, const Asker& asker, char level,
                              std::chrono::microseconds now, std::chrono::seconds delay);

/// Who asked for the change to `level` that rc begins `now`. Takes the record of halt away: it
/// counts once, if init started rc for that level within the delay and a minute. An older record is
/// of a call that failed.
LevelRequest TakeRequest(Files& files, const std::string& root, std::string_view level,
                         std::chrono::microseconds now, uid_t uid);

}  // namespace curfew
