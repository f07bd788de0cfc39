#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts, and expect's own variables
# What a person can do about a wait: keys at the console, `curfew skip` from elsewhere.

load lib/tree

setup() {
  tree_new
  export TERM=linux
}
teardown() { tree_end; }

# What hangs, until tree_end ends it.
sleeps='echo $$ >>"${0%/etc/*}/pids"; exec sleep 1000'

# hung NAME...: services of level 0, each hung in its stop, each after the one before it.
hung() {
  local name before='' lines=("TARGETS = $*")
  for name in "$@"; do
    service 0 "K01$name"
    body "$name" "$sleeps"
    [ -z "$before" ] || lines+=("$name: $before")
    before=$name
  done
  depend stop "${lines[@]}"
}

# What ran, on one line.
all() { xargs <"$ROOT/ran"; }

skip() { "$BUILD/curfew" skip "$@" --root "$ROOT"; }

@test "Ctrl-C skips the script that the status line names; what waits for it runs" {
  hung a b
  service 0 K02c && depend stop 'TARGETS = a b c' 'b: a' 'c: b'
  terminal_talk 0 'columns 200' >"$ROOT/out" <<'END'
expect "rc: Ctrl-C skips what is waited for; Ctrl-C twice within 3 s skips all"
expect -re {\[0/3\] stopping a \d s, 8\d s left: sleep\[\d+\] S \w*; Ctrl-C skips it}
send "\003"
expect "K01a: skipped by a key; left alone, the run goes on without it"
# More than 3 s later: a first one again.
expect -re {\[1/3\] stopping b \d s, }
after 500
send "\003"
expect "rc: hand-over: "
lassign [wait] pid id error status
exit $status
END
  [ "$(all)" = "a stop b stop c stop" ]
  grep -q '"event":"abandoned","service":"b".*"reason":"skipped by a key"' \
    "$ROOT/run/curfew/trace.jsonl"
  # Explained once.
  [ "$(grep -c 'twice within' "$ROOT/out")" -eq 1 ]
}

@test "Ctrl-C twice within 3 s skips all: no other script begins, and the hand-over comes" {
  hung a b c
  terminal_talk 0 'columns 200' >"$ROOT/out" <<'END'
expect "; Ctrl-C skips it"
send "\003"
expect "K01a: skipped by a key"
send "\003"
expect "rc: hand-over: "
lassign [wait] pid id error status
exit $status
END
  # b may have begun between the two.
  [ "$(grep -c '^c ' "$ROOT/ran")" -eq 0 ]
}

@test "no key counts with KEYS=no, nor on the way up; the line shows, and promises none" {
  service 0 K01a && link 2 S01a
  body a "$(until_file go)"
  echo KEYS=no >"$ROOT/etc/default/curfew"
  for level in 0 2; do
    terminal_talk "$level" 'columns 200' >"$ROOT/out" <<END
expect -re {ing a \d s}
send "\003\003s"
after 300
exec touch "$ROOT/go"
expect eof
END
    [ "$(grep -c 'Ctrl-C\|skipped' "$ROOT/out")" -eq 0 ]
    rm -f "$ROOT/go" "$ROOT/etc/default/curfew"
  done
  [ "$(all)" = "a stop a start" ]
}

# A terminal that nobody has open forgets its modes: the sleep keeps it.

@test "the terminal is raw only while the line shows: not for other scripts, not after the end" {
  hung a
  service 0 K02b && depend stop 'TARGETS = a b' 'b: a'
  body b "COLUMNS=200 stty -a <\"\$(cat '$ROOT/terminal')\" >'$ROOT/during'"
  terminal_talk 0 'sane -ixon susp ^X columns 200' >"$ROOT/out" <<END
set f [open "$ROOT/terminal" w]
puts \$f \$spawn_out(slave,name)
close \$f
set keeper [exec sleep 40 <\$spawn_out(slave,name) >/dev/null 2>/dev/null &]
expect "; Ctrl-C skips it"
exec stty -a < \$spawn_out(slave,name) > "$ROOT/raw"
exec "$BUILD/curfew" skip a --root "$ROOT"
expect "rc: hand-over: "
lassign [wait] pid id error status
exec stty -a < \$spawn_out(slave,name) > "$ROOT/after"
exec kill \$keeper
END
  grep -q '^-isig -icanon .* -echo ' "$ROOT/raw"
  grep -q 'min = 1; ' "$ROOT/raw"
  grep -q '^opost .* onlcr ' "$ROOT/raw"
  diff "$ROOT/during" "$ROOT/after"
  grep -q ' susp = ^X' "$ROOT/after"
  grep -q '^isig icanon .* echo ' "$ROOT/after"
}

