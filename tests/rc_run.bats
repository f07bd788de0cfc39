#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2030,SC2031 # bodies of scripts; each test is a shell of its own
# How rc starts scripts and what they find. The numbers are the acceptance cases of the SysV
# family's behaviour map; a name says so where Curfew differs on purpose.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# meets NAME OTHER: a script that ends only when OTHER runs too, and says "met" then.
meets() {
  body "$1" ": >'$ROOT/$1.here'; $(until_file "$2.here"); [ -e '$ROOT/$2.here' ] && echo met"
}

# pair: S01a and S01b, which meet if they run at the same time.
pair() {
  service 2 S01a && service 2 S01b
  meets a b && meets b a
}

both_met() { [ "$(grep -c ': met$' "$1")" -eq 2 ]; }

@test "scripts of equal rank run at the same time" {
  pair
  rc 2 >"$ROOT/out"
  both_met "$ROOT/out"
}

@test "36: a stdin that is no terminal keeps scripts parallel (differs from startpar)" {
  pair
  for input in /dev/null "$ROOT/in"; do
    mkfifo "$ROOT/in" 2>/dev/null || :
    rm -f "$ROOT"/*.here
    # Opened for both directions: neither end waits for the other.
    rc 2 0<>"$input" 2>&1 >"$ROOT/out"
    both_met "$ROOT/out"
  done
}

@test "a terminal as stdin, stdout and stderr keeps scripts parallel" {
  pair
  on_terminal 2 >"$ROOT/out"
  both_met "$ROOT/out"
}

# bats test_tags=unshare
@test "without /dev/pts scripts run on pipes, in parallel (differs from startpar)" {
  pair
  body a '[ -p /proc/self/fd/1 ] && [ -p /proc/self/fd/2 ] && echo piped'
  unshare --user --map-root-user --mount sh -ec '
    mount -t tmpfs none /dev/pts
    exec "$0" --root "$1" 2' "$BUILD/rc" "$ROOT" >"$ROOT/out"
  both_met "$ROOT/out"
  shows 'S01a: piped'
}

@test "17: concurrency=none is one script at a time, concurrency=nonet is not" {
  pair
  echo 'ro concurrency=nonet quiet' >"$ROOT/proc/cmdline"
  rc 2 >"$ROOT/out"
  both_met "$ROOT/out"
  for name in c d e; do
    service 3 "S01$name"
    body "$name" "mkdir '$ROOT/alone' && sleep 0.05 && rmdir '$ROOT/alone'"
  done
  echo 'ro concurrency=none quiet' >"$ROOT/proc/cmdline"
  rc 3 >"$ROOT/out"
  [ ! -s "$ROOT/out" ]
  [ "$(tail -n 3 "$ROOT/ran" | xargs)" = "c start d start e start" ]
}

@test "18: with .legacy-bootordering scripts run one at a time, by number" {
  : >"$ROOT/etc/init.d/.legacy-bootordering"
  for link in S03a S02b S10c S01d; do
    service 2 "$link"
    body "${link#S??}" "mkdir '$ROOT/alone' && sleep 0.05 && rmdir '$ROOT/alone'"
  done
  rc 2 >"$ROOT/out"
  [ ! -s "$ROOT/out" ]
  [ "$(xargs <"$ROOT/ran")" = "d start b start a start c start" ]
}

@test "JOBS=2 starts the third script when one of two has ended" {
  echo JOBS=2 >"$ROOT/etc/default/curfew"
  for name in a b c d e; do
    service 2 "S01$name"
    body "$name" "mkdir '$ROOT/one' && mine=one || mkdir '$ROOT/two' && mine=\${mine:-two}
      sleep 0.05; rmdir '$ROOT/'\${mine:?}"
  done
  rc 2 | grep -v 'one.: File exists' >"$ROOT/out" || :
  [ ! -s "$ROOT/out" ]
  [ "$(sort "$ROOT/ran" | xargs)" = "a start b start c start d start e start" ]
}

@test "19: scripts get init's variables, rc's own, a fixed PATH and umask 022" {
  service 0 K01a
  body a "echo \$RUNLEVEL,\$PREVLEVEL,\$runlevel,\$previous,\$VERBOSE,\$INIT_HALT,\$INIT_FOO,\$PATH
    umask"
  echo VERBOSE=yes >"$ROOT/etc/default/rcS"
  umask 077
  RUNLEVEL=6 PREVLEVEL=2 INIT_HALT=HALT INIT_FOO=bar PATH=/odd:$PATH rc 0 >"$ROOT/out"
  shows 'K01a: 6,2,0,2,yes,HALT,bar,/sbin:/usr/sbin:/bin:/usr/bin'
  shows 'K01a: 0022'
}

@test "19: without PREVLEVEL the previous level is N, without a LEVEL it is \$RUNLEVEL" {
  service 2 S01a
  body a 'echo "${RUNLEVEL-unset},${PREVLEVEL-unset},$runlevel,$previous,$VERBOSE"'
  rc 2 >"$ROOT/out"
  shows 'S01a: unset,unset,2,N,no'
  RUNLEVEL=2 rc >"$ROOT/out"
  shows 'S01a: 2,unset,2,N,no'
}

@test "a script gets one argument and its own path as \$0: init.d's in parallel, the link's in serial" {
  service 2 S01a
  body a 'echo "$0 $# $1"'
  rc 2 >"$ROOT/out"
  shows "S01a: $ROOT/etc/init.d/a 1 start"
  : >"$ROOT/etc/init.d/.legacy-bootordering"
  rc 2 >"$ROOT/out"
  shows "S01a: $ROOT/etc/rc2.d/S01a 1 start"
}

@test "a program that is no script gets the link as argv[0]" {
  cp /bin/dash "$ROOT/etc/init.d/a"
  link 2 S01a
  rc 2 >"$ROOT/out"
  shows 'S01a: /etc/rc2.d/S01a: 0: cannot open start: No such file'
}

@test "each script has a process group and a terminal of its own, in rc's session, and no input" {
  for name in a b; do
    service 2 "S01$name"
    body "$name" 'echo "leader $(($(ps -o pgid= -p $$) == $$)) sid $(($(ps -o sid= -p $$) == $(ps -o sid= -p $PPID)))"
      stty -F /dev/tty sane && (read x </dev/tty) 2>/dev/null || echo "reads no terminal of rc"
      [ -t 1 ] && [ -t 2 ] && echo "input $(readlink /proc/self/fd/0) $(cat | wc -c)"'
    body "$name" "tty <&1 >'$ROOT/tty.$name'; $(until_file tty.a); $(until_file tty.b)"
  done
  on_terminal 2 | sort >"$ROOT/out"
  [ "$(cat "$ROOT/out")" = 'S01a: input /dev/null 0
S01a: leader 1 sid 1
S01a: reads no terminal of rc
S01b: input /dev/null 0
S01b: leader 1 sid 1
S01b: reads no terminal of rc' ]
  [[ $(cat "$ROOT/tty.a") == /dev/pts/* && $(cat "$ROOT/tty.a") != "$(cat "$ROOT/tty.b")" ]]
}

@test "scripts inherit no descriptor but 0 to 2, alone on the console neither" {
  for link in S01a S01b S02c; do
    service S "$link"
    # The shell lists its own, too; readlink shows those that an exec keeps.
    body "${link#S??}" 'readlink /proc/self/fd/* | wc -l'
  done
  depend boot 'TARGETS = a b c' 'INTERACTIVE = c' 'c: a b'
  rc S 5</dev/null 6>"$ROOT/six" 77<"$ROOT" >"$ROOT/out"
  [ "$(cat "$ROOT/out")" = 'S01a: 3
S01b: 3
3' ] || [ "$(sort "$ROOT/out" | xargs)" = '3 S01a: 3 S01b: 3' ]
}

@test "scripts start with default signal dispositions but TTIN and TTOU, and no mask, whatever rc got" {
  service 2 S01a
  body a 'exec grep "^Sig[BI]" /proc/self/status'
  perl -MPOSIX -e '
    $SIG{$_} = "IGNORE" for qw(HUP INT QUIT PIPE TERM CHLD USR1 TSTP TTOU);
    sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGINT, SIGUSR2, SIGCHLD));
    exec @ARGV' "$BUILD/rc" --root "$ROOT" 2 >"$ROOT/out"
  [ "$(tr -d ' ' <"$ROOT/out")" = 'S01a:SigBlk:0000000000000000
S01a:SigIgn:0000000000300000' ]
}

@test "a script waits for all that .depend names, whatever their status" {
  for link in K01a K01b K01c K01d; do service 0 "$link"; done
  depend stop 'TARGETS = a b c d' 'a: b c' 'b: d' 'c: d'
  body d 'sleep 0.2; exit 1'
  body b 'kill -KILL $$'
  body c "sleep 0.2; echo 'c ended' >>'$ROOT/ran'"
  rc 0 >"$ROOT/out"
  [ "$(sed -n '1p;4,5p' "$ROOT/ran" | xargs)" = "d stop c ended a stop" ]
  [ "$(sort "$ROOT/ran" | uniq -d)" = "" ]
}

@test "43: the dependent of a script that fails still runs" {
  service 2 S01a && service 2 S01b
  depend start 'TARGETS = a b' 'b: a'
  body a 'exit 1'
  rc 2 >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "a start b start" ]
}

@test "a level change stops first, and starts only when all stops have ended" {
  service 3 K01a && service 3 K01b && service 3 S01c
  body a "sleep 0.2; echo 'a ended' >>'$ROOT/ran'"
  PREVLEVEL=2 rc 3
  [ "$(sed '/^b/d' "$ROOT/ran" | xargs)" = "a stop a ended c start" ]
}

@test "3, 5, 24: in level 0 every K link and every S link is called with stop, exit status 0" {
  service 0 K01a && service 0 S20x && service 2 K01b && link 0 K01b
  depend stop 'TARGETS = a b'
  PREVLEVEL=2 run rc 0
  [ "$status" -eq 0 ]
  [ "$(sort "$ROOT/ran" | xargs)" = "a stop b stop x stop" ]
}

@test "13, 22, 27: a failing script ends nothing; one line names it; the exit status is 0" {
  for link in S01good S01bad S02last; do service 2 "$link"; done
  body bad 'exit 3'
  run rc 2
  [ "$status" -eq 0 ]
  [ "$(sort "$ROOT/ran" | xargs)" = "bad start good start last start" ]
  [ "$output" = 'S01bad: failed, exit status 3
rc: service(s) returned failure: bad' ]
}

@test "25: statuses of a start: 1 to 4 and 7 failed, 5 not installed, 6 not configured, others well" {
  for code in 0 1 2 3 4 5 6 7 8 100 151 255; do
    service 2 "S01x$code" && body "x$code" "exit $code"
  done
  echo JOBS=1 >"$ROOT/etc/default/curfew"
  run rc 2
  [ "$status" -eq 0 ]
  [ "$(grep '^rc: ' <<<"$output")" = 'rc: service(s) returned failure: x1 x2 x3 x4 x7
rc: service(s) skipped, program is not installed: x5
rc: service(s) skipped, program is not configured: x6' ]
  [ "$(grep -c ': failed, exit status [12347]$' <<<"$output")" -eq 5 ]
}

@test "25: a stop that ends with 7, not running, did not fail" {
  service 0 K01a && body a 'exit 7'
  service 0 K01b && body b 'exit 4'
  run rc 0
  [ "$(grep returned <<<"$output")" = 'rc: service(s) returned failure: b' ]
}

@test "26: a script killed by a signal failed, and exit status 9 is not SIGKILL" {
  service 2 S01a && body a 'kill -KILL $$'
  service 2 S01b && body b 'exit 9'
  run rc 2
  [ "$status" -eq 0 ]
  [ "$output" = 'S01a: failed, killed by SIGKILL
rc: service(s) returned failure: a' ]
}

@test "30: nothing to do is exit 0 and silence" {
  mkdir "$ROOT/etc/rc3.d"
  run rc 3
  [ "$status" -eq 0 ]
  [ "$output" = "" ]
}

@test "37: a script that stops itself is continued, on the console too" {
  service S S01a && service S S02b
  depend boot 'TARGETS = a b' 'INTERACTIVE = b' 'b: a'
  body a 'kill -STOP $$; echo continued' && body b 'kill -STOP $$; echo continued'
  start_rc S
  rc_ended
  [ "$(cat "$ROOT/out")" = 'S01a: continued
continued' ]
}

@test "the end of a script is its own end, not that of the daemon that keeps its output" {
  service 2 S01a && service 2 S02b
  body a 'sleep 1000 & echo $! >>'"'$ROOT/pids'"
  start_rc 2
  rc_ended
  [ "$(xargs <"$ROOT/ran")" = "a start b start" ]
}

@test "a script without #! runs under sh, also with an odd name and no last newline" {
  printf 'echo "$1 by $0"' >"$ROOT/etc/init.d/a b"
  chmod 755 "$ROOT/etc/init.d/a b"
  link 2 'S01a b'
  rc 2 >"$ROOT/out"
  shows "S01a b: start by $ROOT/etc/init.d/a b"
}

@test "rc itself leaves no process behind when no script does" {
  service 2 S01a && service 0 K01a
  rc 2 && rc 0 >/dev/null
  [ -z "$(pgrep -f -- "$ROOT")" ]
}

@test "a service with KILL=no gets links for its pid files in sendsigs.omit.d in 0, 1 and 6 alone" {
  mkdir -p "$ROOT/etc/default/curfew.d" "$ROOT/run/db" "$ROOT/run/sendsigs.omit.d"
  printf 'SERVICES="db none"\nKILL=no\n' >"$ROOT/etc/default/curfew.d/db.conf"
  for level in 0 1 2 6; do service $level K01db; done
  body db 'PIDFILE=/run/database.pid'
  echo 1 >"$ROOT/run/database.pid" && echo 1 >"$ROOT/run/db/worker.pid"
  ln -s /run/old.pid "$ROOT/run/sendsigs.omit.d/curfew-old-0"
  ln -s /run/other.pid "$ROOT/run/sendsigs.omit.d/other"
  for level in 2 0 1 6; do
    rc $level >"$ROOT/out"
    run ls "$ROOT/run/sendsigs.omit.d"
    [ $level != 2 ] || [ "$(xargs <<<"$output")" = 'curfew-old-0 other' ]
    [ $level = 2 ] || [ "$(xargs <<<"$output")" = 'curfew-db-0 curfew-db-1 other' ]
    [ $level = 2 ] || grep -F 'KILL=no of none: it has no pid file' "$ROOT/out"
    rm -f "$ROOT/run/sendsigs.omit.d/curfew-db"*
  done
  rc 0 >"$ROOT/out"
  [ "$(readlink "$ROOT/run/sendsigs.omit.d/curfew-db-0")" = /run/database.pid ]
}
