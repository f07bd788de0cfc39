#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# Signals to rc, a second level change while one runs, and what survives rc. Numbers: see rc_run.bats.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# slow LEVEL LINK: a service that notes "NAME ended" when $ROOT/go is there.
slow() {
  service "$1" "$2"
  body "${2#[KS]??}" "$(until_file go); echo '${2#[KS]??} ended' >>'$ROOT/ran'"
}

# preempt LEVEL SERVICE: starts rc, TERMs it when SERVICE runs, and waits for its end.
preempt() {
  start_rc "$1"
  until_true ran "$2"
  kill -TERM "$RC"
  rc_ended
}

go() { : >"$ROOT/go"; }

@test "20: INT, QUIT, TSTP and HUP end neither rc nor the script that runs" {
  slow 2 S01a && service 2 S02b
  start_rc 2
  until_true ran a
  for signal in INT QUIT TSTP HUP; do kill -"$signal" "$RC"; done
  sleep 0.1
  [ "$(xargs <"$ROOT/ran")" = "a start" ]
  go
  rc_ended
  [ "$(xargs <"$ROOT/ran")" = "a start a ended b start" ]
}

@test "TERM ends rc at once, starts nothing new, and the script that runs goes on" {
  slow 0 K01a && service 0 K02b
  before=$EPOCHSECONDS
  preempt 0 a
  ((EPOCHSECONDS - before < 5))
  go
  until_true grep -q 'a ended' "$ROOT/ran"
  sleep 0.1
  [ "$(xargs <"$ROOT/ran")" = "a stop a ended" ]
}

@test "TERM leaves the running scripts in /run/curfew/running, the complete ones in stopped" {
  slow 0 K02a && slow 0 K02b.sh && service 0 K01c
  start_rc 0
  until_true ran a
  until_true ran b.sh
  until_true grep -qsx c "$ROOT/run/curfew/stopped"
  kill -TERM "$RC"
  rc_ended
  [ "$(cat "$ROOT/run/curfew/stopped")" = c ]
  while read -r action pid start service; do
    [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "/bin/sh $ROOT/etc/init.d/$service $action " ]
    [ "$(sed 's/.*) //' "/proc/$pid/stat" | cut -d' ' -f20)" = "$start" ]
  done <"$ROOT/run/curfew/running"
  [ "$(cut -d' ' -f1,4 "$ROOT/run/curfew/running" | sort | xargs)" = "stop a stop b.sh" ]
}

# written_again INODE: whether the state file is no longer the one with that number.
written_again() { [ "$(stat -c %i "$ROOT/run/curfew/running")" != "$1" ]; }

@test "the next rc takes over a stop that runs: it waits for it and never stops a second time" {
  slow 0 K01a && service 0 K02b && link 6 K01a && link 6 K02b
  preempt 6 a
  local old
  old=$(stat -c %i "$ROOT/run/curfew/running")
  PREVLEVEL=6 start_rc 0
  until_true written_again "$old"
  sleep 0.2
  [ "$(xargs <"$ROOT/ran")" = "a stop" ]
  go
  rc_ended
  [ "$(xargs <"$ROOT/ran")" = "a stop a ended b stop" ]
  [ "$(xargs <"$ROOT/run/curfew/stopped")" = b ]
}

@test "a stop that ended while no rc looked is not run again by the next rc" {
  slow 0 K01a && service 0 K02b && link 6 K01a && link 6 K02b
  preempt 6 a
  go
  until_true grep -q 'a ended' "$ROOT/ran"
  PREVLEVEL=6 rc 0
  [ "$(xargs <"$ROOT/ran")" = "a stop a ended b stop" ]
}

@test "level 6 turned into 0 stops nothing twice; a first request stops everything" {
  for link in K01a K02b; do service 6 "$link" && link 0 "$link"; done
  rc 6 && PREVLEVEL=6 rc 0
  [ "$(xargs <"$ROOT/ran")" = "a stop b stop" ]
  PREVLEVEL=2 rc 0
  [ "$(xargs <"$ROOT/ran")" = "a stop b stop a stop b stop" ]
}

@test "a level with services in between makes what was stopped forgotten" {
  service 6 K01a && link 0 K01a && link 2 S01a
  rc 6 && PREVLEVEL=6 rc 2 && PREVLEVEL=6 rc 0
  [ "$(xargs <"$ROOT/ran")" = "a stop a start a stop" ]
}

