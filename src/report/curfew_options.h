// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace curfew {

/// The command line of curfew.
struct CurfewOptions {
  std::string root;                ///< TreePrefix() of --root; "" is the machine itself
  std::vector<std::string> words;  ///< the command and its operands
  std::vector<std::string> given;  ///< names of the options on the command line, without root
  bool all = false;
  bool boot = false;
  bool json = false;
  bool dot = false;
  std::string why;
  bool help = false;
  bool version = false;
};

/// Returns what is wrong, for people, not escaped; empty: nothing is, and `options` are set.
/// Whether the command has these options is not looked at.
std::string ParseCurfewOptions(int argc, const char* const* argv, CurfewOptions* options);

}  // namespace curfew
