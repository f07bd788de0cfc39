// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/trace_command.h"

#include "text/text.h"

namespace curfew {
namespace {

bool IsShell(std::string_view path) {
  constexpr std::string_view kShells[] = {"sh",    "dash", "bash",  "ash", "ksh",
                                          "ksh93", "mksh", "pdksh", "zsh", "yash"};
  return Contains(kShells, path.substr(path.rfind('/') + 1));
}

/// The words of the first line, and which of them is the interpreter: "#!/usr/bin/env bash" and
/// "#!/bin/busybox sh" name it behind the program. Without words there is none.
struct FirstWords {
  std::vector<std::string> words;
  size_t interpreter = 0;
};

FirstWords Split(std::string_view script) {
  FirstWords first;
  if (script.starts_with("#!")) first.words = Words(FirstLine(script).substr(2));
  if (first.words.size() < 2) return first;
  const std::string name = first.words[0].substr(first.words[0].rfind('/') + 1);
  if (name != "env" && name != "busybox") return first;
  // "env -S perl -w"
  for (size_t i = 1; i < first.words.size() && first.interpreter == 0; ++i)
    if (!first.words[i].starts_with('-')) first.interpreter = i;
  return first;
}

}  // namespace

std::vector<std::string> TraceCommand(std::string_view script) {
  auto [words, interpreter] = Split(script);
  if (words.empty()) return {"/bin/sh", "-x"};
  if (!IsShell(words[interpreter])) return {};
  words.insert(words.begin() + interpreter + 1, "-x");
  return words;
}

std::string Interpreter(std::string_view script) {
  const FirstWords first = Split(script);
  return first.words.empty() ? std::string() : first.words[first.interpreter];
}

}  // namespace curfew
