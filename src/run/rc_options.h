// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace curfew {

inline constexpr char kRcHint[] = "; rc --help says more";

/// The command line of rc.
struct RcOptions {
  std::string root;   ///< TreePrefix() of --root; "" is the machine itself
  std::string level;  ///< as it was given; MakeRequest says whether it counts
  bool dry_run = false;
  bool confirm = false;
  bool help = false;
  bool version = false;
};

/// Returns what is wrong, for people, not escaped; empty: nothing is, and `options` are set.
std::string ParseRcOptions(int argc, const char* const* argv, RcOptions* options);

}  // namespace curfew
