#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Who holds a mount at the end is named, and who need not live for a mount is ended or let go.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# clean DISK...: the guest goes off, the root and these disks are clean.
clean() {
  vm_send 'init 0'
  vm_end off
  vm_clean root "$@"
}

# says_nothing PATTERN: no line of the console has it.
says_nothing() {
  ! vm_console | tr -d '\r' | grep -aE "$1"
}

@test "one line names who holds a mount: a process with its file, swap, and a chain of devices" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv
    dd if=/dev/zero of=/srv/swap bs=1M count=200 2> /dev/null; chmod 600 /srv/swap
    mkswap -q /srv/swap; swapon /srv/swap
    truncate -s 16M /srv/disk; loop=$(losetup -f --show /srv/disk)
    dmsetup create vault --table "0 $(blockdev --getsz $loop) linear $loop 0"
    mount -o remount,size=500M /dev/shm; head -c 450M /dev/urandom > /dev/shm/fill
    setsid bash -c "exec 3> /srv/log; exec -a @agent sleep 100000" > /dev/null 2>&1 < /dev/null &
    sleep 1'
  clean second
  vm_console | grep -aE 'halt: busy: /srv: sleep\[[0-9]+\] \(/srv/log\), swap /srv/swap, loop0 -> dm-0 "vault"'
}

@test "an interpreter that binfmt_misc keeps open is let go: its disk is unmounted without a word" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv; cp /bin/true /srv/interpreter
    [ -e /proc/sys/fs/binfmt_misc/register ] ||
      { modprobe binfmt_misc; mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; }
    echo ":odd:M::ODDX::/srv/interpreter:F" > /proc/sys/fs/binfmt_misc/register
    ! umount /srv 2> /dev/null'
  clean second
  says_nothing 'halt: busy'
}

# bats test_tags=slow
@test "a process that dies with a core at SIGTERM starts no program and leaves no core" {
  vm_start curfew
  vm_run 'printf "#!/bin/sh\necho dumped > /dev/ttyS0\ncat > /root/dumped\n" > /root/dump; chmod 755 /root/dump
    echo "|/root/dump" > /proc/sys/kernel/core_pattern
    (ulimit -c unlimited; cd /root; trap "" HUP
      exec setsid perl -e "\$SIG{TERM} = sub { \$SIG{SEGV} = q(DEFAULT); kill SEGV => \$\$ }; sleep 1 while 1") \
      > /dev/null 2>&1 < /dev/null &
    sleep 1'
  clean
  vm_console | grep -a 'halt: [0-9]* processes ended in'
  says_nothing '^dumped'
  run debugfs -R 'ls /root' "$(vm_image root)"
  [[ $output != *core* && $output != *dumped* ]]
}

# bats test_tags=slow
@test "root's process in a cgroup that survives gets no SIGTERM, a user's process there does" {
  vm_start curfew
  vm_run 'set -e
    mkdir /sys/fs/cgroup/keep
    # setxattr(2). syscall() takes no constants as strings.
    perl -e "(\$path, \$name, \$value) = (q(/sys/fs/cgroup/keep), q(user.survive_final_kill_signal), q(1));
      exit(syscall(188, \$path, \$name, \$value, 1, 0) != 0)"
    for uid in 0 1000; do
      setsid perl -e "\$SIG{TERM} = sub { open \$c, q(>), q(/dev/ttyS0); syswrite \$c, qq(\nterm $uid\n); exit };
        open \$g, q(>), q(/sys/fs/cgroup/keep/cgroup.procs); syswrite \$g, \$\$; close \$g;
        chmod 0666, q(/dev/ttyS0); \$< = \$> = $uid; sleep 1 while 1" > /dev/null 2>&1 < /dev/null &
    done
    sleep 1; [ "$(wc -l < /sys/fs/cgroup/keep/cgroup.procs)" = 2 ]'
  clean
  vm_console | tr -d '\r' | grep -ax 'term 1000'
  says_nothing '^term 0$'
}

@test "the server of a disk ends when that is unmounted, and then the disk below it is unmounted" {
  vm_start curfew
  vm_run "cat > /root/nbd-server << 'END'
$(cat "$BATS_TEST_DIRNAME/devices/nbd-server")
END
    set -e; modprobe nbd; mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv; truncate -s 64M /srv/disk
    (cd /; exec setsid bash -c 'exec -a nbd perl /root/nbd-server /dev/nbd0 /srv/disk' \
      > /dev/null 2>&1 < /dev/null &)
    for _ in \$(seq 50); do [ \"\$(blockdev --getsz /dev/nbd0)\" = 0 ] || break; sleep 0.1; done
    mkfs.ext4 -q /dev/nbd0; mount /dev/nbd0 /mnt; seq 5000 > /mnt/new"
  # The stages in the place of scripts end nobody for this.
  vm_run 'echo NATIVE= >> /etc/default/curfew; for s in sendsigs umountfs umountroot; do
    printf "#!/bin/sh\nexit 0\n" > /etc/init.d/$s; done'
  clean second
  says_nothing 'halt: busy'
  vm_file /disk second > "$VM/inner.raw"
  vm_clean inner
  diff <(vm_file /new inner) <(seq 5000)
}
