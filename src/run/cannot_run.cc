// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/cannot_run.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <string_view>

#include "config/file.h"
#include "config/rooted.h"

namespace curfew {
namespace {

/// The kernel reads no more of a script's first line (BINPRM_BUF_SIZE).
constexpr size_t kFirstLine = 256;

/// Why the file cannot be executed; empty: it can.
std::string WhyNotExecutable(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? "missing" : LastError().message();
  }
  if (S_ISDIR(status.st_mode)) return "a directory";
  if (!S_ISREG(status.st_mode)) return "no regular file";
  // Of anybody: root may execute it then.
  if ((status.st_mode & 0111) == 0) return "not executable";
  struct statvfs file_system {};
  const bool known = statvfs(path.c_str(), &file_system) == 0;
  return known && (file_system.f_flag & ST_NOEXEC) != 0 ? "on a file system mounted noexec" : "";
}

/// The program of a "#!" line; empty: rc runs the script by /bin/sh.
std::string InterpreterOf(std::string_view text) {
  if (!text.starts_with("#!")) return {};
  text = text.substr(2, text.find('\n') - 2);
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return std::string(text.substr(0, text.find_first_of(" \t")));
}

}  // namespace

std::string WhyCannotRun(const std::string& root, const std::string& path) {
  const Result<std::string> real = ResolveBelow(root, path);
  if (!real) return real.error.message();
  if (const std::string why = WhyNotExecutable(real.value); !why.empty()) return why;
  const Result<std::string> text = ReadRegularFile(real.value, kFirstLine);
  // An ordinary user may not read each script that root runs.
  if (!text) return {};
  const std::string interpreter = InterpreterOf(text.value);
  if (interpreter.empty()) return {};
  // rc runs in /.
  const std::string why = WhyNotExecutable(interpreter[0] == '/' ? interpreter : "/" + interpreter);
  return why.empty() ? why : "its interpreter " + interpreter + " is " + why;
}

}  // namespace curfew
