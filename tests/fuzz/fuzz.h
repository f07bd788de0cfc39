// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

/// One parser and what has to hold for it, whatever its input is. FUZZ() adds it to the list from
/// which main.cc takes the one that the command line names.
struct Target {
  const char* name;
  void (*run)(std::string_view input);
};

std::vector<Target>& Targets();

struct Register {
  Register(const char* name, void (*run)(std::string_view)) { Targets().push_back({name, run}); }
};

/// Ends the program, by which libFuzzer knows that the input has broken something, and keeps it.
[[noreturn]] void Broken(const char* file, int line, const char* what);

/// A file of a small machine that an input describes.
struct File {
  std::string path;
  std::string text;  ///< its content; of a link, where it leads
  bool is_link = false;
};

/// The files in an input: a line "=PATH" begins one, and its text follows; "@PATH" begins a link.
std::vector<File> FilesIn(std::string_view input);

}  // namespace fuzz

#define FUZZ_JOIN2(a, b) a##b
#define FUZZ_JOIN(a, b) FUZZ_JOIN2(a, b)

/// FUZZ("depend", text) { ... }: `text` is a std::string_view, of at most some KiB.
#define FUZZ(name, input)                                                                  \
  static void FUZZ_JOIN(Fuzz, __LINE__)(std::string_view);                                 \
  static fuzz::Register FUZZ_JOIN(fuzz_entry_, __LINE__)(name, FUZZ_JOIN(Fuzz, __LINE__)); \
  static void FUZZ_JOIN(Fuzz, __LINE__)(std::string_view input)

/// What has to hold.
#define HOLDS(condition)                                            \
  do {                                                              \
    if (!(condition)) fuzz::Broken(__FILE__, __LINE__, #condition); \
  } while (0)
