// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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

inline const int chosen = Read();

/// Whether the change of this number is in force.
constexpr bool On(int number) { return !std::is_constant_evaluated() && chosen == number; }

}  // namespace mutant
