// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// The SysV family a system belongs to: where its links and settings are, and what they mean.
enum class Layout { kDebian, kSuse, kRedHat, kLfs };

/// Reads a word of LAYOUT=: "debian", "suse", "redhat", "lfs". Returns false for any other word,
/// and then does not change `layout`.
bool ParseLayout(std::string_view word, Layout* layout);
std::string LayoutWord(Layout layout);

/// The directory of the family's settings: "/etc/default" or "/etc/sysconfig".
const char* SettingsDirectory(Layout layout);

/// The layout of the tree below `root`. Never fails; the first that holds:
/// - debian: an /etc/rcN.d is a directory itself (Red Hat's are links);
/// - suse: /etc/init.d has a boot.d or an rcN.d;
/// - lfs, redhat: /etc/rc.d has an rcN.d. /etc/sysconfig/rc.site is only LFS's,
///   /etc/rc.d/init.d/functions only Red Hat's; then /lib/lsb/init-functions says lfs,
///   /var/lock/subsys redhat. With none of these it is lfs: its rules need no lock files;
/// - debian.
Layout DetectLayout(const std::string& root);

}  // namespace curfew
