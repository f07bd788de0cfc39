// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/layout.h"

#include <sys/stat.h>
#include <unistd.h>

#include "config/rooted.h"

namespace curfew {
namespace {

constexpr std::string_view kLevels = "0123456S";

struct Name {
  std::string_view word;
  Layout layout;
};

constexpr Name kNames[] = {{"debian", Layout::kDebian},
                           {"suse", Layout::kSuse},
                           {"redhat", Layout::kRedHat},
                           {"lfs", Layout::kLfs}};

bool Exists(const std::string& root, const std::string& path) {
  const Result<std::string> real = ResolveBelow(root, path);
  return real && access(real.value.c_str(), F_OK) == 0;
}

bool IsDirectory(const std::string& root, const std::string& path) {
  const Result<std::string> real = ResolveBelow(root, path);
  struct stat status {};
  return real && stat(real.value.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Whether `path` is a directory itself, not a link to one.
bool IsOwnDirectory(const std::string& root, const std::string& path) {
  struct stat status {};
  return lstat((root + path).c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool AnyLevel(const std::string& root, const std::string& prefix,
              bool (*is)(const std::string& root, const std::string& path)) {
  for (const char level : kLevels) {
    if (is(root, prefix + level + ".d")) return true;
  }
  return false;
}

}  // namespace

bool ParseLayout(std::string_view word, Layout* layout) {
  for (const Name& name : kNames) {
    if (name.word != word) continue;
    *layout = name.layout;
    return true;
  }
  return false;
}

std::string LayoutWord(Layout layout) {
  for (const Name& name : kNames) {
    if (name.layout == layout) return std::string(name.word);
  }
  return {};
}

const char* SettingsDirectory(Layout layout) {
  return layout == Layout::kDebian ? "/etc/default" : "/etc/sysconfig";
}

Layout DetectLayout(const std::string& root) {
  if (AnyLevel(root, "/etc/rc", IsOwnDirectory)) return Layout::kDebian;
  if (IsDirectory(root, "/etc/init.d/boot.d") || AnyLevel(root, "/etc/init.d/rc", IsDirectory)) {
    return Layout::kSuse;
  }
  if (!AnyLevel(root, "/etc/rc.d/rc", IsDirectory)) return Layout::kDebian;
  if (Exists(root, "/etc/sysconfig/rc.site")) return Layout::kLfs;
  if (Exists(root, "/etc/rc.d/init.d/functions")) return Layout::kRedHat;
  if (Exists(root, "/lib/lsb/init-functions")) return Layout::kLfs;
  return Exists(root, "/var/lock/subsys") ? Layout::kRedHat : Layout::kLfs;
}

}  // namespace curfew
