// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

namespace curfew {

/// `value` as JSON in one line. A terminal that shows it obeys nothing in it: controls that JSON
/// allows in a text (DEL, C1) are escaped as well.
std::string JsonText(const boost::json::value& value);

/// An array as text, a line for each item.
std::string JsonLines(const boost::json::array& items);

/// null where there is none.
boost::json::value JsonNumber(std::optional<long long> number);

}  // namespace curfew
