// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <string>
#include <string_view>

namespace curfew {

/// What is wrong with a command line, for people; not escaped. what() of Boost replaces
/// placeholders such as "%canonical_option%" in the caller's own words, too, and does not end where
/// such a word holds its own placeholder. So where a word has a '%', what() is not asked.
inline std::string OptionErrorText(const boost::program_options::error& error, int argc,
                                   const char* const* argv) {
  const auto* named = dynamic_cast<const boost::program_options::error_with_option_name*>(&error);
  const bool placeholder = std::any_of(argv, argv + argc, [](std::string_view word) {
    return word.find('%') != std::string_view::npos;
  });
  if (!named || !placeholder) return error.what();
  return "wrong option or value: '" + named->get_option_name() + "'";
}

}  // namespace curfew
