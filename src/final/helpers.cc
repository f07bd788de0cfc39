// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/helpers.h"

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

milliseconds Until(Kernel& kernel, microseconds deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - kernel.Now()), milliseconds(0));
}

}  // namespace

void RunBeside(StageContext& context, milliseconds limit,
               const std::function<std::error_code()>& work,
               const std::function<void(std::error_code)>& done) {
  const auto deadline = context.kernel.Now() + limit;
  auto child = context.kernel.Start(work);
  if (!child) return done(child.error);
  context.helpers.push_back({child.value, deadline, done});
}

void Settle(StageContext& context) {
  for (const Helper& helper : context.helpers)
    helper.done(context.kernel.Await(helper.child, Until(context.kernel, helper.deadline)));
  context.helpers.clear();
}

}  // namespace curfew
