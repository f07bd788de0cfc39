#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2314 # bodies of scripts; "!" is the last command where it stands
# The sh stubs of rc/: what they do while the binary works, and where it cannot run or dies.
#
# No case comes near this machine's own init: every path of the stub is put below a directory of
# the test, the halt there is a script that prints, and setup refuses where a path was missed.

setup() {
  T=$BATS_TEST_TMPDIR
  stubs=$BATS_TEST_DIRNAME/../rc
  mkdir -p "$T"/lib "$T"/sbin "$T"/run "$T"/lock "$T"/etc/rc{0,2,3,5,6,S}.d "$T"/etc/boot.d
  layout debian
  for name in halt reboot; do
    script "$T/lib/$name" 'echo "lib-NAME $*"'
    script "$T/sbin/$name" 'echo "sbin-NAME $*"'
    sed -i "s/NAME/$name/" "$T/lib/$name" "$T/sbin/$name"
  done
  unset RUNLEVEL PREVLEVEL INIT_HALT
}

# layout NAME: the stubs as installed for that layout.
layout() {
  for stub in rc rcS; do
    sed -e "s|@LIBDIR@|$T/lib|; s|@RCDIR@|$T/etc|; s|@HALTCONF@|$T/etc/halt|; s|@LAYOUT@|$1|" \
      -e "s|@SBINDIR@|$T/sbin|; s|@RUNDIR@|$T/run|; s|@STUBDIR@|$T|; s|@LOCKDIR@|$T/lock|" \
      "$stubs/$stub" >"$T/$stub"
    chmod +x "$T/$stub"
    # Nothing outside the test may be named, nothing left to fill in.
    if sed "s|$T|T|g; /^#/d; /^PATH=/d; s|2>/dev/null||; s|/proc/.1/stat||" "$T/$stub" | grep -Eq '@[A-Z]|(^|[ "=])/[a-z]+/'; then
      echo "refused: $stub names a path of this machine" >&2
      exit 1
    fi
  done
}

# script FILE BODY: an executable sh script.
script() {
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod +x "$1"
}

# binary BODY: a stand-in for the binary rc, which says its version as that does.
binary() { script "$T/lib/rc" "[ \"\$1\" != --version ] || { echo 'rc 1'; exit; }
$1"; }

# link LEVEL NAME...: links of a level whose scripts print that they ran.
link() {
  local level=$1 name
  shift
  for name; do script "$T/etc/rc$level.d/$name" 'echo "ran ${0##*/} $*"'; done
}

# Runs a stub by each shell it must work under; all must do the same.
shells() { # STUB ARGS...
  local stub=$1 shell first=
  shift
  for shell in dash bash 'busybox sh'; do
    command -v "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2086 # two words
    output=$($shell "$T/$stub" "$@" 2>&1) && status=0 || status=$?
    # Each shell has its own words for what it could not start and for a signal.
    output=$(grep -v "^$T/rc: \|^Segmentation fault" <<<"$output") || :
    mapfile -t lines <<<"$output"
    [ -z "$first" ] || [ "$status:$output" = "$first" ] || { echo "$shell: $output"; return 1; }
    first="$status:$output"
  done
}

@test "the binary gets the arguments, and its status is the stub's" {
  binary 'echo "args $*"; umask; echo "$PATH"; exit 3'
  link 2 S01a
  shells rc --dry-run 2
  [ "$status" -eq 3 ]
  [ "$output" = $'args --dry-run 2\n0022\n/sbin:/usr/sbin:/bin:/usr/bin' ]
}

@test "a terminal whose keys a binary counted when it died takes ^C again, and line by line" {
  binary 'stty -isig -icanon -echo; kill -KILL $$'
  script "$T/etc/rc2.d/S01a" 'for i in 1 2 3 4 5 6 7 8 9; do
    case " $(stty -a | tr "\n" " ") " in *" isig icanon "*" echo "*) echo "modes are back"; exit ;; esac
    sleep 0.3
  done'
  for shell in dash bash; do
    run timeout 20 "$BATS_TEST_DIRNAME/lib/slow-terminal" never "$shell" "$T/rc" 2
    [[ $output == *"modes are back"* ]]
  done
}

@test "where rc0.d shows no link, as one that cannot be read, the links of rc6.d are stopped" {
  binary 'exit 126'
  link 6 K01a S02b K03reboot
  shells rc 0
  [[ $output == *"running the links of $T/etc/rc6.d one by one"* ]]
  [[ $output == *$'ran K01a stop\nran S02b stop\nlib-halt -f -p'* ]]
  [[ $output != *K03reboot* ]]
}

