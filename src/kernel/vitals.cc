// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/vitals.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

// Linux 6.3; glibc 2.36 does not name it yet. Without it vm.memfd_noexec=2 gives no memory.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace curfew {
namespace {

constexpr char kName[] = "curfew-vitals";
/// What the kernel says that a descriptor of such memory leads to.
constexpr char kMemory[] = "/memfd:curfew-vitals (deleted)";

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
         info.st_size >= static_cast<off_t>(sizeof(VitalsPage));
}

VitalsPage* Map(int fd) {
  void* memory = mmap(nullptr, sizeof(VitalsPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<VitalsPage*>(memory);
}

}  // namespace

void Vitals::Unmap::operator()(VitalsPage* page) const {
  munmap(page, sizeof *page);
}

Vitals Vitals::Create() {
  Vitals vitals;
  vitals.memory_ = Fd(CreateMemory());
  const int fd = vitals.fd();
  if (fd < 0 || ftruncate(fd, sizeof(VitalsPage)) != 0) return {};
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  vitals.page_.reset(Map(fd));
  if (!vitals) return {};
  vitals->version = VitalsPage::kVersion;
  return vitals;
}

Vitals Vitals::Adopt(int fd) {
  Vitals vitals;
  if (!IsWhole(fd)) return vitals;
  vitals.page_.reset(Map(fd));
  if (!vitals || vitals->version != VitalsPage::kVersion) return {};
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  vitals.memory_ = Fd(fd);
  return vitals;
}

Vitals Vitals::Find() {
  // A stale link may lead to any file of a later process, which must not be opened: a watchdog
  // would be armed by that.
  std::error_code error;
  const auto target = std::filesystem::read_symlink(kLink, error);
  if (std::filesystem::read_symlink(target, error) != kMemory) return {};
  Fd memory(open(target.c_str(), O_RDWR | O_CLOEXEC));
  Vitals vitals = Adopt(memory.get());
  if (vitals) memory.Release();
  return vitals;
}

}  // namespace curfew
