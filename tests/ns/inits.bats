#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # what runs inside is expanded inside
#
# Whom halt asks to end the machine: the real busybox init, sysvinit, programs that are no init.
# And Upstart's jobs.  What a test leaves in /lab inside is in $lab outside.

load lab.bash

setup() {
  lab=$BATS_TEST_TMPDIR/lab
  mkdir "$lab"
  chown 100000:100000 "$lab"
}

teardown() {
  lab_stop
}

# The command is PID 1; what does not end by itself fails.  It has no terminal: in the process group
# that timeout makes, that of who tests would stop it at its first stty.
as_pid1() {
  run setsid -w timeout 60 "$ns_dir/enter" -i "$@" < /dev/null
}

# boot_busybox COMMAND [PID1]: busybox init starts COMMAND, and again and again a service that obeys
# TERM and one that keeps the stage kill waiting; what else stands in $lab/inittab.  PID1 makes it PID
# 1 in another way than by a link.  No service may have been started a second time at the end.
boot_busybox() {
  echo "$1" > "$lab/once"
  cat >> "$lab/inittab" << 'END'
::sysinit:/bin/cp /curfew/halt /sbin/halt
::sysinit:/bin/ln -sf halt /sbin/poweroff
::sysinit:/bin/ln -sf halt /sbin/reboot
::sysinit:/bin/sh -c "echo KILL_WAIT=3 > /etc/default/curfew; : > /var/log/wtmp"
::respawn:/bin/sh -c "echo meek >> /lab/services; exec sleep 1000"
::respawn:/bin/sh -c "trap : TERM; echo deaf >> /lab/services; while :; do sleep 0.1; done"
::once:/bin/sh -c "until grep -q deaf /lab/services; do sleep 0.1; done; . /lab/once"
END
  as_pid1 -b "$lab:/lab:rw" sh -c '. /tests/ns/guard.bash; require_inside
    rm -f /sbin/init; ln -s /bin/busybox /sbin/init; cp /lab/inittab /etc/inittab
    '"${2:-exec /sbin/init}"
  echo "$output"
  [ "$(sort "$lab/services" | paste -sd ' ')" = 'deaf meek' ]
}

@test "busybox init is asked to halt, runs its ::shutdown: entries, and halts" {
  echo '::shutdown:/bin/sh -c "wc -c < /var/log/wtmp > /lab/wtmp"' > "$lab/inittab"
  boot_busybox 'halt; echo "status $?"'
  [ "$status" -eq 130 ]
  [[ "$output" == *"halt: PID 1 is busybox init: SIGUSR1 asks it to end the machine"*"status 0"* ]]
  [[ "$output" == *"Requesting system halt"* ]]
  [ "$(cat "$lab/wtmp")" -eq 384 ]
}

@test "busybox init is asked to switch the power off, also where it is a copy" {
  boot_busybox poweroff 'rm /sbin/init; cp /bin/busybox /sbin/init; exec /sbin/init'
  [ "$status" -eq 130 ]
  [[ "$output" == *"poweroff: PID 1 is busybox init: SIGUSR2 asks"*"Requesting system poweroff"* ]]
}

@test "busybox init is asked to restart, also where it was called as busybox init" {
  boot_busybox reboot 'exec /bin/busybox init'
  [ "$status" -eq 129 ]
  [[ "$output" == *"reboot: PID 1 is busybox init: SIGTERM asks"*"Requesting system reboot"* ]]
}

@test "a dry run under busybox init says the signal and sends none" {
  boot_busybox 'halt -p --dry-run; sleep 1; reboot'
  [ "$status" -eq 129 ]
  [[ "$output" == *"PID 1 is busybox init: SIGUSR2 asks"*"append a record"*"would send SIGUSR2 to PID 1"* ]]
}

@test "-w under busybox init writes a record and asks nothing" {
  boot_busybox 'halt -w; echo "status $?"; wc -c < /var/log/wtmp > /lab/wtmp; reboot -d'
  [[ "$output" == *"status 0"* ]]
  [ "$(cat "$lab/wtmp")" -eq 384 ]
}

@test "a kexec under busybox init is ours: its line, all stages, and nothing is started again" {
  boot_busybox 'reboot -k'
  [ "$status" -eq 129 ]
  [[ "$output" == *"reboot: busybox init knows no kexec: all stages are run now, without it"* ]]
  [[ "$output" == *"killed: sh["*"/ is read-only"* ]]
  [[ "$output" != *Requesting* ]]
}

@test "--fast under busybox init ends all, and nothing is started again meanwhile" {
  boot_busybox 'halt --fast'
  [ "$status" -eq 130 ]
  [[ "$output" == *"killed: sh["* ]]
}

@test "if the kernel refuses to end, busybox init goes on" {
  boot_busybox 'strace -f -o /dev/null -e inject=reboot:error=EPERM halt --fast; echo "status $?"
    until [ "$(wc -l < /lab/services)" -eq 4 ]; do sleep 0.1; done; touch /lab/again
    printf "meek\ndeaf\n" > /lab/services; reboot'
  [ "$status" -eq 129 ]
  [[ "$output" == *"halt refused: Operation not permitted"*"status 3"* ]]
  [ -e "$lab/again" ]
}

