// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <system_error>

namespace curfew {

/// Why a loop of Asio's would never see an event: epoll(7) takes no descriptor, as where
/// fs.epoll.max_user_watches is used up. Clear if it takes one.
std::error_code LoopError();

}  // namespace curfew
