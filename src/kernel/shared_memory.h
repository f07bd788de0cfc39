// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/mman.h>

#include <cstddef>

namespace curfew {

/// Memory that children write and their parent reads, zero at first: one in D state answers nothing
/// else.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t size) : size_(size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) bytes_ = static_cast<char*>(memory);
  }
  ~SharedMemory() {
    if (bytes_) munmap(bytes_, size_);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// nullptr where there was no memory.
  char* Bytes() const { return bytes_; }

 private:
  std::size_t size_;
  char* bytes_ = nullptr;
};

}  // namespace curfew
