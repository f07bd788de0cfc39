// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <type_traits>

/// For the sources that tests/mutate/change has changed.
namespace mutant {

/// The number in the file /source/mutant; 0: there is none.
inline int Read() {
  int number = 0;
  if (FILE* file = std::fopen("/source/mutant", "re")) {
    if (std::fscanf(file, "%d", &number) != 1) number = 0;
    std::fclose(file);
  }
  return number;
}

/// The file /source/reached, where it is there: a byte a change.
inline unsigned char* MapReached() {
  const int file = open("/source/reached", O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  const off_t size = lseek(file, 0, SEEK_END);
  void* bytes = mmap(nullptr, static_cast<size_t>(size), PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return bytes == MAP_FAILED ? nullptr : static_cast<unsigned char*>(bytes);
}

inline const int chosen = Read();
inline unsigned char* const reached = MapReached();

/// Whether the change of this number is in force. Notes that its place was reached.
constexpr bool On(int number) {
  if (std::is_constant_evaluated()) return false;
  if (reached != nullptr) reached[number] = 1;
  return chosen == number;
}

}  // namespace mutant
