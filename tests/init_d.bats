#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# init.d/halt, the last script of SUSE, Red Hat and LFS, up to the halt that it calls.
#
# No case comes near this machine's own end: every path of the script is put below a directory of
# the test, the halt there is a script that notes its call, and `installed` refuses where a path was
# missed.

load lib/tree

setup() {
  tree_new
  T=$ROOT
  mkdir -p "$T"/{lib,sbin,init.d,sys}
  for directory in lib sbin; do
    for name in halt reboot; do
      script_file "$directory/$name" "echo \"$directory/$name \$*\" >>$T/calls"
    done
  done
  script_file init.d/rc "echo \"rc \$*\" >>$T/calls"
  hand_over 'halt -f -p -h'
  unset COLD_BOOT
}

teardown() { tree_end; }

# script_file PATH BODY: an executable sh script.
script_file() {
  printf '#!/bin/sh\n%s\n' "$2" >"$T/$1"
  chmod +x "$T/$1"
}

# hand_over WORDS: what `rc --dry-run LEVEL` says at its end.
hand_over() {
  script_file lib/rc '[ "$PREVLEVEL $1" = "N --dry-run" ] || exit 1
    echo "level $2: 0 scripts, in parallel"; echo "hand-over: '"$1"'"'
}

# installed LAYOUT: halt and reboot as there.
installed() {
  sed -e "s|@LAYOUT@|$1|; s|@LIBDIR@|$T/lib|; s|@STUBDIR@|$T/init.d|; s|@SBINDIR@|$T/sbin|" \
    -e "s|@HALTLOCAL@|$T/init.d/halt.local|; s|/sys/kernel|$T/sys|; s|/var/lib|$T/lib|" \
    -e "s|^PATH=/|PATH=$T/sbin:/|" \
    "$BATS_TEST_DIRNAME/../init.d/halt" >"$T/init.d/halt"
  chmod +x "$T/init.d/halt"
  ln -sf halt "$T/init.d/reboot"
  if sed "s|$T|T|g; /^ *#/d; /^PATH=/d; s|2>/dev/null||; s|/bin/sh ||; s|:+/sbin/kexec||; s|if=/dev/urandom||" "$T/init.d/halt" |
    grep -Eq '@[A-Z]|(^|[ "=])/[a-z]+/'; then
    echo "refused: halt names a path of this machine" >&2
    exit 1
  fi
}

# ends PROGRAM [ARG]: runs it by each shell it must work under; all must do the same, and come back
# with a failure, for no halt here ends anything.  What was called is in $calls then, one a line.
ends() {
  local shell first=
  for shell in dash bash 'busybox sh'; do
    command -v "${shell%% *}" >/dev/null || continue
    rm -f "$T/calls"
    # shellcheck disable=SC2086 # two words
    output=$($shell "$T/init.d/$1" "${@:2}" 2>&1 3>&-) && status=0 || status=$?
    # Each shell has its own words for a signal.
    output=$(grep -v 'Segmentation fault' <<<"$output") || :
    calls=$(cat "$T/calls" 2>/dev/null) || :
    [ -z "$first" ] || [ "$status:$output:$calls" = "$first" ] || { echo "$shell: $output"; return 1; }
    first="$status:$output:$calls"
  done
}

