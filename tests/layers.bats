#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What CONTRIBUTING.md promises of the sources themselves.

setup() { cd "$BATS_TEST_DIRNAME/.." || exit; }

# names FOLDER: "FILE FOLDER" for each folder of src that a file of FOLDER includes.
names() {
  grep -rHoE '^#include "[a-z]+/' "src/$1" | sed -E 's|:#include "([a-z]+)/| \1|'
}

@test "no folder of src names one to its right, and text names none" {
  allowed="text"
  for folder in text kernel config plan run console trace report final stop; do
    allowed="$allowed $folder"
    while read -r file named; do
      [[ " $allowed " == *" $named "* ]] || wrong+="$file names $named"$'\n'
    done < <(names "$folder")
  done
  echo "$wrong"
  [ -z "$wrong" ]
}

@test "a room of src/final names only those to its left, and no file that stands above the rooms" {
  allowed=" "
  for room in context storage processes guard stages; do
    allowed+="$room "
    while read -r file named; do
      [[ $allowed == *" $named "* ]] || wrong+="$file names $named"$'\n'
    done < <(grep -rHoE '^#include "final/[a-z_]+' "src/final/$room" |
      sed -E 's|:#include "final/| |')
  done
  for room in src/final/*/; do
    [[ $allowed == *" $(basename "$room") "* ]] || wrong+="$room has no place in the order"$'\n'
  done
  echo "$wrong"
  [ -z "$wrong" ]
}

@test "halt.cc and rc.cc share only config, trace, console and kernel" {
  shared=$(comm -12 <(grep -oE '^#include "[a-z]+' src/rc.cc | sort -u) \
    <(grep -oE '^#include "[a-z]+' src/halt.cc | sort -u) | sed 's/.*"//')
  for folder in $shared; do
    [[ " text config trace console kernel " == *" $folder "* ]]
  done
}

@test "stop, which no other program needs, names only text and kernel" {
  while read -r file named; do
    [[ " text kernel stop " == *" $named "* ]] || wrong+="$file names $named"$'\n'
  done < <(names stop; names start_stop_daemon.cc)
  echo "$wrong"
  [ -z "$wrong" ]
}

@test "every folder of src has its place in the order" {
  for folder in src/*/; do
    [[ " text kernel config plan run console trace report final stop " == *" $(basename "$folder") "* ]]
  done
}

@test "one file names Boost.Process" {
  run grep -rlE 'boost/process|boost::process' src
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == src/run/* ]]
}

@test "every file says its licence in one of its first lines" {
  wrong=
  while read -r file; do
    case $file in
      # The licence itself; formats without comments, or with a place for it elsewhere.
      COPYING | .clang-format | .gitignore | tests/fuzz/corpus/*) continue ;;
      debian/control | debian/changelog | debian/copyright | debian/source/*) continue ;;
    esac
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || wrong+="$file "
  done < <(git ls-files -co --exclude-standard)
  echo "$wrong"
  [ -z "$wrong" ]
}

@test "no source file has more than 400 lines" {
  run find src tests/unit tests/fuzz \( -name '*.cc' -o -name '*.h' \) -size +0 -exec \
    sh -c 'for f; do n=$(wc -l <"$f"); [ "$n" -le 400 ] || echo "$f: $n"; done' sh {} +
  [ -z "$output" ]
}
