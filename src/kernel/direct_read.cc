// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/direct_read.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace curfew {
namespace {

/// Memory, place and length of a direct read are multiples of the logical block of the disk, which
/// is 512 bytes or 4 KiB (open(2)).
constexpr std::size_t kAlignment = 4096;

}  // namespace

Result<std::string> ReadDirect(int fd, std::uint64_t offset, std::size_t length) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return LastError();
  if (!(flags & O_DIRECT)) return std::make_error_code(std::errc::invalid_argument);
  const std::size_t before = offset % kAlignment;
  const std::size_t size = (before + length + kAlignment - 1) / kAlignment * kAlignment;
  const std::unique_ptr<char, void (*)(void*)> buffer(
      static_cast<char*>(std::aligned_alloc(kAlignment, size)), std::free);
  if (!buffer) return std::make_error_code(std::errc::not_enough_memory);
  ssize_t got = 0;
  do {
    got = pread(fd, buffer.get(), size, static_cast<off_t>(offset - before));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return LastError();
  if (static_cast<std::size_t>(got) < before + length)
    return std::make_error_code(std::errc::io_error);
  return std::string(buffer.get() + before, length);
}

}  // namespace curfew