@test "stages in ::shutdown: entries are those of a shutdown: omit files, one record, no respawn" {
  cat > "$lab/inittab" << 'END'
::shutdown:/sbin/halt --stage kill,record
::shutdown:/sbin/halt -w
::shutdown:/sbin/halt
::shutdown:/bin/sh -c "wc -c < /var/log/wtmp > /lab/wtmp; pgrep -x sleep > /lab/spared"
END
  boot_busybox 'setsid sleep 1000 & echo $! > /run/sendsigs.omit; cp /run/sendsigs.omit /lab/pid; poweroff'
  [ "$status" -eq 130 ]
  [[ "$output" == *"killed: sh["*"halt: busybox init is ending the machine already"* ]]
  [[ "$output" == *"Requesting system poweroff"* ]]
  [ "$(cat "$lab/wtmp")" -eq 384 ]
  diff "$lab/pid" "$lab/spared"
}

@test "an init that catches SIGALRM is asked for kexec by it" {
  as_pid1 sh -c 'cat > /sbin/init << "END"
#!/bin/bash
. /tests/ns/guard.bash; require_inside
trap : INT QUIT USR1 USR2 TERM TSTP
trap "exit 14" ALRM
/curfew/halt -k
for _ in {1..100}; do sleep 0.1; done
END
    chmod 755 /sbin/init; exec /sbin/init'
  echo "$output"
  [ "$status" -eq 14 ]
  [[ "$output" == "halt: PID 1 is busybox init: SIGALRM asks"* ]]
}

@test "a container with sysvinit is shut down by it: the scripts run" {
  lab_start curfew
  lab_wait_level 2
  lab_run reboot
  lab_end 1
  lab_trace | grep -q '"event":"exit","service":"ledger"'
}

# container PROGRAM COMMAND: PROGRAM is PID 1, COMMAND runs beside it; there is Debian's shutdown(8).
container() {
  as_pid1 bash -c '. /tests/ns/guard.bash; require_inside
    cp /curfew/halt /sbin/halt
    (until [ "$(cat /proc/1/comm)" = "'"${1%% *}"'" ]; do sleep 0.1; done
     '"$2"') & exec '"$1"
  echo "$output"
}

@test "a container whose PID 1 is no init ends by the final sequence" {
  container 'sleep 1000' 'sleep 1001 & halt'
  [ "$status" -eq 130 ]
  [[ "$output" == "halt: no init takes a request here (PID 1 is sleep): all stages are run now"* ]]
  [[ "$output" == *"process ended in"* ]]
  container 'sleep 1000' reboot
  [ "$status" -eq 129 ]
}

@test "a dry run in such a container says all stages, and leaves it alone" {
  container 'sleep 4' 'halt -p --dry-run; echo survived'
  [ "$status" -eq 0 ]
  [[ "$output" == "no init takes a request here (PID 1 is sleep): all stages are run now"* ]]
  [[ "$output" == *"switch the power off"*survived* ]]
}

@test "a container that may not call reboot(2) is ended by its PID 1, if that takes SIGTERM" {
  printf '%s\n' 'trap "exit 7" TERM' 'echo ready > /run/ready' \
    'until ((SECONDS > 30)); do sleep 0.1; done' \
    > "$lab/server"
  as_pid1 -b "$lab:/lab" bash -c '. /tests/ns/guard.bash; require_inside
    (until [ -e /run/ready ]; do sleep 0.1; done
     setpriv --bounding-set=-sys_boot --inh-caps=-sys_boot /curfew/halt) & exec bash /lab/server'
  echo "$output"
  [ "$status" -eq 7 ]
  [[ "$output" == *"halt refused: Operation not permitted"*"SIGTERM asks PID 1 (bash) to end"* ]]
}

@test "Upstart's jobs live through the stage kill, as its initctl lists them" {
  run inside bash -c '. /tests/ns/guard.bash; require_inside
    for n in 1 2 3; do setsid sleep 1000 & pids[n]=$!; done
    printf "%s\n" "#!/bin/sh" "[ \$1 = list ] || exit 1" "cat /run/jobs" > /sbin/initctl
    chmod 755 /sbin/initctl
    printf "%s\n" "rc stop/waiting" "plymouth start/running, process ${pids[1]}" \
      "dbus stop/pre-stop, process 99999" "	pre-stop process ${pids[2]}" > /run/jobs
    RUNLEVEL=0 INIT_VERSION=x /curfew/halt --stage kill
    for n in 1 2 3; do kill -0 ${pids[n]} 2> /dev/null && echo "job $n lives"; done
    RUNLEVEL=1 INIT_VERSION=x /curfew/halt --stage kill
    pgrep -xc sleep'
  echo "$output"
  [[ "$output" == *"1 process ended"*"job 1 lives"*"job 2 lives"*"2 processes ended"*$'\n'0 ]]
  [[ "$output" != *"job 3"* ]]
}
