#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# `quiet` on the kernel command line: what a person sees then, and where it does not count.

load lib/tree

setup() {
  tree_new
  echo 'ro quiet' >"$ROOT/proc/cmdline"
  export RUNLEVEL=0 PREVLEVEL=2
}
teardown() { tree_end; }

# three: well ends well, broken fails, slow needs 4 s and then a line more.
three() {
  service 0 K01well && service 0 K01broken && service 0 K01slow
  body well 'echo all is well'
  body broken 'echo trying; echo cannot; exit 1'
  body slow 'echo wait for it; sleep 4; echo there'
}

@test "quiet: of scripts that end well nothing is seen but the closing line; the trace has all" {
  service 0 K01a && service 0 K02b
  body a 'echo from a' && body b 'printf from\ b'
  rc 0 >"$ROOT/out"
  grep -qE '^rc: 2 services stopped in [0-9.]+ s, slowest: [ab] [0-9.]+ s$' "$ROOT/out"
  [ "$(wc -l <"$ROOT/out")" -eq 1 ]
  [ "$(grep -c '"event":"line".*"text":"from' "$ROOT/run/curfew/trace.jsonl")" -eq 2 ]
  grep -q 'hand-over: ' "$ROOT/run/curfew/trace.jsonl"
}

@test "quiet: all that a script said is seen if it fails or is slow, and what failed at the end" {
  three
  rc 0 >"$ROOT/out"
  [ "$(grep '^K01broken' "$ROOT/out")" = "K01broken: trying
K01broken: cannot
K01broken: failed, exit status 1" ]
  [ "$(grep '^K01slow' "$ROOT/out")" = $'K01slow: wait for it\nK01slow: there' ]
  grep -q '^\[2/3\] stopping slow' "$ROOT/out"
  shows 'rc: service(s) returned failure: broken'
  [ "$(grep -c well "$ROOT/out")" -eq 0 ]
}

@test "quiet: a prompt is seen after 3 s, and what was said before a script is left alone" {
  service 0 K01a
  body a 'echo asking; printf "Password: "; exec sleep 1000'
  echo LIMIT=5 >"$ROOT/etc/default/curfew"
  rc 0 >"$ROOT/out" </dev/null
  [ "$(grep '^K01a' "$ROOT/out" | head -n 2)" = $'K01a: asking\nK01a: Password: ' ]
  grep -qx 'K01a: no progress for [0-9]* s; left alone, the run goes on without it' "$ROOT/out"
  grep -q '^rc: left alone: a (no progress for [0-9]* s)$' "$ROOT/out"
}

@test "quiet: an interactive script has the console, as always" {
  service 0 K01ask
  depend stop 'TARGETS = ask' 'INTERACTIVE = ask'
  body ask 'printf "Passphrase: "; read -r answer; echo "<$answer>"'
  terminal_talk 0 >"$ROOT/out" <<'END'
expect -re {(^|\n)Passphrase: $}
send "sesame\r"
expect "<sesame>"
expect eof
END
}

@test "quiet does not count for who runs rc by hand, with INIT_VERBOSE, and with questions" {
  service 0 K01well
  body well 'echo all is well'
  (unset RUNLEVEL && rc 0) >"$ROOT/out" && shows 'K01well: all is well'
  INIT_VERBOSE=yes rc 0 >"$ROOT/out" && shows 'K01well: all is well'
  rc --confirm 0 >"$ROOT/out" </dev/null && shows 'K01well: all is well'
  rc 0 >"$ROOT/out" && ! shows 'K01well: all is well'
  INIT_VERBOSE=no rc 0 >"$ROOT/out" && ! shows 'K01well: all is well'
}
