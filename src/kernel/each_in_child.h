// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// Calls that may each hang in the kernel (design, rule R2).
struct LimitedCalls {
  std::size_t count = 0;
  /// How long one may take; while it gets on, how long it may take without.
  std::chrono::milliseconds limit{0};
  /// Makes call `i`, in a child; returns 0 or an errno, as the caller likes. ETIMEDOUT says that
  /// the other side does not answer: the call is missed.
  std::function<int(std::size_t)> call;
  /// What call `i` uses: a device, a server. Of the calls on one thing one is made at a time, in
  /// order, and none after one that was missed. Left out: each uses a thing of its own.
  std::function<std::string(std::size_t)> on = {};
  /// Hears, here, the number of each call that was missed.
  std::function<void(std::size_t)> missed = {};
  /// Whether call `i` has got on since this was last asked about it; asked here, each second.
  std::function<bool(std::size_t)> got_on = {};
};

/// Makes the calls in order, in a child, for a fork for each of 5,000 mounts would cost more than
/// the mounts. A call that takes long keeps its child, and another child goes on with the calls on
/// other things: all that hang together cost one limit.
///
/// Returns what each call returned; ETIMEDOUT for those that missed their limit, ECANCELED for
/// those after them on the same thing. Where no child can be had, all calls left yield that error.
std::vector<int> EachInChild(Kernel& kernel, const LimitedCalls& calls);

/// The same for calls that have nothing in common.
std::vector<int> EachInChild(Kernel& kernel, std::size_t count, std::chrono::milliseconds limit,
                             const std::function<int(std::size_t)>& call,
                             const std::function<void(std::size_t)>& missed = {});

}  // namespace curfew
