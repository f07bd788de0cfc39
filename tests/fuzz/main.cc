// SPDX-License-Identifier: GPL-2.0-or-later
// fuzz [TARGET [OPTION...] [FOLDER...]]: libFuzzer on one target, with its own options; without a
// target their names. tests/fuzz/run calls it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "fuzz.h"
#include "text/text.h"

namespace fuzz {
namespace {

/// libFuzzer starts itself again without the name, for -merge=1 and -fork=1.
constexpr char kVariable[] = "CURFEW_FUZZ_TARGET";

const Target* Find(const char* name) {
  for (const Target& target : Targets())
    if (name && std::strcmp(target.name, name) == 0) return &target;
  return nullptr;
}

}  // namespace

std::vector<Target>& Targets() {
  static std::vector<Target> targets;
  return targets;
}

void Broken(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::abort();
}

std::vector<File> FilesIn(std::string_view input) {
  constexpr std::size_t kMost = 64;
  std::vector<File> files;
  for (const std::string_view line : curfew::Lines(input)) {
    const bool begins = line.starts_with('=') || line.starts_with('@');
    if (begins && files.size() == kMost) break;
    if (begins) {
      files.push_back({std::string(line.substr(1)), "", line[0] == '@'});
    } else if (!files.empty()) {
      File& file = files.back();
      if (file.is_link && !file.text.empty()) continue;
      file.text += line;
      if (!file.is_link) file.text += '\n';
    }
  }
  return files;
}

}  // namespace fuzz

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc > 1 && fuzz::Find((*argv)[1])) {
    setenv(fuzz::kVariable, (*argv)[1], 1);
    (*argv)[1] = (*argv)[0];
    ++*argv;
    --*argc;
  }
  if (fuzz::Find(getenv(fuzz::kVariable))) return 0;
  for (const fuzz::Target& target : fuzz::Targets()) std::printf("%s\n", target.name);
  std::exit(*argc > 1);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Target& target = *fuzz::Find(getenv(fuzz::kVariable));
  // A copy of its exact size: a read behind the end is seen.
  const std::vector<char> input(data, data + size);
  target.run({input.data(), input.size()});
  return 0;
}
