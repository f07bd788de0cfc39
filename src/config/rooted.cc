// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/rooted.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace curfew {
namespace {

constexpr int kMostLinks = 40;  // the kernel's limit, path_resolution(7)

/// The text of the symbolic link `path`; empty if `path` is not a link.
std::string LinkText(const std::string& path) {
  char text[PATH_MAX];
  const ssize_t length = readlink(path.c_str(), text, sizeof text);
  return std::string(text, std::max<ssize_t>(length, 0));
}

}  // namespace

Result<std::string> TreePrefix(std::string dir) {
  if (dir.empty()) return std::make_error_code(std::errc::invalid_argument);
  while (!dir.empty() && dir.back() == '/') dir.pop_back();
  return dir.empty() ? "/." : dir;
}

Result<std::string> ResolveBelow(const std::string& root, const std::string& path) {
  if (root.empty()) return path;
  std::string open = path;  // what is still to be walked
  std::string at = root;
  for (int links = 0; !open.empty();) {
    const size_t end = std::min(open.find('/'), open.size());
    const std::string part = open.substr(0, end);
    open.erase(0, end + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (at.size() > root.size()) at.erase(at.rfind('/'));
      continue;
    }
    const std::string next = at + "/" + part;
    const std::string target = LinkText(next);
    if (target.empty()) {
      at = next;
      continue;
    }
    if (++links > kMostLinks) return std::make_error_code(std::errc::too_many_symbolic_link_levels);
    if (target[0] == '/') at = root;
    open = target + "/" + open;
  }
  return at;
}

}  // namespace curfew
