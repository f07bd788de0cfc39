#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# How long a stop script is waited for: what counts as progress, and what becomes of one that makes
# none. Every limit here is of a few seconds; which one ended a wait, the trace says.

load lib/tree

setup() { tree_new; }
teardown() {
  tree_end
  [ -z "${DISK:-}" ] || rm -r "$DISK"
}

# disk_new: DISK is a directory whose writes reach a disk.  /tmp may be memory.
disk_new() {
  local directory
  for directory in "$BATS_TEST_TMPDIR" /var/tmp "$BUILD"; do
    [ "$(stat -f -c %T "$directory")" != tmpfs ] || continue
    DISK=$(mktemp -d "$directory/curfew.XXXXXX")
    return
  done
  skip "/tmp, /var/tmp and $BUILD are all in memory"
}

# limits SETTING...: what etc/default/curfew says.
limits() { printf '%s\n' "$@" >"$ROOT/etc/default/curfew"; }

# chain FIRST SECOND: a stop of FIRST, and of SECOND after it.
chain() {
  service 0 "K01$1" && service 0 "K02$2"
  depend stop "TARGETS = $1 $2" "$2: $1"
}

# traced PATTERN: the trace has such a line.
traced() { grep -qsE -- "$1" "$ROOT/run/curfew/trace.jsonl"; }

# abandoned SERVICE [REASON]
abandoned() { traced "\"abandoned\",\"service\":\"$1\",.*\"reason\":\"${2:-}"; }

# waited_for SERVICE: it was not left alone.
waited_for() { if abandoned "$1"; then return 1; fi; }

# times EVENT [SERVICE]: when, in ms, one a line.
times() {
  sed -nE 's/^\{"time_us":([0-9]+)[0-9]{3},"event":"'"$1"'","service":"'"${2:-[^\"]*}"'".*/\1/p' \
    "$ROOT/run/curfew/trace.jsonl"
}

# daemon NAME COMMANDS: a process of its own session that runs COMMANDS, its pid in run/NAME.pid.
daemon() {
  setsid sh -c "echo \$\$ >'$ROOT/run/$1.pid'; echo \$\$ >>'$ROOT/pids'; $2" \
    >/dev/null 2>&1 3>&- &
  disown
  until_true test -s "$ROOT/run/$1.pid"
}

# A program that is no shell, by its name, and works until it is killed.
spin='exec awk "BEGIN { while (1) x++ }"'

@test "a service extends its own stop without being root, no other's; a stranger extends none" {
  [ "$(id -u)" -eq 0 ] || skip "needs two users"
  # Nobody else may go through bats' folders.
  local read=+dac_read_search
  user=(setpriv --reuid=1234 --clear-groups "--inh-caps=$read" "--ambient-caps=$read")
  asks() { echo "${user[*]} '$BUILD/curfew' $* --root '$ROOT' >>'$ROOT/asked' 2>&1"; }
  service 0 K01own && service 0 K01other
  body own "$(asks extend own 300); $(asks extend other 300); $(asks skip other); exec sleep 1000"
  body other 'exec sleep 1000'
  start_rc 0
  until_true grep -q control "$ROOT/asked"
  diff "$ROOT/asked" - <<'END'
K01own has 300 s now
curfew: K01other is extended by root and by what the script starts alone
curfew: /run/curfew/control: Permission denied
END
  run "${user[@]}" "$BUILD/curfew" extend own 500 --root "$ROOT"
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: K01own is extended by root and by what the script starts alone" ]
  run "$BUILD/curfew" extend other 500 --root "$ROOT"
  [ "$output" = "K01other has 500 s now" ]
  "$BUILD/curfew" skip --all --root "$ROOT"
  rc_ended
}

@test "a stop that saves by itself beside an idle daemon is waited for" {
  limits LIMIT=2
  disk_new
  daemon backup 'exec sleep 1000'
  service 0 K01backup
  body backup "for i in 1 2 3 4 5 6 7 8 9 10; do
      dd if=/dev/zero of='$DISK/o' bs=64k count=4 conv=fsync 2>/dev/null; sleep 0.4; done; touch '$ROOT/saved'"
  rc 0
  [ -e "$ROOT/saved" ] && waited_for backup
}

@test "a stop that sleeps for ever is left alone after LIMIT, and what waits for it goes on" {
  limits LIMIT=2
  chain hung waits
  body hung 'echo last words; sleep 1000'
  start_rc 0
  rc_ended
  [ "$(xargs <"$ROOT/ran")" = "hung stop waits stop" ]
  abandoned hung 'no progress for 2 s","last_line":"last words"'
  # It was not killed, and it is not recorded as stopped.
  pgrep -f "$ROOT/etc/init.d/hung"
  [ "$(cat "$ROOT/run/curfew/stopped")" = waits ]
}

