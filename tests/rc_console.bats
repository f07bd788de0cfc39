#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts, and expect's own variables
# rc and a real terminal: interactive scripts, Ctrl-C, its size. Numbers: see rc_run.bats.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# boot INTERACTIVE NAME...: level S with these services, none waits for another.
boot() {
  local interactive=$1 name
  shift
  for name in "$@"; do service S "S01$name"; done
  depend boot "TARGETS = $*" "INTERACTIVE = $interactive"
}

@test "35: an interactive script has the terminal to itself: it asks, is answered, nobody else runs" {
  boot ask a ask b c d
  for name in a b c d; do body "$name" "sleep 0.1; echo '$name ended' >>'$ROOT/ran'"; done
  body ask "printf 'Passphrase: '; read -r answer
    echo \"<\$answer>\" >'$ROOT/answer'; echo 'ask ended' >>'$ROOT/ran'"
  terminal_talk S >"$ROOT/out" <<'END'
# The prompt comes as it is: no prefix, no wait for the end of the line.
expect -re {(^|\n)Passphrase: $}
after 200
send "open sesame\r"
expect eof
END
  awk '$2 == "start" { bad += asking || ($1 == "ask" && open); ++open; asking = $1 == "ask" }
    $2 == "ended" { --open; asking = 0 }
    END { exit bad || NR != 10 }' "$ROOT/ran"
  [ "$(cat "$ROOT/answer")" = '<open sesame>' ]
}

@test "what others said is on the screen before an interactive script asks" {
  boot ask a ask
  depend boot 'TARGETS = a ask' 'INTERACTIVE = ask' 'ask: a'
  body a 'seq 500; printf last'
  body ask 'echo question'
  on_terminal S >"$ROOT/out"
  [ "$(tail -n 2 "$ROOT/out" | xargs)" = 'S01a: last question' ]
}

@test "20, 35: Ctrl-C reaches the interactive script, and neither ends rc nor the run" {
  boot ask ask
  service S S02z
  depend boot 'TARGETS = ask z' 'INTERACTIVE = ask' 'z: ask'
  body ask 'trap "echo interrupted; exit 1" INT; echo asking; while :; do sleep 0.1; done'
  body z 'echo on it goes'
  terminal_talk S >"$ROOT/out" <<'END'
expect asking
send "\003"
expect interrupted
expect "S02z: on it goes"
expect eof
lassign [wait] pid id error status
exit $status
END
  grep -qx 'rc: service(s) returned failure: ask' "$ROOT/out"
}

@test "35: Ctrl-C ends an interactive program without a handler, rc goes on" {
  boot ask ask
  service S S02z
  depend boot 'TARGETS = ask z' 'INTERACTIVE = ask' 'z: ask'
  body ask 'echo asking; exec sleep 60'
  terminal_talk S >"$ROOT/out" <<'END'
expect asking
send "\003"
expect eof
END
  grep -q 'S01ask: failed, killed by SIGINT' "$ROOT/out"
  ran z
}

@test "20: Ctrl-C, Ctrl-\\ and Ctrl-Z touch no script that runs beside, and do not end rc" {
  boot '' a
  body a "echo here; $(until_file go); echo still here"
  terminal_talk S >"$ROOT/out" <<END
expect "S01a: here"
send "\003\034\032"
after 200
exec touch "$ROOT/go"
expect "S01a: still here"
expect eof
END
}

@test "a terminal that hangs up ends neither rc nor its scripts" {
  boot '' a b
  depend boot 'TARGETS = a b' 'b: a'
  body a "echo here; $(until_file go)"
  terminal_talk S >"$ROOT/out" <<'END'
expect "S01a: here"
close
END
  : >"$ROOT/go"
  until_true ran b
  [ "$(xargs <"$ROOT/ran")" = 'a start b start' ]
}

@test "without a terminal an interactive script runs with an empty input, and nobody waits" {
  boot ask a ask b
  body ask 'read -r answer || echo "no answer"'
  timeout 10 "$BUILD/rc" --root "$ROOT" S </dev/null >"$ROOT/out" 2>&1
  shows 'no answer'
  mkfifo "$ROOT/in"
  timeout 10 "$BUILD/rc" --root "$ROOT" S 0<>"$ROOT/in" >"$ROOT/out" 2>&1
  shows 'no answer'
  [ "$(grep -c start "$ROOT/ran")" -eq 6 ]
}

@test "42: scripts find the console's size: on their terminal, in LINES and COLUMNS" {
  boot '' a
  body a 'echo "$(stty size <&2) $LINES $COLUMNS"'
  terminal_talk S 'rows 33 columns 99' >"$ROOT/out" <<'END'
expect "S01a: 33 99 33 99"
expect eof
END
}

@test "rc makes newlines start at the left margin again on a terminal that some program left raw" {
  boot '' a
  body a 'printf "one\ntwo\n"'
  terminal_talk S '-opost -onlcr' >"$ROOT/out" <<'END'
expect "one\r\nS01a: two\r\n"
expect eof
END
}
