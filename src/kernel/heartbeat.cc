// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/heartbeat.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "kernel/run_files.h"

// Linux 6.3; glibc 2.36 does not name it yet. Without it vm.memfd_noexec=2 gives no memory.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace curfew {
namespace {

constexpr char kName[] = "curfew-heartbeat";
/// What the kernel says that a descriptor of such memory leads to.
constexpr char kMemory[] = "/memfd:curfew-heartbeat (deleted)";

int CreateMemory() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = memfd_create(kName, kFlags | MFD_NOEXEC_SEAL);
  return fd >= 0 || errno != EINVAL ? fd : memfd_create(kName, kFlags);
}

/// A page that nobody can cut: touching what is no longer there would be a SIGBUS.
bool IsWhole(int fd) {
  struct stat info {};
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) && fstat(fd, &info) == 0 &&
         info.st_size >= static_cast<off_t>(sizeof(HeartbeatPage));
}

HeartbeatPage* Map(int fd) {
  void* memory = mmap(nullptr, sizeof(HeartbeatPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<HeartbeatPage*>(memory);
}

}  // namespace

void Heartbeat::Unmap::operator()(HeartbeatPage* page) const {
  munmap(page, sizeof *page);
}

Heartbeat Heartbeat::Create() {
  Heartbeat heartbeat;
  heartbeat.memory_ = Fd(CreateMemory());
  const int fd = heartbeat.fd();
  if (fd < 0 || ftruncate(fd, sizeof(HeartbeatPage)) != 0) return {};
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  heartbeat.page_.reset(Map(fd));
  if (!heartbeat) return {};
  heartbeat->version = HeartbeatPage::kVersion;
  return heartbeat;
}

Heartbeat Heartbeat::Adopt(int fd) {
  Heartbeat heartbeat;
  if (!IsWhole(fd)) return heartbeat;
  heartbeat.page_.reset(Map(fd));
  if (!heartbeat || heartbeat->version != HeartbeatPage::kVersion) return {};
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  heartbeat.memory_ = Fd(fd);
  return heartbeat;
}

Heartbeat Heartbeat::Find() {
  // A stale link may lead to any file of a later process, which must not be opened: a watchdog
  // would be armed by that.
  std::error_code error;
  const auto target = std::filesystem::read_symlink(run_files::kHeartbeat, error);
  if (std::filesystem::read_symlink(target, error) != kMemory) return {};
  Fd memory(open(target.c_str(), O_RDWR | O_CLOEXEC));
  Heartbeat heartbeat = Adopt(memory.get());
  if (heartbeat) memory.Release();
  return heartbeat;
}

}  // namespace curfew
