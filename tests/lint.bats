#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later

setup() {
  cd "$BATS_TEST_DIRNAME/.."
}

sources() {
  git ls-files -co --exclude-standard 'src/*.cc' 'src/*.h' 'tests/unit/*.cc' 'tests/unit/*.h'
}

shell_scripts() {
  git ls-files -co --exclude-standard | while read -r file; do
    case $file in *.bats) continue ;; esac
    if head -n 1 "$file" | grep -qE '^#!/bin/(ba)?sh' || [[ $file == *.bash ]]; then
      echo "$file"
    fi
  done
}

@test "clang-format would change nothing" {
  [[ $(clang-format --version) == *' 14.'* ]] || skip "formatted by clang-format 14, which others differ from"
  sources | xargs clang-format --dry-run -Werror
}

@test "shellcheck finds nothing in any script" {
  # SC2329: since 0.11 a function that another shell gets by `declare -f` counts as never called.
  shell_scripts | xargs shellcheck -x -e SC2329
}

