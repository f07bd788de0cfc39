// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/log_readers.h"

#include "config/rooted.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Bytes. Groups of a larger file are asked of NSS, as a rule.
constexpr std::size_t kLongest = 1 << 20;

}  // namespace

gid_t LogReaders(Files& files, const std::string& root) {
  const auto path = ResolveBelow(root, "/etc/group");
  const auto text = path ? files.ReadRegular(path.value, kLongest) : path;
  for (std::string_view line : Lines(text.value)) {
    // adm:x:4:
    if (!line.starts_with("adm:")) continue;
    line.remove_prefix(line.find(':') + 1);
    const auto password = line.find(':');
    if (password == line.npos) continue;
    line.remove_prefix(password + 1);
    if (const auto id = ParseNumber<gid_t>(line.substr(0, line.find(':')))) return *id;
  }
  return 0;
}

}  // namespace curfew
