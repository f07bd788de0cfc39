#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Processes that do not want to end, without a stop script of their own.  Each case prints the time it
# took beside its limit, in seconds.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# KILL_WAIT of the first guest, and what a machine needs when nothing hangs, beside others on a slow
# host.
wait=2 usual=20

# off SECONDS: the guest goes off with a clean disk; what does not want to end may take so long
# beside the usual.
off() {
  vm_send 'init 0'
  vm_end off
  echo "# $VM_SECONDS s, limit $usual + $1 s" >&3
  awk -v took="$VM_SECONDS" -v limit="$((usual + $1))" 'BEGIN { exit took > limit }'
  vm_clean
}

# killed NAME: the line about those that had to be killed has it.
killed() { vm_console | grep -a "halt: killed:.* $1\[[0-9]"; }

# What the tracer traces has stopped; 101 is ptrace on x86-64, 0 PTRACE_TRACEME.
declare -gA programs=(
  [deaf]='#!/bin/sh
    trap : TERM HUP
    while :; do sleep 1; done'
  [again]='#!/usr/bin/perl
    $SIG{TERM} = $SIG{HUP} = sub { exec $0 unless fork; exec $0 unless fork; exit };
    sleep 1 while 1;'
  [tracer]='#!/usr/bin/perl
    $SIG{TERM} = $SIG{HUP} = "IGNORE";
    unless (fork) { syscall(101, 0, 0, 0, 0); kill STOP => $$; exec "sleep", "1000" }
    sleep 1 while 1;'
  [zombies]='#!/usr/bin/perl
    fork or exit for 1..50;
    sleep 1000;'
)

@test "deaf, traced, and ever starting anew: killed after KILL_WAIT and named; zombies cost nothing" {
  vm_start curfew
  for name in "${!programs[@]}"; do
    vm_run "echo '$(base64 -w 0 <<< "${programs[$name]}")' | base64 -d > /root/$name; chmod 755 /root/$name
      setsid /root/$name > /dev/null 2>&1 < /dev/null &"
  done
  vm_run "echo KILL_WAIT=$wait >> /etc/default/curfew"
  vm_run 'sleep 1; grep -h "^State:.t" /proc/[0-9]*/status
    [ $(grep -l "^State:.Z" /proc/[0-9]*/status | wc -l) -ge 50 ]'
  off $((2 * wait))
  for name in deaf again tracer; do killed "$name"; done
  [ -z "$(vm_console | grep -a 'killed:.* zombies')" ]
}

# As a shell's bomb, each forks as long as it may, and tries again after a pause.
# bats test_tags=slow
@test "a fork bomb of 5,000 that ignores TERM ends with the rest" {
  gcc -Os -static -nostdlib -fno-stack-protector -o "$BATS_TEST_TMPDIR/bomb" \
    "$BATS_TEST_DIRNAME/devices/bomb.c"
  vm_start daemons
  vm_run "echo $(base64 -w 0 "$BATS_TEST_TMPDIR/bomb") | base64 -d > /bin/bomb; chmod 755 /bin/bomb
    for name in apache2 cups exim4 mariadb nfs-kernel-server nginx nmbd postgresql smbd; do
      /etc/init.d/\$name stop > /dev/null
    done
    setsid prlimit --nproc=5000 setpriv --reuid=65534 /bin/bomb > /dev/null 2>&1 < /dev/null &
    until read -r _ _ _ tasks _ < /proc/loadavg; [ \${tasks#*/} -ge 5000 ]; do sleep 1; done"
  off 60
  vm_console | grep -a 'halt: killed:.* and 49[0-9]* more'
}
