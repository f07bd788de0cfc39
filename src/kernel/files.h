// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "kernel/result.h"

namespace curfew {

/// Files, directories and open descriptors. Every descriptor is close-on-exec, and no open waits
/// for a device or for the other end of a FIFO.
class Files {
 public:
  virtual ~Files() = default;

  virtual Result<std::string> Read(const std::string& path) = 0;
  /// Reads a regular file of at most `most` bytes; errc::invalid_argument if it is no regular file,
  /// errc::file_too_large if it has more. A device is not even opened.
  virtual Result<std::string> ReadRegular(const std::string& path, std::size_t most) = 0;
  /// The names in a directory, without "." and "..".
  virtual Result<std::vector<std::string>> List(const std::string& dir) = 0;
  virtual Result<std::string> ReadLink(const std::string& path) = 0;
  /// stat(2): follows links.
  virtual Result<struct stat> Stat(const std::string& path) = 0;
  /// getxattr(2), for a value of at most 64 bytes: follows links.
  virtual Result<std::string> GetAttribute(const std::string& path, const std::string& name) = 0;

  /// Writes to a file that exists (O_WRONLY).
  virtual std::error_code Write(const std::string& path, std::string_view bytes) = 0;
  /// Appends to a file that exists, and fsyncs it.
  virtual std::error_code Append(const std::string& path, std::string_view bytes) = 0;
  /// Appends one record to a file of records of this size, such as wtmp, and fsyncs it, where it
  /// can be. As glibc's updwtmp(3) does, first cuts off what an earlier writer left of a record,
  /// and takes back a record of its own that is not whole.
  virtual std::error_code AppendRecord(const std::string& path, std::string_view bytes) = 0;
  /// Creates a file of this mode or empties one, writes to it and fsyncs it. Follows no link.
  virtual std::error_code Create(const std::string& path, std::string_view bytes, mode_t mode) = 0;
  virtual std::error_code SetGroup(const std::string& path, gid_t group) = 0;
  virtual std::error_code Rename(const std::string& from, const std::string& to) = 0;
  virtual std::error_code Unlink(const std::string& path) = 0;
  virtual std::error_code Symlink(const std::string& target, const std::string& path) = 0;
  /// mkdir(2), mode 0755.
  virtual std::error_code MakeDirectory(const std::string& path) = 0;

  virtual Result<int> Open(const std::string& path, int flags) = 0;
  /// A file in memory, without a name (memfd_create(2)).
  virtual Result<int> OpenMemory() = 0;
  virtual void Close(int fd) = 0;
  virtual Result<int> Ioctl(int fd, unsigned long request, void* argument) = 0;
  virtual std::error_code Fsync(int fd) = 0;
  /// One read(2): from the beginning of a file, what comes next of a device; 8 KiB at the most.
  virtual Result<std::string> ReadOpen(int fd) = 0;
  virtual std::error_code WriteOpen(int fd, std::string_view bytes) = 0;
};

/// Creates or replaces a file, and its directory if it is missing. A rename puts the file in place:
/// a reader sees the old bytes or the new ones.
std::error_code ReplaceFile(Files& files, const std::string& path, std::string_view bytes);

/// Makes `path` a link to `target`; makes its directory, removes what was there.
std::error_code ReplaceLink(Files& files, const std::string& target, const std::string& path);

/// The first line of a small file, without blanks around it; empty if it cannot be read.
std::string ReadLine(Files& files, const std::string& path);

/// Whether `path` leads to a regular file that may be executed.
bool IsProgram(Files& files, const std::string& path);

}  // namespace curfew
