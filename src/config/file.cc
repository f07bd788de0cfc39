// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "kernel/fd.h"

namespace curfew {
namespace {

Result<std::string> ReadAll(int fd, size_t limit) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return LastError();
  if (!S_ISREG(status.st_mode)) return std::make_error_code(std::errc::invalid_argument);
  std::string text;
  // One byte more than the size lets the first read show the end. In procfs the size is 0.
  size_t chunk = std::clamp<size_t>(status.st_size + 1, 4096, 1 << 20);
  while (text.size() < limit) {
    const size_t old = text.size();
    text.resize(old + std::min(chunk, limit - old));
    ssize_t got = read(fd, text.data() + old, text.size() - old);
    if (got < 0 && errno == EINTR)
      got = 0;
    else if (got < 0)
      return LastError();
    else if (got == 0)
      limit = 0;
    text.resize(old + got);
  }
  return text;
}

Result<std::string> ReadOnce(const std::string& path, size_t limit) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return LastError();
  return ReadAll(fd.get(), limit);
}

Result<std::vector<std::string>> ListOnce(const std::string& path) {
  DIR* dir = opendir(path.c_str());
  if (!dir) return LastError();
  Result<std::vector<std::string>> names;
  errno = 0;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.value.push_back(name);
    errno = 0;
  }
  if (errno != 0) names = LastError();
  closedir(dir);
  std::sort(names.value.begin(), names.value.end());
  return names;
}

bool CanPass(std::error_code error) {
  return error && error != std::errc::no_such_file_or_directory &&
         error != std::errc::not_a_directory && error != std::errc::invalid_argument;
}

}  // namespace

Result<std::string> ReadRegularFile(const std::string& path, size_t limit) {
  Result<std::string> text = ReadOnce(path, limit);
  return CanPass(text.error) ? ReadOnce(path, limit) : text;
}

Result<std::vector<std::string>> ListDirectory(const std::string& path) {
  Result<std::vector<std::string>> names = ListOnce(path);
  return CanPass(names.error) ? ListOnce(path) : names;
}

}  // namespace curfew
