// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/match.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

std::string ProcPath(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + name;
}

/// The value behind "KEY:" in /proc/PID/status.
std::string_view StatusField(std::string_view status, std::string_view key) {
  for (const std::string_view line : Lines(status))
    if (line.starts_with(key)) return line.substr(std::min(key.size() + 1, line.size()));
  return {};
}

/// The number at the beginning of a pidfile, as scanf(3) reads it. 0: there is none above 0. dpkg
/// would signal a whole process group, or all processes, for a number below 1.
pid_t FirstNumber(std::string_view text) {
  while (!text.empty() && IsBlank(text[0])) text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return ParseCount(text.substr(0, digits)).value_or(0);
}

std::error_code ForDpkg() {
  return std::make_error_code(std::errc::operation_not_permitted);
}

/// The number of a user in /etc/passwd. An error for any other user: dpkg's program asks all
/// services of nsswitch.conf(5).
Result<uid_t> UserNumber(Kernel& kernel, std::string_view name) {
  const auto users = kernel.Read("/etc/passwd");
  if (!users) return users.error;
  for (const std::string_view line : Lines(users.value)) {
    const auto fields = Split(line, ':');
    if (fields.size() != 7 || fields[0] != name) continue;
    const auto number = ParseNumber<uid_t>(fields[2]);
    return number ? Result<uid_t>(*number) : ForDpkg();
  }
  return ForDpkg();
}

}  // namespace

std::error_code Match::Prepare() {
  if (!options_.exec.empty()) {
    const auto program = kernel_.Stat(options_.exec);
    if (!program) return program.error;
    program_ = program.value;
  }
  if (!options_.as_user.empty())
    if (const auto user = UserNumber(kernel_, options_.as_user); !user) return user.error;
  if (const auto number = ParseCount(options_.user)) {
    user_ = static_cast<uid_t>(*number);
  } else if (!options_.user.empty()) {
    const auto user = UserNumber(kernel_, options_.user);
    if (!user) return user.error;
    user_ = user.value;
  }
  named_ = options_.pid;
  return options_.pidfile.empty() ? std::error_code() : ReadPidfile();
}

std::error_code Match::ReadPidfile() {
  const auto file = kernel_.Open(options_.pidfile, O_RDONLY);
  if (file.error == std::errc::no_such_file_or_directory) return {};
  if (!file) return file.error;
  const auto info = kernel_.Stat("/proc/self/fd/" + std::to_string(file.value));
  const auto text = kernel_.ReadOpen(file.value);
  kernel_.Close(file.value);
  if (!info) return info.error;
  if (!text) return text.error;
  const struct stat& found = info.value;
  if (options_.pidfile != "/dev/null") {
    const bool trusted = (found.st_uid == 0 || found.st_uid == getuid()) &&
                         (found.st_gid == 0 || found.st_gid == getgid());
    if ((found.st_mode & S_IWOTH) != 0 || (options_.OnlyPidfile() && !trusted)) return ForDpkg();
  }
  named_ = FirstNumber(text.value);
  return {};
}

Result<std::vector<pid_t>> Match::Find() {
  std::vector<pid_t> found;
  if (options_.pid > 0 || !options_.pidfile.empty()) {
    if (named_ > 0 && Is(named_)) found.push_back(named_);
    return found;
  }
  const auto names = kernel_.List("/proc");
  if (!names) return names.error;
  for (const std::string& name : names.value)
    if (const pid_t pid = ParsePid(name); pid > 0 && Is(pid)) found.push_back(pid);
  std::sort(found.begin(), found.end());
  return found;
}

/// The file may have been replaced meanwhile, as by an upgrade: what has its name now counts.
bool Match::RunsProgram(pid_t pid) {
  constexpr std::string_view kDeleted = " (deleted)";
  auto path = kernel_.ReadLink(ProcPath(pid, "/exe"));
  if (!path) return false;
  if (path.value.ends_with(kDeleted)) path.value.resize(path.value.size() - kDeleted.size());
  const auto file = kernel_.Stat(path.value);
  return file && file.value.st_dev == program_.st_dev && file.value.st_ino == program_.st_ino;
}

bool Match::Is(pid_t pid) {
  if (!options_.exec.empty() && !RunsProgram(pid)) return false;
  if (!options_.user.empty()) {
    const auto info = kernel_.Stat(ProcPath(pid, ""));
    if (!info || info.value.st_uid != user_) return false;
  }
  if (options_.parent == 0 && options_.name.empty()) return true;
  const auto status = kernel_.Read(ProcPath(pid, "/status"));
  if (!status) return false;
  if (options_.parent > 0 && ParsePid(StatusField(status.value, "PPid:")) != options_.parent)
    return false;
  return options_.name.empty() || StatusField(status.value, "Name:") == options_.name;
}

}  // namespace curfew
