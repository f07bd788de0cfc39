// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// Makes `call(0)` ... `call(count - 1)` in order, in a child that the caller does not wait for
/// longer than about `limit` a call (design, rule R2); a fork for each of 5,000 mounts would cost
/// more than the mounts. Returns what each call returned: 0 or an errno, as the caller likes.
///
/// A call that misses its limit yields ETIMEDOUT and `missed` hears its number before the rest goes
/// on in a fresh child, which sees what `missed` changed. Where no child can be had, all calls left
/// yield that error.
std::vector<int> EachInChild(Kernel& kernel, std::size_t count, std::chrono::milliseconds limit,
                             const std::function<int(std::size_t)>& call,
                             const std::function<void(std::size_t)>& missed = {});

}  // namespace curfew
