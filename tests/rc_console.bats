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

@test "a dry run leaves the modes of the terminal as they are" {
  service 0 K01a
  CALLER='sh -c {"$@"; stty -a} sh' terminal_talk '0 --dry-run' '-opost -onlcr' >"$ROOT/out" <<'END'
expect -re {-opost .* -onlcr }
expect eof
END
}

# What rc waits for, on a terminal that can erase a line.

@test "the status line is erased before each line and drawn again below it, cut to the width" {
  service 0 K01a
  body a "$(until_file go); echo from a; $(until_file end)"
  TERM=linux terminal_talk 0 'columns 44' >"$ROOT/out" <<END
expect -re {\[K\[0/1\] stopping a \d s, 8\d s left: }
exec touch "$ROOT/go"
expect -re {\r.\[KK01a: from a\r\n\r.\[K\[0/1\] stopping a}
exec touch "$ROOT/end"
# Nothing of it is left on the last line.
expect -re {\r.\[Krc: 1 service stopped in }
expect "rc: hand-over"
expect eof
END
  tr '\033' '\n' <"$ROOT/out" | awk '/stopping a/ { if (length($0) - 2 > 43) exit 1; ++n }
    END { exit n < 2 }'
}

@test "where nothing can be erased the status comes in whole lines, at once and then at 10 s" {
  service 0 K01a
  body a 'sleep 12'
  rc 0 >"$ROOT/out" </dev/null
  [ "$(grep -c 'stopping a' "$ROOT/out")" -eq 2 ]
  grep -qE '^\[0/1\] stopping a 1[01] s, [78][0-9] s left: sleep\[[0-9]+\] S' "$ROOT/out"
  [ "$(tr -d '[:print:]\n' <"$ROOT/out" | wc -c)" -eq 0 ]
}

@test "a dumb terminal, and one without TERM, get whole lines" {
  service 0 K01a
  body a 'sleep 6'
  for term in dumb ''; do
    TERM=$term on_terminal 0 >"$ROOT/out"
    grep -qE '^\[0/1\] stopping a [0-9]+ s' "$ROOT/out"
    [ "$(tr -d '[:print:]\n' <"$ROOT/out" | wc -c)" -eq 0 ]
  done
}

# Consoles that do not take what they are given.

# flood: a run that says more than any buffer holds, and is over in no time.
flood() {
  service 0 K01a
  service 0 K02b && depend stop 'TARGETS = a b' 'b: a'
  body a 'seq 5000 | sed "s/$/ is the number of this line/"'
}

# complete: all of it ran, and all of it is in the trace.
complete() {
  ran b && [ "$(grep -c '"event":"line","service":"a"' "$ROOT/run/curfew/trace.jsonl")" -eq 5000 ]
}

slow_terminal() {
  timeout 20 "$BATS_TEST_DIRNAME/lib/slow-terminal" "$1" "$BUILD/rc" --root "$ROOT" 0 >"$ROOT/out"
}

@test "a terminal that nobody reads holds up nothing" {
  flood
  slow_terminal never
  complete
  grep -q '^K01a: 1' "$ROOT/out"
}

@test "a terminal that takes one byte a second holds up nothing" {
  flood
  slow_terminal byte
  complete
}

@test "a terminal that is gone holds up nothing" {
  flood
  slow_terminal gone
  complete
}

@test "a terminal that is stopped by Ctrl-S holds up nothing; what was dropped is marked" {
  flood
  body b ": >'$ROOT/go'; sleep 0.5"
  slow_terminal "held:$ROOT/go"
  complete
  grep -qE '^\[[0-9]+ lines not shown\]' "$ROOT/out"
  grep -q '^rc: hand-over: ' "$ROOT/out"
}

@test "a serial line of 9600 baud under XOFF holds up nothing, and after XON the text is whole" {
  service 0 K01a
  service 0 K02b && depend stop 'TARGETS = a b' 'b: a'
  body a 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "this is line number $i"; done'
  # All scripts that come after a run while the line takes nothing.
  body b ": >'$ROOT/go'; sleep 1; echo last"
  TERM=linux slow_terminal "serial:$ROOT/go"
  [ "$(sed -n 's/.*K01a: this is line number //p' "$ROOT/out" | tr -d '\r')" = "$(seq 100)" ]
  tr -d '\r' <"$ROOT/out" | grep -q 'K02b: last$'
  grep -q 'rc: hand-over: ' "$ROOT/out"
  [ "$(grep -c 'not shown' "$ROOT/out")" -eq 0 ]
}

@test "a serial line that stays under XOFF does not keep rc from its end" {
  service 0 K01a
  body a 'seq 20000'
  TERM=linux slow_terminal "serial:$ROOT/never"
  grep -q '"hand-over: ' "$ROOT/run/curfew/trace.jsonl"
}

@test "while a run waits on a terminal that is stopped, Ctrl-C still skips" {
  service 0 K01a
  body a 'echo $$ >>"${0%/etc/*}/pids"; exec sleep 1000'
  terminal_talk 0 <<'END'
send "\023"
after 4000
send "\003"
lassign [wait] pid id error status
exit $status
END
  grep -q '"service":"a","action":"stop","reason":"skipped by a key"' \
    "$ROOT/run/curfew/trace.jsonl"
}

@test "a pipe that is full holds up nothing, neither as stdout nor as stderr" {
  flood
  mkfifo "$ROOT/pipe"
  exec 5<>"$ROOT/pipe"
  timeout 20 "$BUILD/rc" --root "$ROOT" 0 </dev/null >&5 2>&5
  complete
  # The pipe is full now: also the words about a wrong option wait for nobody.
  run timeout 10 bash -c '"$0" --no-such-option 2>&5' "$BUILD/rc"
  [ "$status" -eq 1 ]
  exec 5>&-
}
