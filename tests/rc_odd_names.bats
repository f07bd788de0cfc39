#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # names that a shell would evaluate
# Names that a shell, a terminal or a parser would trip over. Numbers: see rc_run.bats.

load lib/tree

setup() {
  tree_new
  long=$(printf 'n%.0s' {1..252})
  names=('a b' '  blanks  ' "q'u\"o" '$(touch X)' '`touch Y`' '${HOME}' 'a;touch Z' 'a&b|c' '*' '?'
    $'new\nline' $'tab\tab' $'esc\033[2J' $'bell\a' '-rf' '--' '%s%n%d' 'ü€🐧' $'bad\377\200utf'
    $'c1\302\233H' $'right\342\200\256left' 'back\slash' '#hash' '~' '!' "$long")
  cd "$BATS_TEST_TMPDIR" || return 1
}
teardown() { tree_end; }

# odd LEVEL LETTER [COMMANDS]: a service of each odd name; each notes its own path, ended by "|".
odd() {
  local name
  mkdir -p "$ROOT/etc/rc$1.d"
  for name in "${names[@]}"; do
    printf '#!/bin/sh\nprintf "%%s|" "${0##*/}" "$#" >>"%s"\n%s\n' "$ROOT/noted" "${3:-}" \
      >"$ROOT/etc/init.d/$name"
    chmod 755 "$ROOT/etc/init.d/$name"
    ln -s "../init.d/$name" "$ROOT/etc/rc$1.d/${2}01$name"
  done
}

# once_each: whether each name ran once, with one argument, and nothing was evaluated.
once_each() {
  diff <(printf '%s|1|' "${names[@]}" | sed 's/|1|/|\n/g' | LC_ALL=C sort) \
    <(sed 's/|1|/|\n/g' "$ROOT/noted" | LC_ALL=C sort) &&
    [ "$(ls -A "$BATS_TEST_TMPDIR")" = root ] && [ ! -e "$ROOT/X" ]
}

# clean FILE: whether no byte of it moves a cursor or turns the writing direction.
clean() {
  ! LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae|\xff' "$1"
}

@test "12: odd names are one service each: run once, one argument, nothing evaluated" {
  odd 2 S
  rc 2 >"$ROOT/out" 2>&1
  once_each
  [ ! -s "$ROOT/out" ]
}

@test "12: the same one at a time, by link" {
  odd 2 S
  sed -i 's/\${0##\*\/}/${0##*\/S01}/' "$ROOT/etc/init.d/"*
  : >"$ROOT/etc/init.d/.legacy-bootordering"
  rc 2 >"$ROOT/out" 2>&1
  once_each
}

@test "odd names of scripts that fail and talk are escaped in all that rc says" {
  odd 0 K 'echo talk; exit 1'
  rc 0 >"$ROOT/out" 2>&1
  once_each
  clean "$ROOT/out"
  [ "$(grep -c ': talk$' "$ROOT/out")" -eq ${#names[@]} ]
  [ "$(grep -c ': failed, exit status 1$' "$ROOT/out")" -eq ${#names[@]} ]
  shows 'K01esc\x1B[2J: talk'
  shows 'K01new\x0Aline: talk'
  shows 'K01bad\xFF\x80utf: talk'
  shows 'K01ü€🐧: talk'
  grep -F 'rc: service(s) returned failure:' "$ROOT/out" | grep -qF ' back\x5Cslash'
}

@test "odd names in links that lead nowhere, in .depend and in its cycles are escaped" {
  odd 2 S
  rm "$ROOT/etc/init.d/"*'left' "$ROOT/etc/init.d/"$'bell\a'
  for name in $'x\377' $'y\377'; do
    printf '#!/bin/sh\n' >"$ROOT/etc/init.d/$name"
    ln -s "../init.d/$name" "$ROOT/etc/rc2.d/S01$name"
  done
  depend start $'x\377: y\377' $'y\377: x\377' $'\033c garbage'
  rc 2 >"$ROOT/out" 2>&1
  clean "$ROOT/out"
  grep -qF 'x\xFF -> y\xFF' "$ROOT/out" || grep -qF 'y\xFF -> x\xFF' "$ROOT/out"
  grep -qF 'S01bell\x07: a link to' "$ROOT/out"
}

@test "the dry run and the trace hold no control byte either" {
  odd 2 S
  rc --dry-run 2 >"$ROOT/out" 2>&1
  clean "$ROOT/out"
  [ ! -e "$ROOT/noted" ]
  rc 2
  [ "$(LC_ALL=C grep -cP '[\x00-\x09\x0b-\x1f\x7f]|\xff' "$ROOT/run/curfew/trace.jsonl")" -eq 0 ]
  [ "$(grep -c '"event":"start"' "$ROOT/run/curfew/trace.jsonl")" -eq ${#names[@]} ]
}

@test "odd names are remembered as stopped and not stopped twice" {
  odd 6 K
  odd 0 K
  rc 6 >"$ROOT/out" && PREVLEVEL=6 rc 0 >"$ROOT/out"
  once_each
}

@test "a name of 255 bytes whose link has another name runs once" {
  name=$(printf 'm%.0s' {1..255})
  script "$name" && link 2 S01short "$name"
  rc 2
  [ "$(cat "$ROOT/ran")" = "$name start" ]
}