# running ACTION SERVICE: a process that an rc left running as that script, for 2 s; it notes its end.
running() {
  (sleep 2 && echo "end of $2" >>"$T/ran") 3>&- &
  echo "$1 $! $(sed 's/.*) //' /proc/$!/stat | cut -d' ' -f20) $2" >>"$T/run/running"
}

@test "a script that the rc that died had begun is waited for, and not started beside itself" {
  binary 'kill -KILL $$'
  for name in K01a K02b K03c; do script "$T/etc/rc0.d/$name" "echo '$name' >>$T/ran"; done
  running stop a
  running abandoned-stop b
  echo 'stop 1 99999999999 c' >>"$T/run/running"
  run "$T/rc" 0
  [ "$(grep -v 'of b' "$T/ran" | xargs)" = "end of a K03c" ]
  [[ $output == *"lib-halt -f -p"* ]]
}

@test "a level without the binary forgets what an earlier shutdown has stopped" {
  binary 'exit 126'
  echo a >"$T/run/stopped"
  link 0 K01a
  PREVLEVEL=0 shells rc 2
  [ ! -e "$T/run/stopped" ]
  shells rc 0
  [[ $output == *"ran K01a stop"* ]]
}

@test "rcS runs level S" {
  binary 'echo "args $*"'
  shells rcS
  [ "$output" = "args S" ]
}

