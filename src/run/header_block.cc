// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/header_block.h"

#include "config/file.h"
#include "config/rooted.h"
#include "plan/lsb.h"

namespace curfew {
std::string HeaderBlock(std::string_view script) {
  const std::string_view header = FindHeader(script);
  return std::string(header.find("### END INIT INFO") == header.npos ? "" : header);
}

Headers ReadHeaderBlocks(const std::string& root, const Plan& plan) {
  Headers blocks;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) {
      const Result<std::string> path = ResolveBelow(root, script.path);
      if (!path || script.kind != ScriptKind::kScript) continue;
      blocks[script.path] = HeaderBlock(ReadRegularFile(path.value, kMostHeader).value);
    }
  }
  return blocks;
}

}  // namespace curfew