@test "a start that an earlier rc left running is waited for before its service is stopped" {
  slow 2 S01a && link 0 K01a && service 0 K01b
  preempt 2 a
  PREVLEVEL=2 start_rc 0
  until_true ran b
  sleep 0.2
  [ "$(xargs <"$ROOT/ran")" = "a start b stop" ]
  go
  rc_ended
  [ "$(xargs <"$ROOT/ran")" = "a start b stop a ended a stop a ended" ]
}

@test "a start that hangs delays its service's stop by LIMIT at the most" {
  slow 2 S01a && link 0 K01a
  echo LIMIT=1 >"$ROOT/etc/default/curfew"
  preempt 2 a
  PREVLEVEL=2 start_rc 0
  until_true grep -q 'a stop' "$ROOT/ran"
  [ ! -e "$ROOT/go" ]
  go
  rc_ended
}

@test "a third rc still knows what the second had no turn for, and what it waited for" {
  slow 6 K01a && slow 6 K02b && slow 2 S01c
  for link in K01a K02b K02c; do link 0 "$link"; done
  link 6 K02c
  depend stop 'TARGETS = a b c'
  preempt 2 c
  PREVLEVEL=2 preempt 6 b
  echo JOBS=1 >"$ROOT/etc/default/curfew"
  until_true ran a
  local old
  old=$(stat -c %i "$ROOT/run/curfew/running")
  PREVLEVEL=6 start_rc 0
  until_true written_again "$old"
  kill -TERM "$RC"
  rc_ended
  [ "$(cut -d' ' -f1,4 "$ROOT/run/curfew/running" | sort | xargs)" = "start c stop a stop b" ]
  PREVLEVEL=0 start_rc 6
  go
  rc_ended
  [ "$(sort "$ROOT/ran" | xargs)" = "a ended a stop b ended b stop c ended c ended c start c stop" ]
}

@test "state files that are garbage, or name foreign processes, hold nothing up" {
  service 0 K01a && service 0 K02b
  mkdir "$ROOT/run/curfew"
  printf 'stop 1 0 a\nstop 1 1 b\nstop %s 12 a\n\0\377garbage\nstart x\nstop -1 5 a' $$ \
    >"$ROOT/run/curfew/running"
  PREVLEVEL=6 start_rc 0
  rc_ended
  run grep -v '^rc: 2 services stopped in ' "$ROOT/out"
  [[ $output == 'rc: hand-over: '* ]]
}

@test "a daemon that a script leaves behind survives rc, and its later writes do not fail" {
  service 2 S01a
  body a "($(until_file go); echo late && echo later >&2 && echo well >'$ROOT/said') &"
  rc 2 >"$ROOT/out"
  [ -n "$(pgrep -f "$ROOT/etc/init.d/a")" ]
  go
  until_true grep -qs well "$ROOT/said"
  # What keeps the terminal open for the daemon ends with it.
  until_true eval '[ -z "$(pgrep -f -- "$ROOT")" ]'
}

@test "a daemon left behind by level 0 survives rc, too, and 200 KB of output do not block it" {
  service 0 K01a
  body a "($(until_file go); yes 'many words of one daemon' | head -c 200000 && : >'$ROOT/said') &"
  rc 0 >"$ROOT/out"
  go
  until_true test -e "$ROOT/said"
}

@test "a preempted script can still write when its rc has gone" {
  service 0 K01a
  body a "$(until_file go); echo words && echo more && : >'$ROOT/said'"
  preempt 0 a
  go
  until_true test -e "$ROOT/said"
}

@test "who reads what a preempted script writes is spared by the next rc's kill stage, while it lives" {
  service 0 K01a
  body a "$(until_file go); echo words"
  preempt 0 a
  until_true compgen -G "$ROOT/run/sendsigs.omit.d/rc-drain-*[0-9]"
  pid=$(cat "$ROOT"/run/sendsigs.omit.d/rc-drain-*[0-9])
  [ "$(cat "/proc/$pid/comm")" = rc-drain ]
  go
  gone() { [ -z "$(ls -A "$ROOT/run/sendsigs.omit.d")" ]; }
  until_true gone
}