@test "polling, spinning, printing and forking are no progress either" {
  limits LIMIT=2
  service 0 K01polls && service 0 K01spins && service 0 K01prints && service 0 K01forks
  body polls 'while :; do sleep 0.05; done'
  body spins 'while :; do :; done'
  body prints 'exec yes "many words"'
  body forks 'while :; do /bin/true; done'
  start_rc 0
  rc_ended
  # The first costs LIMIT; what read its program from the disk meanwhile has less from then on.
  for name in polls spins prints forks; do abandoned "$name" 'no progress for [0-9]+ s'; done
}

@test "a script that writes to the disk all the time is waited for, five limits long" {
  limits LIMIT=2
  disk_new
  chain writes next
  body writes "for i in \$(seq 50); do dd if=/dev/zero of='$DISK/data' bs=4k count=1 conv=fsync; sleep 0.2; done"
  start_rc 0
  rc_ended
  waited_for writes
  [ "$(xargs <"$ROOT/ran")" = "writes stop next stop" ]
}

@test "a daemon that works is waited for though its script polls; one that sleeps is not" {
  limits LIMIT=2
  daemon busy "$spin"
  daemon idle 'exec sleep 1000'
  service 0 K01busy && service 0 K01idle
  for name in busy idle; do body "$name" "i=0; while [ \$i -lt 60 ]; do sleep 0.1; i=\$((i+1)); done"; done
  start_rc 0
  rc_ended
  waited_for busy
  abandoned idle 'no progress for 2 s'
  traced '"exit","service":"busy"'
}

@test "a daemon is found by the pid file that its script names, also when the script removes it" {
  limits LIMIT=3
  daemon other "$spin"
  service 0 K01busy
  body busy "PIDFILE=/run/other.pid; sleep 2; rm '$ROOT/run/other.pid'"
  body busy "i=0; while [ \$i -lt 60 ]; do sleep 0.1; i=\$((i+1)); done"
  start_rc 0
  rc_ended
  waited_for busy
}

@test "progress or none, a script is left alone after LIMIT_HARD" {
  limits LIMIT=2 LIMIT_HARD=5
  daemon busy "$spin"
  service 0 K01busy
  body busy 'sleep 1000'
  start_rc 0
  rc_ended
  abandoned busy '5 s in all'
  shows 'rc: K01busy: may take 5 s in all; left alone in 2 s'
}

@test "from the second hang on a third of LIMIT is enough: a chain of hung scripts is short" {
  limits LIMIT=3
  service 0 K01a && service 0 K02b && service 0 K03c
  depend stop 'TARGETS = a b c' 'b: a' 'c: b'
  for name in a b c; do body "$name" 'exec sleep 1000'; done
  start_rc 0
  rc_ended
  abandoned a 'no progress for 3 s' && abandoned b 'no progress for 1 s' && abandoned c 'no progress for 1 s'
}

@test "a notice comes before a script is left alone, once for each quiet spell" {
  limits LIMIT=3
  service 0 K01hung
  body hung 'sleep 1000'
  start_rc 0
  rc_ended
  [ "$(times near-limit hung | wc -l)" -eq 1 ]
  traced '"near-limit","service":"hung","action":"stop","quiet_s":2,"left_s":1'
  (($(times near-limit hung) < $(times abandoned hung)))
}

@test "one service may have another limit than the rest, or none" {
  limits LIMIT=1
  mkdir "$ROOT/etc/default/curfew.d"
  printf 'SERVICES=slow\nLIMIT=20\n' >"$ROOT/etc/default/curfew.d/slow.conf"
  service 0 K01slow && service 0 K01hung
  body slow "$(until_file go)" && body hung 'exec sleep 1000'
  start_rc 0
  until_true abandoned hung
  : >"$ROOT/go"
  rc_ended
  waited_for slow
}

@test "a boot and a start have no limit" {
  limits LIMIT=1 LIMIT_HARD=1
  service 2 S01slow
  body slow 'exec sleep 3'
  rc 2 >/dev/null
  waited_for slow
}

@test "after STOP_BUDGET no script is waited for and none begins, and the hand-over comes" {
  limits STOP_BUDGET=2
  chain hung later
  service 0 K01other
  body hung 'exec sleep 1000' && body other 'exec sleep 1000'
  start_rc 0
  rc_ended
  abandoned hung 'the 2 s for all scripts are over' && abandoned other
  traced '"skipped","service":"later"'
  [ "$(grep -c later "$ROOT/ran")" -eq 0 ]
  grep -q '^rc: hand-over: ' "$ROOT/out"
}

