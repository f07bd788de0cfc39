#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Where rc and curfew use colours: on a terminal that has them, for a person who did not refuse them.

load lib/tree
load lib/traces

setup() {
  tree_new
  export TERM=linux
  unset NO_COLOR
}
teardown() { tree_end; }

# troubled: level 0 with a script that fails and one that is left alone.
troubled() {
  service 0 K01broken && service 0 K01hangs
  body broken 'echo cannot; exit 1'
  body hangs 'exec sleep 1000'
  echo LIMIT=2 >"$ROOT/etc/default/curfew"
}

# marked: the input with <red>, <yellow> and </> in the place of the escape sequences.
marked() { sed 's/\x1b\[31m/<red>/g; s/\x1b\[33m/<yellow>/g; s/\x1b\[[0-9]*m/<\/>/g'; }

# colours COMMAND...: what it shows on a terminal, marked, in $ROOT/out.
colours() { in_terminal "$@" | marked >"$ROOT/out"; }

# has_colours: whether $ROOT/out has any.
has_colours() { grep -qE '<(red|yellow|/)>' "$ROOT/out"; }

# without_colours COMMAND...: it shows none to who refuses them, on a dumb terminal, on one without a
# name, and where there is no terminal.
without_colours() {
  NO_COLOR=1 colours "$@" && ! has_colours || return 1
  TERM=dumb colours "$@" && ! has_colours || return 1
  TERM='' colours "$@" && ! has_colours || return 1
  "$@" </dev/null | marked >"$ROOT/out" && ! has_colours
}

@test "rc shows in red what failed and in yellow what it leaves alone, all else as it is" {
  troubled
  colours "$BUILD/rc" --root "$ROOT" 0
  shows "<red>K01broken: failed, exit status 1</>"
  grep -q "<yellow>K01hangs: no progress for [0-9]* s; left alone, the run goes on without it</>" "$ROOT/out"
  shows 'K01broken: cannot'
  [ "$(grep -cE '<(red|yellow)>' "$ROOT/out")" -eq 2 ]
}

@test "rc uses no colour with NO_COLOR, on a dumb terminal, and on none" {
  troubled
  without_colours "$BUILD/rc" --root "$ROOT" 0
}

@test "an empty NO_COLOR refuses nothing" {
  clean_trace | keep 1 0
  NO_COLOR='' colours "$BUILD/curfew" blame --root "$ROOT"
  has_colours
}

@test "the reports have trouble in colour, by the same rule, and curfew log leaves all as it was said" {
  { clean_trace | sed '/"scripts-end"/,$d'; } | keep 1 0
  for command in report blame; do
    colours "$BUILD/curfew" "$command" --root "$ROOT"
    grep -q "nginx.*<red>failed</> (exit status 1)" "$ROOT/out"
    without_colours "$BUILD/curfew" "$command" --root "$ROOT"
  done
  colours "$BUILD/curfew" report --root "$ROOT"
  grep -q "^<red>unclean</>: " "$ROOT/out"
  for command in chain log 'report --json' 'blame --json'; do
    # shellcheck disable=SC2086 # two words
    colours "$BUILD/curfew" $command --root "$ROOT"
    ! has_colours || return 1
  done
}

@test "the plan shows in red what cannot run, for rc and curfew, by the same rule" {
  service 0 K01a
  chmod 644 "$ROOT/etc/init.d/a"
  for plan in curfew\ plan rc\ --dry-run; do
    # shellcheck disable=SC2086 # two words
    set -- $plan
    colours "$BUILD/$1" "$2" 0 --root "$ROOT"
    grep -q "<red>cannot run</>: " "$ROOT/out"
    without_colours "$BUILD/$1" "$2" 0 --root "$ROOT"
  done
}

@test "curfew status shows in yellow what is left alone, by the same rule" {
  troubled
  rc 0 >"$ROOT/out" </dev/null
  colours "$BUILD/curfew" status --root "$ROOT"
  grep -q "K01hangs stop, for [0-9]* s, <yellow>left alone</> (no progress for [0-9]* s)" "$ROOT/out"
  without_colours "$BUILD/curfew" status --root "$ROOT"
}
