// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/files.h"

#include "text/text.h"

namespace curfew {

std::error_code ReplaceFile(Files& files, const std::string& path, std::string_view bytes) {
  const std::string fresh = path + ".new";
  files.MakeDirectory(path.substr(0, path.rfind('/')));
  if (auto error = files.Create(fresh, bytes, 0644)) return error;
  return files.Rename(fresh, path);
}

std::error_code ReplaceLink(Files& files, const std::string& target, const std::string& path) {
  files.MakeDirectory(path.substr(0, path.rfind('/')));
  files.Unlink(path);
  return files.Symlink(target, path);
}

std::string ReadLine(Files& files, const std::string& path) {
  return std::string(Trimmed(FirstLine(files.Read(path).value)));
}

bool IsProgram(Files& files, const std::string& path) {
  const auto info = files.Stat(path);
  return info && S_ISREG(info.value.st_mode) && (info.value.st_mode & 0111);
}

}  // namespace curfew
