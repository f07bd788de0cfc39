// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/dead_devices.h"

#include <algorithm>
#include <cstdio>

#include "final/storage/mount_plan.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Escapes blanks, newlines and backslashes, for UndoOctal().
std::string Octal(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    char code[8];
    std::snprintf(code, sizeof code, "\\%03o", static_cast<unsigned char>(c));
    escaped += c == ' ' || c == '\n' || c == '\\' ? code : std::string(1, c);
  }
  return escaped;
}

}  // namespace

DeadDevices::DeadDevices(StageContext& context) : context_(context) {
  if (!context.request.in_shutdown) return;
  const std::string text = context.kernel.Read(kPath).value;
  for (const std::string_view line : Lines(text)) {
    const auto blank = line.find(' ');
    if (blank == line.npos) continue;
    targets_[UndoOctal(line.substr(0, blank))] = UndoOctal(line.substr(blank + 1));
  }
}

bool DeadDevices::Carry(const StorageGraph& graph, std::string_view path) const {
  const Mount* mount = graph.MountOf(path);
  if (mount && Contains(mount->device)) return true;
  // A living file system below a dead one is not dead.
  const std::size_t depth = mount ? mount->target.size() : 0;
  return std::any_of(targets_.begin(), targets_.end(), [&](const auto& entry) {
    return entry.second.size() > depth && IsWithin(path, entry.second);
  });
}

bool DeadDevices::Carry(const StorageGraph& graph, const SwapArea& area) const {
  if (targets_.empty()) return false;
  if (Contains(area.path) || (area.is_file && Carry(graph, area.path))) return true;
  std::set<std::string> carriers = graph.Below(area);
  for (const std::string& number : graph.Below(area)) carriers.merge(graph.CarriersOf(number));
  return std::any_of(carriers.begin(), carriers.end(),
                     [&](const std::string& number) { return Contains(number); });
}

bool DeadDevices::Remember(const std::string& device, const std::string& target) {
  if (!targets_.emplace(device, target).second) return false;
  // The stage goes on: two of them, one after the other, are no reason for the dead-man.
  Beat(context_);
  context_.report.Event("dead", {{"device", device}, {"target", target}});
  if (!context_.request.in_shutdown) return true;
  // Another stage may run at the same time, so a line is appended to the file.
  const auto line = Octal(device) + " " + Octal(target) + "\n";
  // Without the file a later stage waits for the device once more.
  if (context_.kernel.Append(kPath, line)) (void)ReplaceFile(context_.kernel, kPath, line);
  return true;
}

void DeadDevices::Forget(const std::string& device) {
  if (targets_.erase(device) == 0 || !context_.request.in_shutdown) return;
  std::string text;
  for (const auto& [name, target] : targets_) text += Octal(name) + " " + Octal(target) + "\n";
  // If that fails the drives below are not flushed by us; the kernel does it at its end.
  (void)ReplaceFile(context_.kernel, kPath, text);
}

}  // namespace curfew
