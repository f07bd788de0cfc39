#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # what runs inside is expanded inside
#
# halt, reboot and poweroff as people and scripts call them: options, level, record.  Everything runs
# in a throw-away system; the cases are numbered as in the facts about the SysV family.

load ns/guard.bash

# machine COMMANDS: runs them in a system with our halt, an empty wtmp, somebody who reads initctl as
# init does, and a shutdown that only says its arguments.
machine() {
  inside bash -c '. /tests/ns/guard.bash; require_inside
    cp /curfew/halt /sbin/halt  # reboot and poweroff are links to it
    : > /var/log/wtmp
    mkfifo /run/initctl
    exec 9<> /run/initctl
    printf "#!/bin/sh\necho shutdown \$*\n" > /sbin/shutdown
    '"$1"
}

@test "case 56: -w writes one record of 384 bytes, field by field, and the machine stays up" {
  run machine 'halt -w; echo "status $?"; wc -c < /var/log/wtmp; utmpdump /var/log/wtmp 2>&1
    uname -r'
  [ "${lines[0]}" = "status 0" ]
  [ "${lines[1]}" = 384 ]
  [[ $output != *'utmpdump: '*'not found'* ]] || skip "this release has no utmpdump"
  lines=("${lines[@]:0:2}" "${lines[@]: -2}")  # without its title
  [[ "${lines[2]}" == "[1] [00000] [~~  ] [shutdown] [~~          ] [${lines[3]}"* ]]
}

@test "case 57: a missing wtmp is not created" {
  run machine 'rm /var/log/wtmp; halt -w; echo "status $?"; ls /var/log/wtmp'
  [ "${lines[0]}" = "status 0" ]
  [[ "${lines[1]}" == *"No such file"* ]]
}

@test "case 58: -d and -n win over -w: no record, and the machine stays up" {
  run machine 'halt -w -d && halt -wn && reboot -n -w && wc -c < /var/log/wtmp'
  [ "$output" = 0 ]
}

@test "case 59: an unknown option or an operand is answered with one line and status 1" {
  run machine 'for word in -x foo --forc --stage=nonsense; do halt $word 2>&1
    halt $word 2> /dev/null; echo "status $?"; done'
  [ "${#lines[@]}" -eq 8 ]
  [ "$(grep -c '^halt: .*; halt --help says more$' <<< "$output")" -eq 4 ]
  [ "$(grep -c '^status 1' <<< "$output")" -eq 4 ]
}

@test "case 60: only root may, whatever the options; help and version are everybody's" {
  run machine 'as_user="setpriv --reuid=1000 --clear-groups"
    for name in halt reboot poweroff; do $as_user $name -f; echo "status $?"; done
    $as_user halt --version && $as_user halt --help > /dev/null && echo helped'
  [ "${lines[0]}" = "halt: must be superuser." ]
  [ "${lines[1]}" = "status 1" ]
  [ "${lines[2]}" = "reboot: must be superuser." ]
  [ "${lines[4]}" = "poweroff: must be superuser." ]
  [[ "${lines[6]}" == "curfew "* ]]
  [ "${lines[7]}" = helped ]
}

@test "case 61: -w -i takes the interfaces down after the record and does not end the machine" {
  run machine 'ip link add up0 type bridge && ip link set up0 up
    strace -f -e trace=reboot,ioctl,pwrite64,write -o /run/trace halt -w -i; echo "status $?"
    ip -o link show up0 | grep -c "[<,]UP"; wc -c < /var/log/wtmp
    grep -c "reboot(" /run/trace; grep -c SIOCSIFFLAGS /run/trace; ip -o link show lo | grep -c "[<,]UP"'
  echo "$output"
  [ "${lines[*]}" = "status 0 0 384 0 1 1" ]
}

@test "case 62: outside of level 0 and 6 shutdown is called, in them it is not" {
  run machine 'export INIT_VERSION=x
    RUNLEVEL=3 halt; echo 3 > /run/runlevel; unset INIT_VERSION; RUNLEVEL=0 halt
    export INIT_VERSION=x; for level in 0 6; do RUNLEVEL=$level halt --dry-run | grep -c shutdown; done'
  [ "${lines[*]}" = "shutdown -h now shutdown -h now 0 0" ]
}

@test "case 62: an unknown level is said, and shutdown is called" {
  run machine 'halt'
  [ "${lines[0]}" = "halt: the runlevel is not known; calling shutdown" ]
  [ "${lines[1]}" = "shutdown -h now" ]
}