@test "progress lengthens STOP_BUDGET to its double, no further" {
  limits STOP_BUDGET=3 LIMIT=3
  daemon busy "$spin"
  service 0 K01busy
  body busy 'exec sleep 1000'
  start_rc 0
  rc_ended
  abandoned busy 'the 3 s'
  (($(times abandoned busy) - $(times start busy) >= 5900))
}

@test "of a script that was left alone the trace has the processes and what they sleep in" {
  limits LIMIT=1
  service 0 K01hung
  body hung 'sleep 1000 & flock "$0" sh -c "sleep 1001; :"'
  start_rc 0
  rc_ended
  traced '"process","service":"hung","text":"hung\[[0-9]+\] S'
  traced '"process","service":"hung","text":"  flock\[[0-9]+\] S'
  [ "$(grep -cE '"text":"(  )+sleep\[[0-9]+\] S' "$ROOT/run/curfew/trace.jsonl")" -eq 2 ]
}

@test "of two stops that wait for one lock both are left alone, and the run goes on" {
  limits LIMIT=2
  service 0 K01holds && service 0 K01wants && service 0 K02next
  depend stop 'TARGETS = holds wants next' 'next: holds wants'
  body holds "exec flock '$ROOT/lock' sleep 1000"
  body wants "until [ -e '$ROOT/lock' ]; do sleep 0.05; done; exec flock '$ROOT/lock' true"
  start_rc 0
  rc_ended
  abandoned holds && abandoned wants && ran next
}

@test "a process that stopped itself within a script's session does not hold the script" {
  limits LIMIT=8
  service 0 K01stops
  body stops "sh -c 'kill -STOP \$\$'; echo 'went on' >>'$ROOT/ran'"
  start_rc 0
  rc_ended
  grep -q 'went on' "$ROOT/ran"
}

# bats test_tags=shipped
@test "100 MB of output, with newlines or without, do not hold up other scripts, nor fill /run" {
  limits LIMIT=60
  service 0 K01lines && service 0 K01long && service 0 K01quick && service 0 K02next
  depend stop 'TARGETS = lines long quick next' 'next: quick'
  body lines 'yes "many words of one script" | head -c 100000000'
  body long 'head -c 100000000 /dev/zero | tr "\0" x'
  body quick 'sleep 2'
  start_rc 0
  until_true ran next
  (($(times exit quick) - $(times start quick) < 6000))
  (($(awk '/^VmHWM/ { print $2 }' "/proc/$RC/status") < 16000))
  (($(stat -c %s "$ROOT/run/curfew/trace.jsonl") < 5000000))
  pkill -KILL -f "$ROOT/etc/init.d/l[io]n"
  rc_ended
  traced '"lost","service":"lines",.*"lines":[0-9]{3}'
}

@test "a script that reads its standard input, and one without interpreter, end" {
  limits LIMIT=60
  service 0 K01reads && service 0 K01none
  body reads 'cat; read -r line; echo end'
  sed -i '1s|.*|#!/no/such/interpreter|' "$ROOT/etc/init.d/none"
  rc 0 >"$ROOT/out"
  traced '"line","service":"reads","text":"end"'
  traced '"exit","service":"none","action":"stop","status":"not run: No such file'
}

@test "what was left alone is neither stopped again nor waited for by the next rc" {
  limits LIMIT=1
  for link in K01hung K02slow; do service 6 "$link" && link 0 "$link"; done
  body hung 'exec sleep 1000' && body slow "$(until_file go)"
  start_rc 6
  until_true abandoned hung
  kill -TERM "$RC" && rc_ended
  [ "$(cut -d' ' -f1,4 "$ROOT/run/curfew/running" | sort | xargs)" = "abandoned-stop hung stop slow" ]
  : >"$ROOT/go"
  limits LIMIT=90
  PREVLEVEL=6 start_rc 0
  rc_ended
  [ "$(grep -c '^hung' "$ROOT/ran")" -eq 1 ]
  abandoned hung 'was left alone before'
  run "$BUILD/curfew" status --root "$ROOT"
  [[ ${lines[0]} == 'level 0, from 6: '?' of '?' scripts have ended, 1 left alone' ]]
  [[ ${lines[0]} =~ ([0-9]+)\ of\ ([0-9]+) ]]
  [ $((BASH_REMATCH[1] + 1)) -eq "${BASH_REMATCH[2]}" ]
}
