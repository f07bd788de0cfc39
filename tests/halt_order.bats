#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # what runs inside is expanded inside
#
# What the shipped halt asks of the kernel, and in which order, seen by strace in a throw-away
# system.  strace answers reboot(2) with EPERM where a test needs to see what follows.

load ns/guard.bash

# calls COMMANDS: runs them in a system with our halt; then prints what was called, one word or two a
# line (the trace is in /run, or / could not become read-only): wtmp (the record), sync, umount PATH, ro PATH, kill PID SIGNAL, reboot COMMAND.
calls() {
  inside bash -c '. /tests/ns/guard.bash; require_inside
    cp /curfew/halt /sbin/halt; : > /var/log/wtmp
    mkdir /m; mount -t tmpfs mine /m
    refused() { strace -f -o /run/trace -e inject=reboot:error=EPERM "$@"; echo "status $?"; }
    '"$1"'
    sed -nE "s/^[0-9]+ +//
      s/^kill\(1, ([A-Z]*).*/kill 1 \1/p
      s/^reboot\(.*LINUX_REBOOT_CMD_([A-Z0-9_]*).*/reboot \1/p
      / = -1 /d
      s/^openat.*\/var\/log\/wtmp.*O_WRONLY.*/wtmp/p
      s/^sync\(.*/sync/p
      s/^umount2\(\"([^\"]*)\".*/umount \1/p
      s/^mount\(.*, \"([^\"]*)\", .*MS_RDONLY.*/ro \1/p
      s/^pidfd_send_signal\(.*(SIGTERM|SIGKILL).*/\1/p
      s/^ioctl\(.*SIOCSIFFLAGS.*/interface/p" /run/trace'
}

@test "case 64: halt -f -p outside 0 and 6: record, sync, then power-off, halt, and all undone" {
  run calls 'refused halt -f -p'
  echo "$output"
  [ "${lines[*]}" = "halt: power-off refused: Operation not permitted\
 halt: The system is halted halt: halt refused: Operation not permitted status 3\
 wtmp sync reboot CAD_ON kill 1 SIGTSTP reboot POWER_OFF reboot HALT reboot CAD_OFF\
 kill 1 SIGCONT" ]
}

@test "case 65: reboot -f: one restart; PID 1 and Ctrl-Alt-Del are left alone before it" {
  run calls 'refused reboot -f -d'
  echo "$output"
  [ "${lines[*]}" = "reboot: Please stand by while rebooting the system...\
 reboot: restart refused: Operation not permitted status 3\
 sync reboot RESTART reboot CAD_OFF kill 1 SIGCONT" ]
}

@test "-n means no sync and no record" {
  run calls 'refused reboot -f -n 2> /dev/null'
  [ "${lines[*]}" = "status 3 reboot RESTART reboot CAD_OFF kill 1 SIGCONT" ]
}

@test "--now is reboot(2) and nothing else, in any level" {
  run calls 'RUNLEVEL=6 INIT_VERSION=x refused reboot --now 2> /dev/null'
  [ "${lines[*]}" = "status 3 reboot RESTART reboot CAD_OFF kill 1 SIGCONT" ]
}

@test "in level 0, with -f and without: kill, record, unmount, read-only, sync, end" {
  for force in -f ''; do
    run calls "sleep 1000 & RUNLEVEL=0 INIT_VERSION=x refused halt -p $force 2> /dev/null"
    echo "$output"
    [[ "${lines[*]}" == *"SIGTERM"*"wtmp"*"umount /m"*"ro /"*"sync"*"reboot POWER_OFF reboot HALT"* ]]
  done
}

@test "-n in level 0 leaves out the record and the sync, never the unmounting" {
  run calls 'RUNLEVEL=0 INIT_VERSION=x refused halt -n 2> /dev/null'
  echo "$output"
  [[ "${lines[*]}" == *"umount /m"*"ro /"*"reboot HALT"* ]]
  [[ "${lines[*]}" != *wtmp* ]]
  [ "$(grep -cx sync <<< "$output")" -eq 0 ]
}

@test "--fast is the whole final sequence in any level; -f alone is not" {
  run calls 'RUNLEVEL=2 INIT_VERSION=x refused halt --fast 2> /dev/null'
  [[ "${lines[*]}" == *"umount /m"*"ro /"*"reboot HALT"* ]]
  run calls 'RUNLEVEL=2 INIT_VERSION=x refused halt -f 2> /dev/null'
  [[ "${lines[*]}" != *"umount /m"* ]]
}

@test "-k falls back to a restart, -m tells the firmware and implies -f" {
  run calls 'refused reboot -k -f -d 2> /dev/null'
  [[ "${lines[*]}" == *"reboot KEXEC reboot RESTART"* ]]
  run calls 'refused reboot -d -m recovery 2> /dev/null; grep -c recovery /run/trace'
  [[ "${lines[*]}" == *"reboot RESTART2 reboot RESTART "* ]]
}

@test "a stage runs alone, those of a list in their order, and none of them ends the machine" {
  run calls 'export RUNLEVEL=0 INIT_VERSION=x
    strace -f -o /run/trace halt --stage unmount,record; echo "status $?"'
  echo "$output"
  [[ "${lines[*]}" == "status 0 "*"umount /m"*" wtmp" ]]
}

@test "no option and no variable keeps level 0 from reboot(2)" {
  run calls 'export RUNLEVEL=0 INIT_VERSION=x CURFEW=no DRY_RUN=1 NOREBOOT=1 container=x
    for flags in "" -n -d -nd -i -h -ih -p "-t 9" --fast -f; do refused halt $flags 2> /dev/null
      mkdir -p /m; grep -c "reboot(.*CMD_HALT" /run/trace; done'
  [ "$(grep -c '^status 3$' <<< "$output")" -eq 11 ]
  [ "$(grep -c '^1$' <<< "$output")" -eq 11 ]
}

@test "reboot(2) really is the end: halt, power-off and restart each end this world" {
  ends() { run inside bash -c ". /tests/ns/guard.bash; require_inside; $1; sleep 5; echo awake"; }
  ends 'RUNLEVEL=0 INIT_VERSION=x /curfew/halt -f -d'
  [ "$status" -eq 130 ]
  [[ "$output" != *awake* ]]
  ends 'RUNLEVEL=2 INIT_VERSION=x /curfew/halt -p --fast'
  [ "$status" -eq 130 ]
  ends 'cp /curfew/halt /tmp/reboot; RUNLEVEL=6 INIT_VERSION=x /tmp/reboot'
  [ "$status" -eq 129 ]
}
