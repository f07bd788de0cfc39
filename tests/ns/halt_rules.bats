#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What Red Hat's and SUSE's own halt leave of files, mounts, interfaces and processes, our halt leaves,
# too.  Theirs are no packages of Debian: redhat_rules and suse_rules do what initscripts of RHEL 6 and
# aaa_base of 2012 do in rc.d/init.d/halt, halt and boot.localfs, step by step.  The world inside counts
# as a container: swap, loop and md devices, the clock and quota are the virtual machine's tests.

load guard.bash

# state WORDS: a world of layout $1 after $2: theirs or ours.
state() {
  inside -b "$BATS_TEST_DIRNAME/../../init.d:/init.d" bash -euc "$(declare -f world redhat_rules suse_rules targets end_holders read_only_root ours shown)"'
    . /tests/ns/guard.bash; require_inside
    unset RUNLEVEL INIT_VERSION
    layout=$0
    world
    case $1 in theirs) "${layout}_rules" >&2 || : ;; ours) ours >&2 || : ;; esac
    shown' "$@"
}

# Mounts in mounts, over mounts, bound, oddly named, one that is in use; a process that holds it, and one
# that ignores TERM; the signs of a boot that was not clean.
world() {
  # shellcheck disable=SC2154 # set by its caller
  . /tests/ns/layout.sh
  layout_bare
  touch -d '1 minute ago' /before
  : >/.autofsck
  mkdir -p /data '/b c' /over /bound /home/user /mnt/disk /srv/held
  mount -t tmpfs data /data && mkdir /data/in && mount -t tmpfs in /data/in
  mount -t ramfs disk /mnt/disk && echo kept >/mnt/disk/file && mount --bind /mnt/disk /bound
  mount -t tmpfs b '/b c'
  mount -t tmpfs lower /over && mount -t tmpfs upper /over
  mount -t ramfs held /srv/held
  ip link set lo up
  (cd /srv/held && exec setsid sleep 1000) &
  (cd / && exec setsid bash -c 'trap "" TERM; exec -a deaf sleep 1000') &
  until [ "$(pgrep -c sleep)" -ge 2 ]; do sleep 0.1; done
}

redhat_rules() {
  local round
  /sbin/killall5 -15 && sleep 2 && /sbin/killall5 -9
  /sbin/halt -w
  (umask 077 && dd if=/dev/urandom of=/var/lib/random-seed count=1 bs=512 status=none)
  targets '$2 !~ /^\/($|proc|dev)/ && $3 == "tmpfs"' umount
  for round in 1 2 3; do
    targets '$2 !~ /^\/($|proc|dev)/ && $3 !~ /^(autofs|sysfs)$/ && $1 !~ /^(none|\/dev\/ram|\/dev\/root)/' umount
  done
  rm -f /.autofsck
  [ ! -x /sbin/halt.local ] || /sbin/halt.local
  read_only_root
}

suse_rules() {
  /sbin/halt -w
  : >/success
  # boot.localfs stop, of boot.d.
  targets '$2 !~ /^\/($|dev|proc|sys|cgroup|run)/' end_holders
  targets '$2 !~ /^\/($|dev|proc|sys|cgroup|run)/' umount -r
  /sbin/killall5 -15
  sleep 6
  /sbin/killall5 -9
  read_only_root
  sync
}

# targets CONDITION COMMAND: COMMAND for each mount point of which awk's CONDITION is true, the last first.
targets() {
  local condition=$1 target
  shift
  awk "$condition { print \$2 }" /proc/mounts | tac |
    while read -r target; do "$@" "$(printf '%b' "$target")" || :; done
}

# end_holders TARGET: mkill(8) of SUSE, for processes that have their directory there.
end_holders() {
  local pid
  for pid in /proc/[0-9]*; do
    case $(readlink "$pid/cwd")/ in "$1"/*) kill -TERM "${pid#/proc/}" && sleep 0.5 ;; esac
  done
}

# With a device and a type mount(8) hands no options of /proc/mounts on, which a user namespace may not set.
read_only_root() { busybox mount -t dummy -o remount,ro dummy /; }

# ours: our halt script, up to the halt that it calls, which runs all its stages but the last.
ours() {
  local end='#!/bin/sh\nexec /curfew/halt --until-power -f -p\n'
  mkdir -p /lib/curfew
  # shellcheck disable=SC2059 # a text
  printf "$end" >/lib/curfew/halt
  printf '#!/bin/sh\nexec /curfew/rc "$@"\n' >/lib/curfew/rc
  chmod 755 /lib/curfew/halt /lib/curfew/rc
  # shellcheck disable=SC2154 # layout.sh's
  sed -e "s|@LAYOUT@|$layout|; s|@LIBDIR@|/lib/curfew|; s|@STUBDIR@|/lib/curfew|; s|@SBINDIR@|/nowhere|" \
    -e "s|@HALTLOCAL@|/sbin/halt.local|" /init.d/halt >"$init_d/halt"
  chmod 755 "$init_d/halt"
  RUNLEVEL=0 INIT_VERSION=test "$init_d/halt" start
}

# shown: what there is: mounts with ro or rw, files, links of the network, processes, the record.
shown() {
  set +e
  awk '$2 !~ /^\/(proc|sys|dev|run|curfew|tests|init.d)/ { sub(/,.*/, "", $4); print "mount", $2, $3, $4 }' /proc/mounts
  find / -xdev \( -path /usr/lib/curfew -o -path /tmp -o -name halt -o -path /run \) -prune -o \
    -newer /before ! -type d -printf 'file %p %s\n' | sort
  ip -o -br link
  pgrep -lx 'sleep|deaf'
  tail -c 384 /var/log/wtmp | tr -cd '[:print:]' | grep -o shutdown
}

@test "redhat: our halt leaves files, mounts, interfaces and processes as that of RHEL 6" {
  state redhat theirs >"$BATS_TEST_TMPDIR/theirs"
  state redhat ours >"$BATS_TEST_TMPDIR/ours"
  cat "$BATS_TEST_TMPDIR/theirs"
  grep -q '^file /var/lib/random-seed 512' "$BATS_TEST_TMPDIR/theirs"
  diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
}

@test "suse: our halt leaves files, mounts, interfaces and processes as that of aaa_base" {
  state suse theirs >"$BATS_TEST_TMPDIR/theirs"
  state suse ours >"$BATS_TEST_TMPDIR/ours"
  cat "$BATS_TEST_TMPDIR/theirs"
  grep -q '^file /success 0' "$BATS_TEST_TMPDIR/theirs"
  diff "$BATS_TEST_TMPDIR/theirs" "$BATS_TEST_TMPDIR/ours"
}
