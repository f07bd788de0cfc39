// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/linux_kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <memory>

#include "kernel/fd.h"

namespace curfew {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// With 32 bits stat(2) and readdir(3) fail on large files and inode numbers (_FILE_OFFSET_BITS).
static_assert(sizeof(off_t) == 8 && sizeof(ino_t) == 8);

/// How often a call is made that fails for want of descriptors or memory.
constexpr int kTries = 3;

/// Whether the next try may succeed. No disk is behind /proc and /sys: what is there can be read.
bool MayPass(int error, const std::string& path) {
  if (error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR || error == EAGAIN)
    return true;
  return (path.starts_with("/proc/") || path.starts_with("/sys/")) && error != ENOENT &&
         error != ESRCH && error != EACCES && error != ENOTDIR && error != EINVAL &&
         error != ENODEV && error != ENXIO;
}

/// Makes `call` until it returns something true, or fails with an error that stays.
template <typename Call>
auto Persistently(const std::string& path, Call call) {
  auto result = call();
  for (int tries = 1; tries < kTries && !result && MayPass(errno, path); ++tries) result = call();
  return result;
}

Fd OpenFile(const std::string& path, int flags, mode_t mode = 0) {
  return Persistently(path, [&] {
    return Fd(open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode));
  });
}

std::error_code WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return LastError();
    bytes.remove_prefix(written);
  }
  return {};
}

Result<std::string> ReadAll(int fd, std::size_t most) {
  std::string text;
  char buffer[16384];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return LastError();
    if (got == 0) return text;
    text.append(buffer, got);
    if (text.size() > most) return std::make_error_code(std::errc::file_too_large);
  }
}

microseconds Clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return std::chrono::seconds(t.tv_sec) + microseconds(t.tv_nsec / 1000);
}

}  // namespace

Result<std::string> ReadOnlyKernel::Read(const std::string& path) {
  return Persistently(path, [&]() -> Result<std::string> {
    const Fd file = OpenFile(path, O_RDONLY);
    return file ? ReadAll(file.get(), std::numeric_limits<std::size_t>::max()) : LastError();
  });
}

Result<std::string> ReadOnlyKernel::ReadRegular(const std::string& path, std::size_t most) {
  struct stat info {};
  if (stat(path.c_str(), &info) < 0) return LastError();
  if (!S_ISREG(info.st_mode)) return std::make_error_code(std::errc::invalid_argument);
  const Fd file = OpenFile(path, O_RDONLY);
  if (!file || fstat(file.get(), &info) < 0) return LastError();
  // It may be another file by now.
  if (!S_ISREG(info.st_mode)) return std::make_error_code(std::errc::invalid_argument);
  return ReadAll(file.get(), most);
}

Result<std::vector<std::string>> ReadOnlyKernel::List(const std::string& dir) {
  return Persistently(dir, [&]() -> Result<std::vector<std::string>> {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(dir.c_str()), closedir);
    if (!stream) return LastError();
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(stream.get())) {
      std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      errno = 0;
    }
    if (errno != 0) return LastError();
    return names;
  });
}

Result<std::string> ReadOnlyKernel::ReadLink(const std::string& path) {
  char target[4096];
  ssize_t length = 0;
  Persistently(path, [&] { return (length = readlink(path.c_str(), target, sizeof target)) >= 0; });
  if (length < 0) return LastError();
  return std::string(target, length);
}

Result<struct stat> ReadOnlyKernel::Stat(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) < 0 ? Result<struct stat>(LastError()) : info;
}

Result<std::string> ReadOnlyKernel::GetAttribute(const std::string& path, const std::string& name) {
  char value[64];
  const ssize_t size = getxattr(path.c_str(), name.c_str(), value, sizeof value);
  return size < 0 ? Result<std::string>(LastError()) : std::string(value, size);
}

std::error_code LinuxKernel::Write(const std::string& path, std::string_view bytes) {
  Fd file = OpenFile(path, O_WRONLY);
  return file ? WriteAll(file.get(), bytes) : LastError();
}

std::error_code LinuxKernel::Append(const std::string& path, std::string_view bytes) {
  Fd file = OpenFile(path, O_WRONLY | O_APPEND);
  if (!file) return LastError();
  if (auto error = WriteAll(file.get(), bytes)) return error;
  return Status(fsync(file.get()));
}

std::error_code LinuxKernel::AppendRecord(const std::string& path, std::string_view bytes) {
  Fd file = OpenFile(path, O_WRONLY | O_APPEND);
  struct stat info {};
  if (!file || fstat(file.get(), &info) < 0) return LastError();
  const off_t whole = info.st_size - info.st_size % static_cast<off_t>(bytes.size());
  if (info.st_size != whole && ftruncate(file.get(), whole) < 0) return LastError();
  if (auto error = WriteAll(file.get(), bytes)) {
    if (S_ISREG(info.st_mode)) (void)!ftruncate(file.get(), whole);
    return error;
  }
  // EINVAL: a link to a device, such as /dev/null, has nothing to be written back.
  return fsync(file.get()) < 0 && errno != EINVAL ? LastError() : std::error_code();
}

