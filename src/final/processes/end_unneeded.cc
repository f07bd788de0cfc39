// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/end_unneeded.h"

#include <string>

#include "final/processes/end_processes.h"
#include "final/processes/skip_list.h"

namespace curfew {

bool EndUnneeded(StageContext& context) {
  if (!context.request.last) return false;
  SkipList skip_list(context, FuseUse::kCarries);
  const ProcessNames ended = EndProcesses(context, skip_list).ended;
  const int count = ended.Count();
  if (count == 0) return false;
  context.report.Say(std::to_string(count) + (count == 1 ? " process" : " processes") +
                     " that nothing needs any more ended: " + ended.Text());
  context.report.Event("ended", {{"count", std::to_string(count)}, {"names", ended.Text(), true}});
  return true;
}

}  // namespace curfew