@test "a missing binary: the S links of level 2 run in order, one line says so" {
  link 2 S02b S01a S010c S03.x
  shells rc 2
  [ "$status" -eq 0 ]
  [ "$output" = "rc: $T/lib/rc cannot run (status 127); running the links of $T/etc/rc2.d one by one
ran S010c start
ran S01a start
ran S02b start
ran S03.x start" ]
}

@test "an empty, a garbled and a truncated binary all fall back" {
  link 2 S01a
  head -c 3000 "$(command -v bash)" >"$T/short"
  printf 'garbage $( \0\1\n' >"$T/garbled"
  : >"$T/empty"
  for kind in short garbled empty; do
    cp "$T/$kind" "$T/lib/rc"
    chmod +x "$T/lib/rc"
    shells rc 2
    [[ $output == *"ran S01a start"* ]]
  done
}

@test "a binary killed by a signal falls back, one that fails with a status does not" {
  link 2 S01a
  binary 'kill -SEGV $$'
  shells rc 2
  [[ $output == *"(status 139)"*"ran S01a start" ]]
  binary 'exit 125'
  shells rc 2
  [ "$status" -eq 125 ]
  [[ $output != *ran* ]]
}

@test "level 0: every K link runs although the previous level is N, then halt powers off" {
  link 0 K01b K02a S90x
  PREVLEVEL=N shells rc 0
  [ "${lines[1]}" = "ran K01b stop" ]
  [ "${lines[2]}" = "ran K02a stop" ]
  [ "${lines[3]}" = "ran S90x stop" ]
  [ "${lines[4]}" = "lib-halt -f -p" ]
}

# ran: the links of the last run, in their order, each with its argument.
# shellcheck disable=SC2031 # $output is of the test that calls it
ran() { sed -n 's/^ran //p' <<<"$output" | paste -sd,; }

@test "SUSE: the K links of the level that is left stop what the new one does not start" {
  layout suse
  link 3 S01net S02db K01db K02net
  link 5 S01net S02db S03xdm K01xdm K02db K03net
  PREVLEVEL=N shells rc 3
  [ "$(ran)" = "S01net start,S02db start" ]
  PREVLEVEL=3 shells rc 5
  [ "$(ran)" = "S03xdm start" ]
  PREVLEVEL=5 shells rc 3
  [ "$(ran)" = "K01xdm stop" ]
}

@test "SUSE: level 0 stops by the level that is left, starts S01halt, and halts if that comes back" {
  layout suse
  link 5 S01net S02xdm K01xdm K02net
  link 0 K01other S01halt
  PREVLEVEL=5 shells rc 0
  [ "$(ran)" = "K01xdm stop,K02net stop,S01halt start" ]
  [ "${lines[4]}" = "lib-halt -f -p" ]
  # Left before by an earlier part of this shutdown.
  echo xdm >"$T/run/stopped"
  PREVLEVEL=5 shells rc 0
  [ "$(ran)" = "K02net stop,S01halt start" ]
}

@test "SUSE: the level that is there already, and S after 1, are left alone" {
  layout suse
  link 3 S01net K01net
  link S S01single
  for levels in '3 3' '1 S'; do
    PREVLEVEL=${levels% *} shells rc "${levels#* }"
    [ "$status:$output" = 0: ]
  done
}

@test "SUSE: rc boot starts and rc halt stops what is in boot.d, in any level" {
  layout suse
  for name in S01proc S02clock K01clock K02proc; do
    script "$T/etc/boot.d/$name" 'echo "ran ${0##*/} $*"'
  done
  PREVLEVEL=N shells rc boot
  [ "$(ran)" = "S01proc start,S02clock start" ]
  for previous in N 3; do
    PREVLEVEL=$previous RUNLEVEL=0 shells rc halt
    [ "$(ran)" = "K01clock stop,K02proc stop" ]
    [[ $output != *lib-halt* ]]
  done
}

@test "Red Hat: lock files say what is to be stopped and started, also after the boot" {
  layout redhat
  link 3 K01xdm K02old S10net S20db S30net~ S31db.rpmsave
  touch "$T/lock/xdm" "$T/lock/db.init"
  PREVLEVEL=N shells rc 3
  [ "$(ran)" = "K01xdm stop,S10net start" ]
}

@test "Red Hat: level 6 stops what is locked, starts S00killall and S01reboot, nothing after it" {
  layout redhat
  link 6 K10db K20net S00killall S01reboot S99late
  touch "$T/lock/net"
  PREVLEVEL=3 shells rc 6
  [ "$(ran)" = "K20net stop,S00killall start,S01reboot start" ]
  [ "${lines[4]}" = "lib-reboot -f" ]
}

@test "LFS: what the level before had already is left alone, in 0 and 6, too" {
  layout lfs
  link 3 K05xdm K06mail S10net
  link 5 K06mail S10net S30xdm
  link 0 K05xdm K06mail K90net S60sendsignals S99halt
  PREVLEVEL=3 shells rc 5
  [ "$(ran)" = "S30xdm start" ]
  PREVLEVEL=5 shells rc 3
  [ "$(ran)" = "K05xdm stop" ]
  PREVLEVEL=3 shells rc 0
  [ "$(ran)" = "K90net stop,S60sendsignals start,S99halt start" ]
  [ "${lines[4]}" = "lib-halt -f -p" ]
  PREVLEVEL=N shells rc 0
  [ "$(ran)" = "K05xdm stop,K06mail stop,K90net stop,S60sendsignals start,S99halt start" ]
}

@test "level 2 after boot runs no K link, after another level it does" {
  link 2 K01b S01a
  PREVLEVEL=N shells rc 2
  [[ $output != *K01b* ]]
  PREVLEVEL=3 shells rc 2
  [[ $output == *"ran K01b stop"*"ran S01a start" ]]
}

@test "level 6: links named halt, reboot and kexec do not run, reboot does" {
  link 6 K01a K09kexec K10reboot K10halt
  shells rc 6
  [ "${#lines[@]}" -eq 4 ]
  [ "${lines[1]}" = "ran K01a stop" ]
  [ "${lines[2]}" = "lib-reboot -f" ]
}

@test "halt that comes back, cannot run or is missing: the system's own halt follows" {
  shells rc 0
  [ "${lines[1]} ${lines[2]}" = "lib-halt -f -p sbin-halt -d -f -p" ]
  rm "$T/lib/halt" "$T/lib/reboot"
  shells rc 0
  [[ $output == *"sbin-halt -d -f -p" ]]
  shells rc 6
  [[ $output == *"sbin-reboot -d -f" ]]
  # As after a power cut.
  : > "$T/sbin/halt"
  script "$T/sbin/halt.sysvinit" 'echo "sysvinit $*"'
  shells rc 0
  [[ $output == *"sysvinit -d -f -p" ]]
}

@test "INIT_HALT, else HALT= of the configuration, decides whether level 0 powers off" {
  INIT_HALT=HALT shells rc 0
  [ "${lines[1]}" = "lib-halt -f" ]
  printf 'HALT=poweroff\n  HALT="halt"\n# HALT=poweroff\n' >"$T/etc/halt"
  shells rc 0
  [[ $output == *"lib-halt -f"$'\n'* ]]
  INIT_HALT=POWEROFF shells rc 0
  [[ $output == *"lib-halt -f -p"* ]]
  for text in 'if [ -e /x ]; then\n  HALT=halt\nfi\n' 'NOTE="of $OWNER:\nHALT=halt\n"\n' \
    'case x in\na) HALT=halt ;;\nb)\nHALT=halt\nesac\n' 'f() {\n  HALT=halt\n}\n' \
    'if a; then\n  if b; then\n    :\n  fi\n  HALT=halt\nfi\n' '[ -e /x ] && {\nHALT=halt\n}\n' \
    'until x\ndo\nHALT=halt\ndone\n' 'f()\n{\n  HALT=halt\n}\n'; do
    # shellcheck disable=SC2059 # the text is a format
    printf "$text" >"$T/etc/halt"
    shells rc 0
    [[ $output == *"lib-halt -f -p"* ]]
    # shellcheck disable=SC2059
    printf "HALT=halt\n$text" >"$T/etc/halt"
    shells rc 0
    [[ $output == *"lib-halt -f"$'\n'* ]]
    # shellcheck disable=SC2059
    printf "if x; then y; fi\n$text HALT=halt" >"$T/etc/halt"
    shells rc 0
    [[ $output == *"lib-halt -f"$'\n'* ]]
  done
  printf 'HALT=(\n' >"$T/etc/halt"
  shells rc 0
  [[ $output == *"lib-halt -f -p"* ]]
}

@test "a service whose stop is recorded is not stopped again, in 0 and 6 only" {
  link 0 K01a K01a.b K01ab
  link 2 S01a
  printf 'a\na.bc\n' >"$T/run/stopped"
  shells rc 0
  [ "${lines[1]}" = "ran K01a.b stop" ]
  [ "${lines[2]}" = "ran K01ab stop" ]
  shells rc 2
  [[ $output == *"ran S01a start" ]]
}

@test "names with blanks, newlines, quotes and expansions run once and are not evaluated" {
  link 0 'K01a b' $'K02c\nd' 'K03$(touch '"x"')' "K04'q\"" 'K05*'
  printf 'd\n' >"$T/run/stopped"
  cd "$T"
  shells rc 0
  [[ $output == *'ran K01a b stop'*$'ran K02c\nd stop'*'ran K03$(touch x) stop'*"ran K04'q\" stop"* ]]
  [ "$(grep -c '^ran K05\* stop$' <<<"$output")" -eq 1 ]
  [ ! -e "$T/x" ]
}

@test "dangling links and directories are passed over, a script that fails or cannot run ends nothing" {
  link 2 S05last S02fails S03noexec
  script "$T/etc/rc2.d/S02fails" 'exit 7'
  chmod -x "$T/etc/rc2.d/S03noexec"
  ln -s nowhere "$T/etc/rc2.d/S01gone"
  mkdir "$T/etc/rc2.d/S04dir"
  run dash "$T/rc" 2
  [ "$status" -eq 0 ]
  [[ $output != *gone* && $output != *S04dir* && $output == *"ran S05last start" ]]
}

@test "scripts see the level, and the level comes from RUNLEVEL where no argument says it" {
  script "$T/etc/rc2.d/S01a" 'echo "$runlevel $previous $RUNLEVEL"'
  RUNLEVEL=2 PREVLEVEL=3 shells rc
  [[ $output == *"2 3 2" ]]
}

@test "--confirm 0 of a broken binary goes down all the same, without questions" {
  binary 'kill -SEGV $$'
  link 0 K01a
  shells rc --confirm 0
  [[ $output == *"ran K01a stop"*"lib-halt -f -p"* ]]
}

@test "another option, or no level at all, never starts the fall-back" {
  link 0 K01a
  for arguments in '--dry-run 0' '0 --dry-run' '--confirm --dry-run 0' '0 --help' '--help' ''; do
    # shellcheck disable=SC2086 # two words
    shells rc $arguments
    [ "$status" -eq 127 ]
    [ "$output" = "rc: $T/lib/rc cannot run (status 127)" ]
  done
}

# as_init PID: ends a process group as init does: TERM, and KILL when it has not gone.
as_init() {
  kill -TERM -- "-$1"
  sleep 1
  kill -KILL -- "-$1" || :
  wait "$1" || [ "$?" -ge 128 ]
}

@test "init ends the group while the binary runs: no fall-back" {
  link 0 K01a
  mkfifo "$T/ready"
  binary "trap 'exit 143' TERM; echo >$T/ready; while :; do sleep 0.05; done"
  setsid dash "$T/rc" 0 >"$T/out" 2>&1 &
  read -r -t 20 <>"$T/ready"
  as_init "$!"
  ! grep -v '^Terminated$' "$T/out"
}

@test "init ends the group during the fall-back: no further link, no halt" {
  link 0 K02b
  mkfifo "$T/ready"
  script "$T/etc/rc0.d/K01a" "echo >$T/ready; exec sleep 60"
  setsid dash "$T/rc" 0 >"$T/out" 2>&1 &
  read -r -t 20 <>"$T/ready"
  as_init "$!"
  ! grep -q 'K02b\|halt' "$T/out"
}

@test "a script that sends HUP and TERM to the group ends no stub, with the binary and without" {
  link 0 K02b
  script "$T/etc/rc0.d/K01a" "trap : HUP TERM; kill -HUP 0; kill -TERM 0; echo sent"
  setsid dash "$T/rc" 0 >"$T/out" 2>&1
  [ "$(sed -n '2,4p' "$T/out" | xargs)" = 'sent ran K02b stop lib-halt -f -p' ]
  binary "trap : HUP TERM; kill -HUP 0; kill -TERM 0; echo went on"
  setsid dash "$T/rc" 0 >"$T/out" 2>&1
  [ "$(cat "$T/out")" = 'went on' ]
}

@test "INT ends the script that runs, not the stub" {
  link 2 S02b
  mkfifo "$T/ready"
  # A child started with & ignores INT for good; setsid's child gets the default back by perl.
  script "$T/etc/rc2.d/S01a" "echo >$T/ready; exec sleep 60"
  perl -e '$SIG{INT} = "DEFAULT"; setpgrp; exec @ARGV' dash "$T/rc" 2 >"$T/out" 2>&1 &
  read -r -t 20 <>"$T/ready"
  kill -INT -- "-$!"
  wait "$!"
  grep -q 'ran S02b start' "$T/out"
}

@test "on the way down a script that hangs is left alone after the limit; before level 0 none is" {
  link 0 K02b
  script "$T/etc/rc0.d/K01a" "echo \$\$ >>$T/hung; exec sleep 60 >/dev/null 2>&1"
  link 2 S02b
  script "$T/etc/rc2.d/S01a" "sleep 3"
  sed -i 's/^limit=.*/limit=2/' "$T/rc"
  shells rc 0
  # Each is left alone, and still runs.
  while read -r pid; do kill "$pid"; done <"$T/hung"
  [ "$(sed -n '2,4p' <<<"$output" | xargs)" = 'rc: K01a has run for 2 s; it is left alone ran K02b stop lib-halt -f -p' ]
  shells rc 2
  [ "$(ran)" = "S02b start" ] && ! grep alone <<<"$output"
}

@test "a script of the fall-back keeps the console, and ^C ends it alone" {
  link 0 K02b
  script "$T/etc/rc0.d/K01a" "tty; echo >$T/ready; sleep 60"
  expect - dash "$T/rc" 0 >"$T/out" 3>&- <<'END'
set timeout 20
spawn -noecho {*}$argv
expect "/dev/pts/"
sleep 0.5
send "\003"
expect eof
END
  grep -q 'ran K02b stop' "$T/out"
  ! grep -q 'not a tty' "$T/out"
}

@test "where the shutdown is taken back without a binary, its dead-man finds its link removed" {
  : >"$T/run/heartbeat"
  shells rc 0
  [ -e "$T/run/heartbeat" ]
  PREVLEVEL=0 shells rc 2
  [ ! -e "$T/run/heartbeat" ]
}

# refused PROGRAM CALLS ARGS...: a stub whose shell gets no process, at the calls that strace's
# "when" says.
refused() {
  strace -o /dev/null -e inject=clone,fork,vfork,clone3:error=EAGAIN:when="$2" \
    "$1" "$T/rc" "${@:3}" >"$T/out" 2>&1 || :
}

@test "a shell that has no process for the binary becomes it" {
  link 0 K01a
  binary 'echo "args $*"'
  for when in 1 2 1+; do
    refused dash "$when" 0
    grep -qx 'args 0' "$T/out"
    ! grep 'ran K01a' "$T/out" || false
  done
}

@test "a shell that has no process for the links becomes halt, or reboot" {
  link 0 K01a
  link 6 K01a
  binary 'kill -SEGV $$'
  refused dash 3+ 0
  grep -qx 'lib-halt -f -p' "$T/out"
  refused dash 3+ 6
  grep -qx 'lib-reboot -f' "$T/out"
}
