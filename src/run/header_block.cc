// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/header_block.h"

#include "config/file.h"
#include "config/rooted.h"

namespace curfew {
namespace {

/// An LSB header stands at a script's beginning.
constexpr size_t kMostHeader = 64 << 10;

}  // namespace

std::string HeaderBlock(std::string_view script) {
  static constexpr std::string_view kBegin = "### BEGIN INIT INFO", kEnd = "### END INIT INFO";
  const size_t begin = script.find(kBegin);
  if (begin == script.npos) return {};
  const size_t end = script.find(kEnd, begin);
  if (end == script.npos) return {};
  return std::string(script.substr(begin, end + kEnd.size() - begin));
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
