// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <type_traits>

namespace curfew {

/// `count` values in memory that children write and their parent reads; zero bytes at first.
template <typename T>
class SharedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit SharedArray(std::size_t count) : size_(count * sizeof(T)) {
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) values_ = static_cast<T*>(memory);
  }
  ~SharedArray() {
    if (values_) munmap(values_, size_);
  }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;

  /// False where the kernel gave no memory, and for a count of 0.
  explicit operator bool() const { return values_ != nullptr; }
  T& operator[](std::size_t i) const { return values_[i]; }
  T* data() const { return values_; }

 private:
  std::size_t size_;
  T* values_ = nullptr;
};

}  // namespace curfew
