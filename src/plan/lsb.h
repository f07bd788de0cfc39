// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plan/tree.h"

namespace curfew {

/// How much of a script is read to find its LSB header, which stands at the beginning.
inline constexpr size_t kMostHeader = 4 << 20;

/// The lines of the LSB header in `script`, from the one with "### BEGIN INIT INFO" to the one with
/// "### END INIT INFO", or to the end of the text. Empty if there is no header. As insserv 1.24
/// reads it, each mark may stand anywhere in a line that begins with "#".
std::string_view FindHeader(std::string_view script);

/// The parts of an LSB header that decide order.
struct Header {
  bool found = false;  ///< there is a header
  std::vector<std::string> provides;
  std::vector<std::string> required_start, should_start;
  std::vector<std::string> required_stop, should_stop;
  std::vector<std::string> start_before, stop_after;  ///< X-Start-Before, X-Stop-After
  bool interactive = false;                           ///< X-Interactive: true
};

/// Parses the header in the text of a script. Keys count in any case, as for insserv.
Header ParseHeader(std::string_view script);

/// The definitions of insserv.conf: "$remote_fs" is a list of services and facilities, without the
/// "+" that marks optional ones; "<interactive>" lists the services that need the console.
using Facilities = std::map<std::string, std::vector<std::string>>;

/// Later files add to earlier ones. A line that is no definition adds a warning.
Facilities ParseFacilities(const std::vector<TextFile>& files, std::vector<std::string>* warnings);

}  // namespace curfew
