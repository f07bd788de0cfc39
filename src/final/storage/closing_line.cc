// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/closing_line.h"

#include <set>

#include "final/storage/dead_devices.h"
#include "kernel/run_files.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr std::size_t kMostNames = 4;

/// "/srv (does not answer)", each once.
std::set<std::string> NotClean(StageContext& context) {
  std::set<std::string> found;
  auto writable = context.left_writable;
  // A dead swap area loses nothing that outlives the machine.
  const DeadDevices dead(context);
  for (const auto& [device, target] : dead.Targets())
    if (target != "swap") writable.emplace(target, "does not answer");
  for (const auto& [target, why] : writable) found.insert(target + " (" + why + ")");
  if (!context.request.in_shutdown) return found;
  const std::string text = context.kernel.Read(run_files::kUnwritten).value;
  for (const std::string_view line : Lines(text)) found.emplace(line);
  return found;
}

}  // namespace

std::string ClosingLine::Text() const {
  return left.empty() ? "all file systems are clean: unmounted or read-only" : "not clean: " + left;
}

ClosingLine MakeClosingLine(StageContext& context) {
  ClosingLine line;
  std::size_t count = 0;
  for (const std::string& name : NotClean(context))
    if (++count <= kMostNames) line.left += (count > 1 ? ", " : "") + name;
  if (count > kMostNames) line.left += " and " + std::to_string(count - kMostNames) + " more";
  return line;
}

}  // namespace curfew
