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

}  // namespace

std::vector<std::string> TraceCommand(std::string_view script) {
  if (!script.starts_with("#!")) return {"/bin/sh", "-x"};
  std::vector<std::string> words = Words(FirstLine(script).substr(2));
  if (words.empty()) return {"/bin/sh", "-x"};
  // "#!/usr/bin/env bash", "#!/bin/busybox sh"
  const std::string name = words[0].substr(words[0].rfind('/') + 1);
  const bool second = (name == "env" || name == "busybox") && words.size() > 1;
  if (!IsShell(second ? words[1] : words[0])) return {};
  words.insert(words.begin() + (second ? 2 : 1), "-x");
  return words;
}

}  // namespace curfew
