// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <system_error>

namespace curfew {

/// Why no script could be run. A loop of Asio's would never see an event: epoll(7) takes no
/// descriptor, as where fs.epoll.max_user_watches is used up. Or one script needs more descriptors
/// than RLIMIT_NOFILE leaves. Clear if all is there.
std::error_code LoopError();

}  // namespace curfew
