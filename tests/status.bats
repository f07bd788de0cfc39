#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# `curfew status`: what a change of level waits for.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

status_shows() { "$BUILD/curfew" status --root "$ROOT" 2>&1 | grep -qE "$1"; }

@test "a script that hangs is shown with what it waits for and its last line" {
  service 0 K01quick && service 0 K01hung
  body hung 'echo waiting for "$0"; exec sleep 1000'
  start_rc 0
  until_true status_shows '^K01hung stop, for [0-9]+ s: sleep\[[0-9]+\] S'
  until_true status_shows '^level 0, from N: 1 of 2 scripts have ended$'
  until_true status_shows '^  last line: waiting for .*/init.d/hung$'
  kill "$("$BUILD/curfew" status --root "$ROOT" | sed -n 's/.*sleep\[\([0-9]*\)\].*/\1/p')"
  rc_ended
}

@test "how long a service usually takes is said by status and the console, from three shutdowns on" {
  load lib/traces
  usual=$ROOT/run/curfew/usual
  for number in 1 2 3; do
    clean_trace ledger=4200 | keep "$number" 0
    "$BUILD/curfew" next-boot --root "$ROOT"
    [ -s "$usual" ] || short+=$number
  done
  [ "$short" = 12 ]
  diff "$usual" <(printf 'stop %s\n' '4200000 ledger' '300000 sendsigs')
  service 0 K01ledger && service 0 K01other
  body ledger 'exec sleep 1000' && body other 'exec sleep 1000'
  start_rc 0
  until_true status_shows '^K01ledger stop, for [0-9]+ s, usually 4 s: sleep\[[0-9]+\] S'
  until_true status_shows '^K01other stop, for [0-9]+ s: sleep'
  until_true grep -q 'stopping ledger [0-9]* s, usually 4 s, [0-9]* s left: sleep' "$ROOT/out"
  "$BUILD/curfew" status --json --root "$ROOT" | grep -q '"usual_us":4200000'
  "$BUILD/curfew" skip --all --root "$ROOT"
  rc_ended
}

@test "only a trace that may not be read is said to be for root and group adm" {
  trace=$ROOT/run/curfew/trace.jsonl
  mkdir -p "${trace%/*}"
  shown_as() { # WORDS
    local no=-dac_override,-dac_read_search
    run setpriv --ambient-caps=$no --inh-caps=$no --bounding-set=$no "$BUILD/curfew" status --root "$ROOT"
    [ "$status" -eq 1 ]
    [ "$output" = "curfew: /run/curfew/trace.jsonl: $1" ]
  }
  mkdir "$trace" && shown_as "Invalid argument"
  rmdir "$trace" && mkfifo "$trace" && shown_as "Invalid argument"
  ln -sf trace.jsonl "$trace" && shown_as "Too many levels of symbolic links"
  rm "$trace" && touch "$trace" && chmod 0 "$trace"
  shown_as "Permission denied; it is for root and group adm"
  chmod 600 "$trace" && shown_as "no change of level in it"
}

@test "after a change of level nothing runs, and before the first nothing is recorded" {
  run "$BUILD/curfew" status --root "$ROOT"
  [ "$status" -eq 1 ]
  [[ $output == "curfew: /run/curfew/trace.jsonl: No such file or directory; no change of level is recorded" ]]
  service 2 S01a
  rc 2 >/dev/null
  run "$BUILD/curfew" status --root "$ROOT"
  [ "$status" -eq 0 ]
  [ "$output" = "level 2, from N: 1 of 1 scripts have ended" ]
}
