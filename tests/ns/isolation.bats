#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What must be refused in there before anything that shuts down may be tried in there.  Each attempt
# is one that changes nothing even where it succeeds.
# shellcheck disable=SC2016,SC2154,SC2314  # bodies of scripts; guard.bash; "!" is the last command

load guard.bash

# Each argument is a command that must exist in there and fail.
refused_inside() {
  run inside bash -c 'for attempt; do
      bash -c "$attempt" && echo "NOT REFUSED: $attempt"
      [ $? != 127 ] || echo "NOT TRIED: $attempt"
    done; echo tried' bash "$@"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = tried ]
  [[ "$output" != *NOT\ * ]]
}

@test "inside is root of six namespaces of its own, with shifted ids" {
  run inside bash -c '. /tests/ns/guard.bash; is_inside && id -u && cat /proc/self/uid_map'
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = 0 ]
  [[ "${lines[1]}" =~ ^\ *0\ +100000\ +65536$ ]]
  for ns in user pid mnt net uts ipc; do
    [ "$(inside readlink /proc/self/ns/$ns)" != "$(readlink /proc/self/ns/$ns)" ]
  done
}

@test "outside, the guard refuses and every word that ends a machine is harmless" {
  run is_inside
  [ "$status" -ne 0 ]
  run env CURFEW_OUTER=pid:[1] bash -c ". $ns_dir/guard.bash; require_inside; echo went on"
  [ "$status" -eq 125 ]
  [[ "$output" != *"went on"* ]]
  for name in init telinit halt reboot poweroff shutdown killall5 swapoff hwclock rc; do
    [ "$(type -t "$name")" = function ]
    run "$name" 0
    [ "$status" -eq 125 ]
  done
}

@test "the outer root, its processes and its network are out of sight" {
  run inside sh -c 'ls -d /.outer; awk "{ print \$5 }" /proc/self/mountinfo | grep -c ^/mnt'
  [[ "$output" == *"No such file"*$'\n'0 ]]
  [ "$(inside sh -c 'ls -d /proc/[0-9]*' | wc -l)" -le 3 ]
  [ "$(inside ip -o link | wc -l)" -eq 1 ]
}

@test "the shared /dev cannot be mounted, no device made, no disk seen" {
  # Newer ones of losetup name a device that is not there.
  refused_inside 'mount -t devtmpfs devtmpfs /mnt' 'mknod /tmp/loop0 b 7 0' \
    'device=$(losetup --find) && [ -e "$device" ]' 'ls /dev/[sv]d[a-z]'
}

@test "a superblock of the outside cannot be remounted, nor what is bound in read-only" {
  refused_inside 'mount -o remount,rw /tests' 'mount -o remount,bind,rw /tests' \
    'touch /tests/x'
}

@test "unmounting what was bound in leaves it where it is outside" {
  touch "$BATS_TEST_TMPDIR/file"
  run inside -b "$BATS_TEST_TMPDIR:/bound" sh -c 'umount /bound; umount -l /dev/null; :'
  [ "$status" -eq 0 ]
  [ -c /dev/null ]
  [ -e "$BATS_TEST_TMPDIR/file" ]
}

@test "/sys cannot be had, kernel settings cannot be written" {
  refused_inside 'mount -t sysfs sysfs /sys' 'echo h > /proc/sysrq-trigger' \
    'cat /proc/sys/kernel/printk > /proc/sys/kernel/printk' \
    'cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness'
}

@test "swap and the clocks cannot be touched, the kernel log cannot be read" {
  refused_inside 'swapoff /nonexistent' 'hwclock --systohc --test' 'date -s "@$(date +%s)"' \
    'dmesg' 'head -c 1 /proc/kmsg'
  [[ "$output" == *"swapoff: Not superuser"* ]]
}

@test "process accounting cannot be switched" {
  [ "$(uname -m)" = x86_64 ] || skip "the number of acct(2) is known for x86_64 only"
  # Status 1 is EPERM.
  run inside perl -e 'my $file = "/tmp/acct"; exit(syscall(163, $file) == 0 ? 99 : $! + 0)'
  [ "$status" -eq 1 ]
}

@test "reboot(2) ends the namespace, nothing else: signal 2 halts, signal 1 restarts" {
  run inside sh -c 'halt -f -d -n; sleep 9'
  [ "$status" -eq 130 ]
  [[ "$output" == *"halt or power-off (signal 2)"* ]]
  run inside sh -c 'reboot -f -d -n; sleep 9'
  [ "$status" -eq 129 ]
  [[ "$output" == *"restart (signal 1)"* ]]
}

@test "a status is passed on, also one that looks like a signal" {
  run inside sh -c 'exit 7'
  [ "$status" -eq 7 ]
  run inside sh -c 'exit 130'
  [ "$status" -eq 130 ]
  [[ "$output" != *reboot* ]]
}

@test "enter refuses whom it cannot protect" {
  # By its text: nobody need not be able to read the tree.
  run setpriv --reuid=65534 --clear-groups bash -c "$(cat "$ns_dir/enter")" /enter true
  [ "$status" -eq 125 ]
  run inside -b /mnt/x:/x true
  [ "$status" -eq 125 ]
}

@test "killed or interrupted, it leaves no process and no mount" {
  for signal in TERM KILL; do
    "$ns_dir/enter" -p "$BATS_TEST_TMPDIR/pid" sleep 54321 3>&- &
    for _ in {1..500}; do [ -s "$BATS_TEST_TMPDIR/pid" ] && break; sleep 0.02; done
    kill -"$signal" $!
    wait $! || :
    for _ in {1..500}; do pgrep -xf 'sleep 54321' || break; sleep 0.02; done
    run pgrep -xf 'sleep 54321'
    [ "$status" -ne 0 ]
    rm "$BATS_TEST_TMPDIR/pid"
  done
  ! grep -q ' /mnt/root ' /proc/self/mountinfo
}
