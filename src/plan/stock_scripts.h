// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace curfew {

/// One of Debian's own versions of a script.
struct StockScript {
  std::string_view service;
  std::string_view digest;  ///< ScriptDigest() of its text
};

/// All versions that are known. The program src/plan/stock-scripts writes the table from Debian's
/// archive.
std::span<const StockScript> StockScripts();

/// The MD5 of the lines of a script that do something: whole lines of comment, empty lines, blanks
/// at both ends of a line and all but one of several do not count. "#!" counts, and all counts
/// behind the first "<<": a here-document may begin there. So does a line behind a "\", which an
/// empty line would end. Blanks within quotes do not count, so a message may differ.
std::string ScriptDigest(std::string_view script);

/// Whether `script` is one of Debian's own versions of the service's script.
bool IsStockScript(std::string_view service, std::string_view script);

}  // namespace curfew