@test "TERM while keys count ends rc within a second, and the terminal echoes again" {
  hung a
  # rc heeds the TERM of init and of who called it.
  CALLER='timeout --foreground --preserve-status 5' \
    terminal_talk 0 'sane columns 200' >"$ROOT/out" <<'END'
set begin [clock milliseconds]
set keeper [exec sleep 40 <$spawn_out(slave,name) >/dev/null 2>/dev/null &]
expect "; Ctrl-C skips it"
lassign [wait] pid id error status
if {[clock milliseconds] - $begin > 6500 || $status != 0} {exit 8}
if {![string match "*\nisig icanon * echo *" [exec stty -a < $spawn_out(slave,name)]]} {exit 9}
exec kill $keeper
END
}

@test "a terminal that hangs up while keys count does not end rc, nor make it spin" {
  hung a
  terminal_talk 0 'columns 200' >"$ROOT/out" <<END
expect "; Ctrl-C skips it"
set f [open "$ROOT/rc" w]
puts \$f [exp_pid]
close \$f
close
END
  sleep 1.2
  # Processor time in hundredths of a second: of a loop that spins it would be more than 100.
  read -r _ _ _ _ _ _ _ _ _ _ _ _ _ user system _ <"/proc/$(cat "$ROOT/rc")/stat"
  [ $((user + system)) -lt 50 ]
  skip a
  until_true grep -q '"reason":"skipped by curfew skip"' "$ROOT/run/curfew/trace.jsonl"
  until_true not_alive "$(cat "$ROOT/rc")"
}

@test "curfew skip NAME leaves a service or link alone, says so, and the rest runs" {
  hung a b
  start_rc 0
  until_true ran a
  run skip b
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: K01b does not run, or has the console to itself" ]
  run skip nobody
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: nobody: no script of this change of level" ]
  [ "$(skip a)" = "K01a is left alone" ]
  until_true ran b
  [ "$(skip K01b)" = "K01b is left alone" ]
  rc_ended
  shows 'K01a: skipped by curfew skip; left alone, the run goes on without it'
  grep -q '^rc: hand-over: ' "$ROOT/out"
  [ ! -e "$ROOT/run/curfew/control" ]
}

@test "curfew skip --all ends the script phase" {
  hung a b c
  start_rc 0
  until_true ran a
  [ "$(skip --all)" = "all scripts that are left are left alone" ]
  rc_ended
  [ "$(all)" = "a stop" ]
  grep -q '^rc: hand-over: ' "$ROOT/out"
}

@test "curfew skip works on the way up, too" {
  service 2 S01a && service 2 S02b
  depend start 'TARGETS = a b' 'b: a'
  body a "$sleeps"
  start_rc 2
  until_true ran a
  skip a
  rc_ended
  [ "$(all)" = "a start b start" ]
}

@test "curfew skip without an rc, or with a wrong word, fails with one clear line" {
  run skip a
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: no change of level is going on" ]
  run skip
  [ "$output" = "curfew: skip needs one NAME, or --all; curfew --help says more" ]
  run skip a --all
  [ "$output" = "curfew: skip needs one NAME, or --all; curfew --help says more" ]
}

@test "an rc that was killed leaves a socket that nobody waits for, and the next one replaces" {
  hung a
  start_rc 0
  until_true ran a
  kill -KILL "$RC"
  until_true not_alive "$RC"
  [ -e "$ROOT/run/curfew/control" ]
  run skip a
  [ "$output" = "curfew: no change of level is going on" ]
  start_rc 0
  until_true skip a
  rc_ended
}

@test "curfew skip does not wait for an rc that is stopped, which does not skip later" {
  hung a
  start_rc 0
  until_true ran a
  kill -STOP "$RC"
  run timeout 10 "$BUILD/curfew" skip a --root "$ROOT"
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: rc does not answer; nothing is changed" ]
  kill -CONT "$RC"
  run skip nobody
  [ "$output" = "curfew: nobody: no script of this change of level" ]
  [ "$(grep -c abandoned "$ROOT/run/curfew/trace.jsonl")" -eq 0 ]
  skip a
  rc_ended
}
