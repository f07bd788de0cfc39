// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/dead_devices.h"

#include <algorithm>
#include <cstdio>

#include "final/storage/mount_plan.h"

namespace curfew {
namespace {

/// Blanks, newlines and backslashes as UndoOctal() reads them.
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
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const auto blank = line.find(' ');
    if (blank == line.npos) continue;
    targets_[UndoOctal(line.substr(0, blank))] = UndoOctal(line.substr(blank + 1));
  }
}

bool DeadDevices::Carry(std::string_view path) const {
  return std::any_of(targets_.begin(), targets_.end(), [&](const auto& entry) {
    return entry.second.starts_with('/') && IsWithin(path, entry.second);
  });
}

bool DeadDevices::Remember(const std::string& device, const std::string& target) {
  if (!targets_.emplace(device, target).second) return false;
  context_.report.Event("dead", {{"device", device}, {"target", target}});
  if (!context_.request.in_shutdown) return true;
  // Another stage may run beside this one: a line is added, not the whole file written.
  const auto line = Octal(device) + " " + Octal(target) + "\n";
  if (context_.kernel.Append(kPath, line)) context_.kernel.Store(kPath, line);
  return true;
}

}  // namespace curfew