@test "case 63: the name and -p, -t decide how shutdown is called" {
  run machine 'echo 3 > /run/runlevel
    poweroff; halt -p; reboot -t 5; reboot -t7 -p; halt -ppt 2; poweroff -d -i -h'
  [ "${lines[0]}" = "shutdown -h -P now" ]
  [ "${lines[1]}" = "shutdown -h -P now" ]
  [ "${lines[2]}" = "shutdown -r -t 5 now" ]
  [ "${lines[3]}" = "shutdown -r -t 7 now" ]
  [ "${lines[4]}" = "shutdown -h -P -t 2 now" ]
  [ "${lines[5]}" = "shutdown -h -P now" ]
}

@test "without a shutdown to call halt says so and fails" {
  run machine 'rm /sbin/shutdown; echo 3 > /run/runlevel; halt; echo "status $?"'
  [[ "${lines[0]}" == "halt: cannot run shutdown: No such file or directory"* ]]
  [ "${lines[1]}" = "status 1" ]
}

@test "reboot -k outside of level 6 needs -f, and says it" {
  run machine 'echo 3 > /run/runlevel; reboot -k; echo "status $?"'
  [[ "${lines[0]}" == "reboot: -k needs -f"* ]]
  [ "${lines[1]}" = "status 1" ]
}

@test "case 73: last prints our record as the system going down" {
  run machine 'command -v last > /dev/null || exec echo none
    [ ! -e /usr/bin/wtmpdb ] || exec echo wtmpdb
    halt -w; last -x -f /var/log/wtmp 2>&1 | head -n 1'
  [ "$output" != none ] || skip "this release has no last"
  [ "$output" != wtmpdb ] || skip "last of this release reads the database of wtmpdb, no wtmp"
  [[ "$output" == "shutdown system down "* ]]
}

@test "one shutdown has one record: stage, -w and the last halt; each -w in level 2 has its own" {
  run machine 'export INIT_VERSION=x RUNLEVEL=2; halt -w; halt -w; ls /run/curfew 2> /dev/null
    wc -c < /var/log/wtmp; : > /var/log/wtmp
    export RUNLEVEL=0; halt --stage record; halt -w; halt --stage record
    wc -c < /var/log/wtmp'
  [ "${lines[*]}" = "768 384" ]
}

@test "a dry run tells each stage, in order, and makes no call that changes anything" {
  run machine 'mkdir /m; mount -t tmpfs mine /m; sleep 1000 & sleep 0.1
    strace -f -o /run/trace poweroff --dry-run -i -h --fast
    grep -E "^[0-9]+ +(kill|tkill|tgkill|pidfd_send_signal|umount2|mount|reboot|swapoff|sync|syncfs|fsync|acct|quotactl|rename|renameat|mkdir|mkdirat|unlink|unlinkat|fork|vfork|clone|clone3)\(" /run/trace
    grep -E "O_(WRONLY|RDWR|CREAT)|SIOCSIFFLAGS" /run/trace
    mountpoint -q /m && kill -0 $! && wc -c < /var/log/wtmp'
  echo "$output"
  [ "$status" -eq 0 ]
  [ "${lines[-1]}" = 0 ]
  [[ "$output" == trace*kill*"send SIGTSTP to PID 1"*"send SIGTERM to 1 process"*record*"append a record to /var/log/wtmp"*"unmount /m"* ]]
  [[ "$output" == *"make / read-only"*"switch the power off"* ]]
  [[ "$output" != *"["* ]]
}

@test "hooks run when / is read-only, with what the machine will do, once; a failed one is named" {
  run machine 'mkdir -p /etc/curfew/final.d; cd /etc/curfew/final.d
    printf "#!/bin/sh\necho one \$1; touch /mark 2>&1; exit 3\n" > 10-one
    printf "#!/bin/sh\necho two; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l\n" > 20-two
    echo "echo never" > 30-not-executable; chmod +x 10-one 20-two
    export RUNLEVEL=0 INIT_VERSION=x
    strace -f -o /run/trace -e inject=reboot:error=EPERM halt -p
    halt --stage hooks; ls /mark; grep -c execve /run/trace'
  echo "$output"
  [[ "$output" == *"/ is read-only"*"one poweroff"*"Read-only file system"*"hook /etc/curfew/final.d/10-one: exit status 3"* ]]
  [[ "$output" == *$'two\n/dev/null\n4\n'* ]]
  [ "$(grep -c '^one ' <<< "$output")" -eq 1 ]
  [[ "$output" != *never* ]]
}

# bats test_tags=shipped
@test "the binary needs no library and no more than 2.5 MB" {
  run machine 'ldd /sbin/halt 2>&1; cp /sbin/halt /tmp/halt; strip /tmp/halt 2> /dev/null; true'
  [[ "$output" == *"not a dynamic executable"* || "$output" == *"statically linked"* ]]
  cd "$BATS_TEST_DIRNAME/.."
  strip -o "$BATS_TEST_TMPDIR/halt" "${BUILD:-build}/halt"
  [ "$(stat -c %s "$BATS_TEST_TMPDIR/halt")" -le 2500000 ]
}
