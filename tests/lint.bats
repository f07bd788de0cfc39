#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later

setup() {
  cd "$BATS_TEST_DIRNAME/.."
}

sources() {
  git ls-files -co --exclude-standard 'src/*.cc' 'src/*.h' 'tests/unit/*.cc' 'tests/unit/*.h' 'tests/fuzz/*.cc' 'tests/fuzz/*.h'
}

shell_scripts() {
  git ls-files -co --exclude-standard | while read -r file; do
    case $file in *.bats | tests/fuzz/corpus/*) continue ;; esac
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
  # A "! command" that is not the last one lets a test go on whatever it finds.
  git ls-files -co --exclude-standard '*.bats' | xargs shellcheck -x -i SC2314,SC2315
}

@test "man and mandoc have nothing to say of the pages, which fit into 80 columns" {
  T=$BATS_TEST_TMPDIR
  for page in man/*; do
    mkdir -p "$T/man${page##*.}"
    cp -P "$page" "$T/man${page##*.}/"
  done
  # Other packages have the other pages that ours refer to.
  names=$(basename -a man/* | sed 's/\.[0-9]$//' | paste -sd '|')
  cd "$T"
  # The level above it has what BSD asks of the pages of its own base system.
  found=$(MANPATH=$T mandoc -T lint -W style man?/* 2>/dev/null |
    awk -v names="$names" '!/ manual not found: / || $0 ~ "Xr (" names ") [5-8]"')
  for page in man?/*; do
    found+=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >text)
    [ "$(LC_ALL=C.UTF-8 wc -L <text)" -le 80 ] || found+=" $page has a longer line"
  done
  echo "$found"
  [ -z "$found" ]
}
