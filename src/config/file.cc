// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

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

}  // namespace

Result<std::string> ReadRegularFile(const std::string& path, size_t limit) {
  const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return LastError();
  Result<std::string> result = ReadAll(fd, limit);
  close(fd);
  return result;
}

}  // namespace curfew