std::error_code LinuxKernel::SetGroup(const std::string& path, gid_t group) {
  return Status(lchown(path.c_str(), -1, group));
}

std::error_code LinuxKernel::Create(const std::string& path, std::string_view bytes, mode_t mode) {
  Fd file = OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
  if (!file) return LastError();
  if (auto error = WriteAll(file.get(), bytes)) return error;
  return Status(fsync(file.get()));
}

std::error_code LinuxKernel::Rename(const std::string& from, const std::string& to) {
  return Status(rename(from.c_str(), to.c_str()));
}

std::error_code LinuxKernel::Unlink(const std::string& path) {
  return Status(unlink(path.c_str()));
}

std::error_code LinuxKernel::Symlink(const std::string& target, const std::string& path) {
  return Status(symlink(target.c_str(), path.c_str()));
}

std::error_code LinuxKernel::MakeDirectory(const std::string& path) {
  return Status(mkdir(path.c_str(), 0755));
}

Result<int> ReadOnlyKernel::Open(const std::string& path, int flags) {
  Fd file = OpenFile(path, flags);
  return file ? Result<int>(file.Release()) : LastError();
}

Result<int> ReadOnlyKernel::OpenMemory() {
  const int fd = memfd_create("curfew", MFD_CLOEXEC);
  return fd < 0 ? Result<int>(LastError()) : fd;
}

Result<int> LinuxKernel::Ioctl(int fd, unsigned long request, void* argument) {
  int result = ioctl(fd, request, argument);
  return result < 0 ? Result<int>(LastError()) : result;
}

std::error_code LinuxKernel::Fsync(int fd) {
  return Status(fsync(fd));
}

void ReadOnlyKernel::Close(int fd) {
  close(fd);
}

Result<std::string> ReadOnlyKernel::ReadOpen(int fd) {
  char buffer[8192];
  const ssize_t got = pread(fd, buffer, sizeof buffer, 0);
  return got < 0 ? Result<std::string>(LastError()) : std::string(buffer, got);
}

std::error_code LinuxKernel::WriteOpen(int fd, std::string_view bytes) {
  return WriteAll(fd, bytes);
}

std::error_code LinuxKernel::Umount(const std::string& target, int flags) {
  return Status(umount2(target.c_str(), flags));
}

std::error_code LinuxKernel::Mount(const std::string& source, const std::string& target,
                                   const std::string& type, unsigned long flags,
                                   const std::string& data) {
  return Status(mount(source.c_str(), target.c_str(), type.empty() ? nullptr : type.c_str(), flags,
                      data.empty() ? nullptr : data.c_str()));
}

std::error_code LinuxKernel::SwapOff(const std::string& path) {
  return Status(swapoff(path.c_str()));
}

std::error_code LinuxKernel::SyncFs(const std::string& path) {
  Fd file = OpenFile(path, O_RDONLY);
  return file ? Status(syncfs(file.get())) : LastError();
}

void LinuxKernel::Sync() {
  sync();
}

std::error_code LinuxKernel::QuotaOff(const std::string& device, int type) {
  return Status(quotactl(QCMD(Q_QUOTAOFF, type), device.c_str(), 0, nullptr));
}

std::error_code LinuxKernel::AccountingOff() {
  return Status(acct(nullptr));
}

Result<bool> ReadOnlyKernel::KeepsHardwareClock() {
  timex state{};
  if (adjtimex(&state) < 0) return LastError();
  return (state.status & STA_UNSYNC) == 0;
}

microseconds ReadOnlyKernel::Now() {
  return Clock(CLOCK_BOOTTIME);
}

microseconds ReadOnlyKernel::Monotonic() {
  return Clock(CLOCK_MONOTONIC);
}

microseconds ReadOnlyKernel::WallClock() {
  return Clock(CLOCK_REALTIME);
}

Result<int> ReadOnlyKernel::Poll(std::span<pollfd> fds, milliseconds limit) {
  const auto end = Monotonic() + limit;
  for (;;) {
    const auto left = std::max(end - Monotonic(), microseconds(0));
    timespec wait{left.count() / 1000000, left.count() % 1000000 * 1000};
    const int ready = ppoll(fds.data(), fds.size(), &wait, nullptr);
    if (ready >= 0) return ready;
    if (errno != EINTR) return LastError();
  }
}

std::string ReadOnlyKernel::Release() {
  utsname name{};
  uname(&name);
  return name.release;
}

Result<int> ReadOnlyKernel::Socket(int family) {
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fd < 0 ? Result<int>(LastError()) : fd;
}

std::error_code LinuxKernel::Reboot(unsigned command, const std::string& argument) {
  return Status(
      syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, argument.c_str()));
}

}  // namespace curfew
