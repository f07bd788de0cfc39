// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "plan/input.h"

namespace curfew {

/// Groups that follow each other whatever else is said: in 0 and 6 S links after all K links, then
/// what ends the machine.
enum class Rank { kService, kStopByS, kKexec, kPower };

/// A link of the level that takes part in ordering one pass.
struct Member {
  const Link* link = nullptr;
  std::string service;
  int number = 0;  ///< of the link's name
  Rank rank = Rank::kService;
  /// False: stopped or started already. It orders the others and will not run.
  bool runs = true;
};

/// The links of `source` that belong to its pass, K before S, in C-locale or natural order. Those
/// that will not run are noted in plan->left_out, those that should have run also in
/// plan->warnings.
std::vector<Member> FindMembers(const Input& input, const Source& source, Plan* plan);

}  // namespace curfew
