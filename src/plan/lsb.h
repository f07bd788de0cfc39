// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/tree.h"

namespace curfew {

/// The LSB comment block of an init script, as far as it decides order.
struct Header {
  bool found = false;  ///< there is a "### BEGIN INIT INFO"
  std::vector<std::string> provides;
  std::vector<std::string> required_start, should_start;
  std::vector<std::string> required_stop, should_stop;
  std::vector<std::string> start_before, stop_after;  ///< X-Start-Before, X-Stop-After
  bool interactive = false;                           ///< X-Interactive: true
};

/// Keys in any case, as insserv takes them.
Header ParseHeader(std::string_view text);

/// What insserv.conf says: "$remote_fs" is a list of services and facilities, without their "+"
/// (optional); "<interactive>" lists the services that need the console.
using Facilities = std::map<std::string, std::vector<std::string>>;

/// Later files add to earlier ones. A line that is no definition adds a warning.
Facilities ParseFacilities(const std::vector<TextFile>& files, std::vector<std::string>* warnings);

}  // namespace curfew