@test "a drain that no other rc needs is in no list of those that the kill stage spares" {
  service 2 S01a
  body a 'sleep 1000 & echo $! >>'"'$ROOT/pids'"
  rc 2
  [ ! -e "$ROOT/run/sendsigs.omit.d" ]
}

@test "rc and the drain keep no descriptor of the caller open: a pipe ends with rc" {
  service 2 S01a
  body a 'sleep 1000 & echo $! >>'"'$ROOT/pids'"
  # cat ends only if nobody holds the pipe any more.
  timeout 10 cat < <(rc 2)
  kill -0 "$(cat "$ROOT/pids")"
}

@test "TERM of a script, or of anybody but init and rc's own callers, is noted and ends nothing" {
  service 0 K01a && service 0 K02b
  body a 'kill -TERM "$(ps -o ppid= -p $$)"; sleep 0.2'
  depend stop 'TARGETS = a b' 'b: a'
  rc 0 >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "a stop b stop" ]
  grep -qx "rc: SIGTERM from a\[[0-9]*\] is no request of init's; rc goes on" "$ROOT/out"
}

@test "TERM in the same turn as the end of the last script is not lost" {
  service 0 K01a
  body a "$(until_file go)"
  start_rc 0
  until_true ran a
  kill -STOP "$RC"
  go
  until_true eval '[ "$(ps -o stat= --ppid "$RC" | cut -c1)" = Z ]'
  kill -TERM "$RC"
  kill -CONT "$RC"
  rc_ended
  ! grep -q hand-over "$ROOT/out" || false
}

# reparented LEVEL: whether rc has become the parent of a process that a script left behind.
reparented() {
  service "$1" K01a && service "$1" K02b
  body a '(sleep 1000 & echo $! >>'"'$ROOT/pids'"')'
  body b "ps -o ppid= -p \$(cat '$ROOT/pids') >'$ROOT/parent'; echo \$PPID >'$ROOT/rc'"
  depend stop 'TARGETS = a b' 'b: a'
  rc "$1"
  [ "$(xargs <"$ROOT/parent")" = "$(cat "$ROOT/rc")" ]
}

@test "in level 0 what a script leaves behind stays below rc, and is reaped; it lives on after rc" {
  reparented 0
  kill -0 "$(cat "$ROOT/pids")"
  [ "$(ps -o ppid= -p "$(cat "$ROOT/pids")" | xargs)" != "$(cat "$ROOT/rc")" ]
}

@test "in level 2 what a script leaves behind is no child of rc" { PREVLEVEL=3 && export PREVLEVEL && ! reparented 2; }

@test "a terminal that a script opens becomes nobody's: a process that the script leaves gets no HUP" {
  service 2 S01kiosk
  body kiosk '( trap "echo HUP >>'"'$ROOT/ran'"'" HUP; echo $$ >>'"'$ROOT/pids'"'; sleep 2; echo lives >>'"'$ROOT/ran'"' ) &
    exec 3<>"$TTY"; sleep 0.3; exit 0'
  expect - "$BUILD/rc" --root "$ROOT" 3>&- <<'END'
spawn -pty
set env(TTY) $spawn_out(slave,name)
exec setsid {*}$argv 2 </dev/null
END
  until_true grep -q lives "$ROOT/ran"
  ! grep -q HUP "$ROOT/ran" || false
}

@test "an rc that dies leaves word of the scripts that run and of the stops that are complete" {
  service 0 K01fast && service 0 K02slow && service 0 K03bad && service 0 K04norun
  body slow "touch $ROOT/began; $(until_file go)"
  body bad 'exit 1'
  chmod 644 "$ROOT/etc/init.d/norun"
  start_rc 0
  until_true test -e "$ROOT/began"
  until_true grep -qx fast "$ROOT/run/curfew/stopped"
  until_true grep -q ' slow$' "$ROOT/run/curfew/running"
  kill -KILL "$RC"
  [ "$(cat "$ROOT/run/curfew/stopped")" = fast ]
  [[ $(cat "$ROOT/run/curfew/running") == "stop "*" slow" ]]
}

@test "a level that is none is refused, and takes nothing from a shutdown that is going on" {
  service 0 K01a
  rc 0
  for level in x 7x halt '' 00; do
    run rc "$level"
    [ "$status" -eq 1 ]
  done
  [ "$(cat "$ROOT/run/curfew/stopped")" = a ]
  [ -s "$ROOT/run/curfew/trace.jsonl" ]
}
