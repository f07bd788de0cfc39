// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/original.h"

#include <sys/auxv.h>
#include <unistd.h>

namespace curfew {
namespace {

/// dpkg 1.21 has it in /sbin, that of Debian 13 in /usr/sbin. The names at the end are where the
/// diversion of our page keeps it.
constexpr const char* kPlaces[] = {
    "/sbin/start-stop-daemon",
    "/usr/sbin/start-stop-daemon",
    "/sbin/start-stop-daemon.dpkg",
    "/usr/sbin/start-stop-daemon.dpkg",
};

}  // namespace

std::optional<struct stat> OwnFile(Kernel& kernel) {
  if (const auto file = kernel.Stat("/proc/self/exe")) return file.value;
  // /proc may not be mounted yet.
  const auto* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (!path) return std::nullopt;
  if (const auto file = kernel.Stat(path)) return file.value;
  return std::nullopt;
}

std::vector<std::string> Originals(Kernel& kernel, const std::optional<struct stat>& own) {
  std::vector<std::string> found;
  for (const char* place : kPlaces) {
    const auto file = kernel.Stat(place);
    if (!file) continue;
    const bool is_own = own && file.value.st_dev == own->st_dev && file.value.st_ino == own->st_ino;
    if (is_own)
      found.clear();
    else
      found.push_back(place);
  }
  return found;
}

std::error_code BecomeOriginal(Kernel& kernel, char* const* argv) {
  auto error = std::make_error_code(std::errc::no_such_file_or_directory);
  for (const std::string& place : Originals(kernel, OwnFile(kernel))) {
    execv(place.c_str(), argv);
    error = LastError();
  }
  return error;
}

}  // namespace curfew
