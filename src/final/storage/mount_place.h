// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "final/storage/mountinfo.h"

/// Where users own a directory above a mount they can exchange it for another while a call is on
/// its way by name. There a call goes by a descriptor whose mount id is that of the mount's line
/// (fdinfo in proc(5), Linux 3.15). Where root alone can rename, it goes by name: a look at the
/// mount itself would wait for a server that does not answer.
namespace curfew {

using CallAt = std::function<std::error_code(const std::string& path)>;

/// Makes `call` with a path whose last component is this mount's point, for umount2(2) with
/// UMOUNT_NOFOLLOW. A mount that moves is followed. errc::invalid_argument: it is no mount any
/// more; errc::no_such_file_or_directory: its point is covered, or moves all the time;
/// errc::filename_too_long: no call takes its path.
std::error_code AtMountPoint(Files& files, const Mount& mount, const CallAt& call);

/// The same with a path to the root of this mount, for what follows links: mount(2), open(2).
std::error_code InMount(Files& files, const Mount& mount, const CallAt& call);

}  // namespace curfew