@test "SUSE: halt.local, what boot.d has to stop, halt with rc's own options, then the one in sbin" {
  installed suse
  echo "echo halt.local >>$T/calls" >"$T/init.d/halt.local"
  ends halt start
  [ "$status:$output" = 1: ]
  [ "$calls" = "halt.local
rc halt
lib/halt --fast -f -p -h
sbin/halt -d -f -p -h" ]
}

@test "SUSE: a system whose boot scripts never ran stops nothing of theirs" {
  installed suse
  COLD_BOOT=yes ends halt start
  [ "${calls%%$'\n'*}" = "lib/halt --fast -f -p -h" ]
}

@test "called as reboot, also by a level's link, it restarts; by any other name it does nothing" {
  installed suse
  hand_over 'reboot -f -i'
  mkdir "$T/init.d/rc6.d"
  ln -s ../halt "$T/init.d/rc6.d/S01reboot"
  for name in reboot rc6.d/S01reboot; do
    ends "$name" start
    [ "$calls" = $'rc halt\nlib/reboot --fast -f -i\nsbin/reboot -d -f -i' ]
  done
  ln -s halt "$T/init.d/other"
  ends other start
  [ "$status:$calls" = 1: ]
}

@test "only start ends the machine" {
  installed redhat
  for argument in stop:0 status:0 restart:2 :2; do
    # shellcheck disable=SC2086 # none
    ends halt ${argument%:*}
    [ "$status:$calls" = "${argument#*:}:" ]
  done
}

@test "Red Hat: halt.local gets message, command, options and the kexec program" {
  installed redhat
  script_file init.d/halt.local "printf '<%s>' \"\$@\" >>$T/calls; echo >>$T/calls"
  ends halt start
  [ "$calls" = "<Going down: halt><$T/sbin/halt><-f -p -h><>
lib/halt --fast -f -p -h
sbin/halt -d -f -p -h" ]
  hand_over 'reboot -f'
  echo 1 >"$T/sys/kexec_loaded"
  ends reboot start
  [ "$calls" = "<Going down: reboot><$T/sbin/reboot><-f></sbin/kexec>
lib/reboot --fast -k -f
sbin/reboot -d -f" ]
}

@test "Red Hat: the mixer is stored and a new seed kept, for root alone; the others have scripts for it" {
  script_file sbin/alsactl "echo \"alsactl \$*\" >>$T/calls"
  installed redhat
  ends halt start
  [ "${calls%%$'\n'*}" = "alsactl store" ]
  [ "$(stat -c '%s %a' "$T/lib/random-seed")" = "512 600" ]
  cp "$T/lib/random-seed" "$T/seed"
  ends halt start
  [ "$(sha256sum <"$T/lib/random-seed")" != "$(sha256sum <"$T/seed")" ]
  rm "$T/lib/random-seed"
  for layout in suse lfs; do
    installed "$layout"
    ends halt start
    [[ $calls != *alsactl* && ! -e $T/lib/random-seed ]]
  done
}

@test "Red Hat: a mixer that does not answer does not hold the machine" {
  script_file sbin/alsactl "echo \$\$ >>$T/pids; exec sleep 300"
  installed redhat
  sed -i 's/sleep 60/sleep 1/' "$T/init.d/halt"
  sh "$T/init.d/halt" start >"$T/out" 2>&1 3>&- || :
  [ "$(cat "$T/out")" = "halt: alsactl: not done after 60 s; going on without it" ]
  [ "$(stat -c %s "$T/lib/random-seed")" = 512 ]
}

# ups ACTION: runs the hook for it below $T, and prints what it called.
ups() {
  sed -e "s|/etc/|$T/etc/|g; s|^PATH=/|PATH=$T/sbin:/|; s|^sleep |echo sleep >>$T/calls; : |" \
    "$BATS_TEST_DIRNAME/../rc/final.d/ups-monitor" >"$T/ups-monitor"
  : >"$T/calls"
  # Its reboot is to be the one of the test.
  grep -q "^PATH=$T/sbin:" "$T/ups-monitor" && [ -x "$T/sbin/reboot" ] || return
  sh "$T/ups-monitor" "$1" >/dev/null 2>&1
  paste -sd' ' "$T/calls"
}

@test "a UPS is told where the mains failed, NUT's by its server and apcupsd's, and two minutes later the machine restarts" {
  mkdir -p "$T"/etc/{sysconfig,ups,apcupsd}
  script_file sbin/upsdrvctl "echo upsdrvctl \$* >>$T/calls"
  script_file sbin/reboot "echo reboot \$* >>$T/calls"
  script_file etc/apcupsd/apccontrol "echo apccontrol \$* >>$T/calls"
  [ "$(ups poweroff)" = "" ]
  echo SERVER=yes >"$T/etc/sysconfig/ups"
  [ "$(ups poweroff)" = "" ]
  touch "$T/etc/killpower"
  [ "$(ups poweroff)" = "upsdrvctl shutdown sleep reboot -f" ]
  [ "$(ups reboot)" = "" ]
  echo "POWERDOWNFLAG \"$T/etc/other\"" >"$T/etc/ups/upsmon.conf"
  [ "$(ups poweroff)" = "" ]
  touch "$T/etc/other"
  [ "$(ups halt)" = "upsdrvctl shutdown sleep reboot -f" ]
  echo SERVER=no >"$T/etc/sysconfig/ups"
  touch "$T/etc/apcupsd/powerfail"
  [ "$(ups poweroff)" = "apccontrol killpower sleep reboot -f" ]
  # A UPS that cannot be told: the power goes off as usual.
  script_file etc/apcupsd/apccontrol "exit 1"
  [ "$(ups poweroff)" = "" ]
}

@test "a kernel loaded for kexec is used by reboot, never by halt, and by LFS only if rc says so" {
  echo 1 >"$T/sys/kexec_loaded"
  installed suse
  ends halt start
  [[ $calls != *-k* ]]
  hand_over 'reboot -f'
  ends reboot start
  [[ $calls == *"lib/reboot --fast -k -f"* ]]
  installed lfs
  ends reboot start
  [ "$calls" = $'lib/reboot --fast -f\nsbin/reboot -d -f' ]
}

@test "a halt.local that hangs, fails or is no script does not hold the machine" {
  installed suse
  sed -i 's/sleep 60/sleep 1/' "$T/init.d/halt"
  for body in 'exit 3' 'syntax ( error' 'kill -9 $$' "echo \$\$ >>$T/pids; exec sleep 300"; do
    echo "$body" >"$T/init.d/halt.local"
    # Not through a pipe: what hangs would hold it open.
    sh "$T/init.d/halt" start >"$T/out" 2>&1 3>&- || :
    grep -qxF 'lib/halt --fast -f -p -h' "$T/calls"
    rm "$T/calls"
  done
  [ "$(cat "$T/out")" = "halt: $T/init.d/halt.local: not done after 60 s; going on without it" ]
}

@test "with an rc that is broken the power goes off, unless INIT_HALT says otherwise" {
  installed lfs
  for body in 'kill -SEGV $$' 'exit 126' 'echo nothing of use'; do
    script_file lib/rc "$body"
    ends halt start
    [ "${calls%%$'\n'*}" = "lib/halt --fast -f -p" ]
  done
  INIT_HALT=HALT ends halt start
  [ "$calls" = $'lib/halt --fast -f\nsbin/halt -d -f' ]
}

@test "the real rc's options: the sysconfig files and INIT_HALT decide" {
  mkdir -p "$ROOT/etc/init.d/rc0.d" "$ROOT/etc/init.d/boot.d" "$ROOT/etc/sysconfig"
  printf 'LAYOUT=suse\n' >"$ROOT/etc/sysconfig/curfew"
  printf 'HALT=poweroff\nHALT_NETWORK=yes\nHALT_DISKS=no\nnonsense (\n' >"$ROOT/etc/sysconfig/shutdown"
  installed suse
  script_file lib/rc "exec '$BUILD/rc' --root '$ROOT' \"\$@\""
  ends halt start
  [[ $calls == *"lib/halt --fast -f -i -p"$'\n'* ]]
  INIT_HALT=HALT ends halt start
  [[ $calls == *"lib/halt --fast -f -i"$'\n'* ]]
  ends reboot start
  [[ $calls == *"lib/reboot --fast -f -i"$'\n'* ]]
}

@test "waiting for RAID metadata: only where an array is active, and without mdadm not at all" {
  sed "s|/proc/mdstat|$T/mdstat|; s|/sbin/mdadm /usr/sbin/mdadm|$T/no-mdadm $T/mdadm|" \
    "$BATS_TEST_DIRNAME/../rc/final.d/md-wait-clean" >"$T/hook"
  run sh "$T/hook" poweroff
  [ "$status:$output" = 0: ]
  echo 'md0 : active raid1 sda1[0] sdb1[1]' >"$T/mdstat"
  run sh "$T/hook" poweroff
  [ "$status:$output" = 0: ]
  script_file mdadm 'echo "mdadm $*"'
  run sh "$T/hook" poweroff
  [ "$output" = "mdadm --wait-clean --scan" ]
}
