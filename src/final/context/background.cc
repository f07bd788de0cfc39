// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/context/background.h"

#include <algorithm>

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

milliseconds Until(Kernel& kernel, microseconds deadline) {
  return std::max(std::chrono::ceil<milliseconds>(deadline - kernel.Monotonic()), milliseconds(0));
}

}  // namespace

void RunInBackground(StageContext& context, milliseconds limit,
                     const std::function<std::error_code()>& work,
                     const std::function<void(std::error_code)>& done) {
  const auto deadline = context.kernel.Monotonic() + limit;
  const ChildCall<std::error_code> call(context.kernel, work);
  if (call.Refused()) return done(work());
  context.background.push_back({call, deadline, done});
}

void FinishBackground(StageContext& context) {
  for (BackgroundCall& call : context.background)
    call.done(call.call.Finish(context.kernel, Until(context.kernel, call.deadline)));
  context.background.clear();
}

}  // namespace curfew
