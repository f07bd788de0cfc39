#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks, servers and daemons that do not answer at the end: the machine goes off all the same, in
# time, and what still answers is clean.
# shellcheck disable=SC2016  # for the shell in the guest

load vm
load ends

# What the machine needs when nothing hangs, beside others on a slow host, where what the root has
# yet to write may also count as progress once. A hang without a limit would take minutes.
usual=60

# give NAME: a program of devices/ is in the guest's /root.
give() {
  vm_run "cat > /root/$1 << 'END'
$(cat "$BATS_TEST_DIRNAME/devices/$1")
END
chmod 755 /root/$1"
}

# off SECONDS [COMMAND]: the guest goes off; what hangs may take so long beside the usual.
off() {
  local limit=$((usual + $1))
  vm_send "${2:-init 0}"
  vm_end off $((4 * limit))
  echo "# $VM_SECONDS s, limit $usual + $1 s" >&3
  awk -v took="$VM_SECONDS" -v limit="$limit" 'BEGIN { exit took > limit }'
  vm_clean
}

# says TEXT: the console showed it, once.
says() {
  vm_console | grep -F -- "$1"
  [ "$(vm_console | grep -cF -- "$1")" -eq 1 ]
}

# A disk of device mapper on /dev/vdb, with a file system at /srv and a page that is not written yet.
mapped='set -e
  size=$(blockdev --getsz /dev/vdb)
  dmsetup create mapped --table "0 $size linear /dev/vdb 0"
  mkfs.ext4 -q /dev/mapper/mapped; mount /dev/mapper/mapped /srv; sync
  seq 1000 > /srv/unwritten'
# What the root has yet to write would count as progress for a while: nobody can tell whose it is.
suspended="$mapped
  dmsetup suspend --noflush --nolockfs mapped
  sync -f /"

# bats test_tags=slow
@test "a disk that is suspended costs one limit in all, and the root is clean" {
  vm_start curfew
  vm_run "$suspended"
  off 10
  says '/dev/mapper/mapped (/srv) does not answer; it is left alone'
}

# shutdown(8) calls sync(2) before it asks init. 10 s until init is asked without it; then shutdown is
# a process in D like that of the next case.
@test "poweroff typed beside a suspended disk does not wait for shutdown, whose sync has no end" {
  vm_start curfew
  vm_run "$suspended"
  off 36 'poweroff 2> /dev/console'
  vm_console | grep 'poweroff: shutdown\[.* waits for a disk; init is asked without it'
}

# 10 s for the disk, KILL_WAIT and 2 s for the process in sendsigs, 2 s twice in the last halt.
@test "a process in D on a suspended disk costs its limits and is named, its disk is left alone" {
  vm_start curfew
  vm_run "$suspended
    setsid dd if=/dev/zero of=/srv/file bs=4k count=1 conv=fsync > /dev/null 2>&1 &
    sleep 1; grep -q '^State:.D' /proc/\$!/status"
  off 26
  vm_console | grep -a 'halt: dd\[[0-9]*\] does not end: D .* on /srv'
  says '/dev/mapper/mapped (/srv) does not answer; it is left alone'
}

# bats test_tags=slow
@test "a disk that fails every write is named, and nobody waits" {
  vm_start curfew
  vm_run "$mapped
    dmsetup suspend --nolockfs mapped
    dmsetup load mapped --table \"0 \$size error\"
    dmsetup resume mapped"
  off 2
  vm_console | grep -F 'halt: /dev/mapper/mapped on vdb (/srv): not everything could be written'
  vm_console | grep -aE 'not clean: .*/srv \(/dev/mapper/mapped on vdb: not everything'
}

# bats test_tags=slow
@test "a disk that is slow has the time it needs, and loses nothing" {
  vm_start curfew
  vm_run 'mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv; sync'
  vm_qmp '"execute": "block_set_io_throttle", "arguments": {"device": "second", "bps": 0,
    "bps_rd": 0, "bps_wr": 1048576, "iops": 0, "iops_rd": 0, "iops_wr": 0}'
  vm_run 'head -c 40M /dev/zero | tr "\0" x > /srv/kept'
  off 60
  vm_console | grep -aE 'syncing /dev/vdb \(/srv\): [0-9]+ s, [0-9]+ MB written, [0-9]+ MB left'
  vm_clean second
  [ "$(vm_file /kept second | tr -d x | wc -c)" -eq 0 ]
  [ "$(vm_file /kept second | wc -c)" -eq $((40 << 20)) ]
}

# bats test_tags=slow
@test "a network block device whose server is silent costs the limit of a disk twice" {
  vm_start curfew
  give nbd-server
  vm_run 'set -e
    modprobe nbd
    truncate -s 64M /dev/shm/disk
    (cd /; exec setsid bash -c "exec -a @nbd perl /root/nbd-server /dev/nbd0 /dev/shm/disk" \
      > /dev/null 2>&1 &)
    for _ in $(seq 50); do [ "$(blockdev --getsz /dev/nbd0)" = 0 ] || break; sleep 0.1; done
    mkfs.ext4 -q /dev/nbd0; mount /dev/nbd0 /srv; sync
    seq 1000 > /srv/unwritten
    kill -STOP $(pgrep -P $(pgrep -o perl))'
  off 95
  says '/dev/nbd0 (/srv) does not answer; it is left alone'
}

@test "a loop file on a full disk: what is lost is said, both ends are unmounted" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb 64M; mount /dev/vdb /srv
    truncate -s 200M /srv/disk; mkfs.ext4 -q /srv/disk; mount -o loop /srv/disk /mnt
    sync
    head -c 100M /dev/zero > /srv/fill || :
    sync
    head -c 30M /dev/urandom > /mnt/lost'
  off 2
  vm_console | grep -E 'halt: /dev/loop0 of /srv/disk on vdb \(/mnt\): not everything could be written'
  vm_clean second
}

# bats test_tags=slow
@test "swap that memory cannot take back is named and its disk frozen, until shared memory goes" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv
    dd if=/dev/zero of=/srv/swap bs=1M count=200; mkswap /srv/swap; swapon /srv/swap
    seq 1000 > /srv/kept
    mount -o remount,size=500M /dev/shm
    head -c 450M /dev/urandom > /dev/shm/fill'
  off 5
  vm_console | grep -F 'swap /srv/swap stays on: it holds'
  vm_console | grep -F '/srv is NOT read-only: Device or resource busy, by swap /srv/swap; it is frozen'
  vm_clean second
  diff <(vm_file /kept second) <(seq 1000)
}

# fuse TYPE: at /cloud a file system whose daemon, which nobody may kill, does not answer, and a
# process that waits for it.
fuse() {
  vm_start curfew
  give fuse-daemon
  vm_run "set -e
    modprobe fuse; mkdir /cloud
    (cd /; exec setsid bash -c 'exec -a @frozen perl /root/fuse-daemon $1 /cloud' \
      > /dev/null 2>&1 &)
    for _ in \$(seq 50); do ! grep -q /cloud /proc/mounts || break; sleep 0.1; done
    grep -q /cloud /proc/mounts
    setsid ls /cloud > /dev/null 2>&1 &
    sleep 1"
}

@test "a FUSE daemon that never answers: whom it holds in D is freed within 2 s" {
  fuse fuse.frozen
  off 4
  says '/cloud is cut off from its daemon, which does not answer'
}

# bats test_tags=slow,release
@test "a network file system by FUSE that never answers costs one limit, before the network goes" {
  fuse fuse.sshfs
  off 7
  says 'frozen (/cloud) does not answer; it is forced off'
}

@test "the log of a shutdown is on the disk afterwards, those of the last ten are" {
  vm_start curfew
  vm_run 'mkdir -p /var/log/curfew; cd /var/log/curfew
    for n in $(seq 10 22); do touch "0000$n-20200101-000000-0.jsonl"; done'
  vm_send 'init 6'
  vm_end restart
  debugfs -R 'ls -p /var/log/curfew' "$(vm_image root)" 2> /dev/null |
    grep -o '[^/]*-[06].jsonl' > "$VM/logs"
  cat "$VM/logs"
  [ "$(wc -l < "$VM/logs")" -eq 10 ]
  vm_file "/var/log/curfew/$(grep -e '-6.jsonl$' "$VM/logs")" > "$VM/log"
  grep '"event":"begin"' "$VM/log"
  tail -n 1 "$VM/log" | grep '"event":"trace-end"'
  vm_clean
}

# last_end LEVEL VERDICT: the boot says it of the last shutdown, and so does `curfew report`; to the
# guest's shell, which is a terminal, it would say it in colour.
last_end() {
  vm_level 120
  vm_shows ", level $1: $2" 5
  vm_run 'curfew report | cat' | grep -F "$2"
}

@test "the next boot says how the last shutdown ended: as planned, or by a reset in a hang" {
  vm_start curfew --restarts
  vm_send 'init 6'
  vm_shows 'INIT: version' 120
  last_end 6 clean
  stop_script slow 'sleep 600'
  vm_send 'init 0'
  vm_shows 'stopping slow' 60
  sleep 5
  vm_qmp '"execute": "system_reset"' > /dev/null
  last_end 0 'unclean: reset or power lost while waiting for slow'
}

# bats test_tags=slow
@test "NFS whose server is gone: dirty pages, a process and a stop script on it, and the machine goes off" {
  vm_start daemons
  stop_script visits 'cd /srv/import && ls'
  dead_nfs
  vm_run 'echo LIMIT=20 >> /etc/default/curfew'
  off 30
  vm_console | grep -a 'visits: no progress for 2[0-9] s; left alone'
  vm_console | grep -F '10.9.9.9 (/srv/import) does not answer; it is forced off'
}

# opts=4, every_nth=1: scsi_debug drops every command. Left online the disk would take the kernel
# minutes at reboot(2), and the dead-man would restart the machine; the kernel itself gives up after
# 150 s, so that the disk goes silent as late as possible.
# bats test_tags=slow
@test "a SCSI disk that is known dead is taken offline by the last halt, which switches off" {
  vm_start curfew
  vm_run 'set -e
    modprobe scsi_debug dev_size_mb=64 statistics=1
    until disk=$(ls /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*:*/block); do sleep 0.1; done
    cat /sys/block/$disk/dev > /run/number
    mkdir -p /etc/curfew/final.d
    cat > /etc/curfew/final.d/silence << "END"
#!/bin/sh
cd /sys/bus/pseudo/drivers/scsi_debug
echo 4 > opts; echo 1 > every_nth
echo "$(cat /run/number) /srv" > /run/curfew/dead
END
    chmod 755 /etc/curfew/final.d/silence'
  vm_send 'init 0'
  vm_end off 600
  echo "# $VM_SECONDS s" >&3
  says ' (/srv) is taken offline: it did not answer'
  [ -z "$(vm_console | grep -a 'dead-man: sysrq')" ]
  vm_console | grep -a 'reboot: Power down'
}

# Force has no effect where another file lies on its trigger. 32: MS_REMOUNT.
@test "what a process makes writable again and again is frozen as the last act, and is clean" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv; echo kept > /srv/kept
    mkfs.minix /dev/disk/by-id/ata-QEMU_HARDDISK_IDE
    mount -t minix /dev/disk/by-id/ata-QEMU_HARDDISK_IDE /mnt
    mount --bind /dev/null /proc/sysrq-trigger
    cat > /root/hold << "END"
chdir q(/srv); opendir D, q(/mnt); my ($srv, $mnt) = (q(/srv), q(/mnt));
while (1) { syscall(165, 0, $_, 0, 32, 0) for $srv, $mnt; select undef, undef, undef, 0.02 }
END
    (cd /; exec setsid bash -c "exec -a @hold perl /root/hold" > /dev/null 2>&1 &)
    sleep 1'
  off 40
  says '/dev/vdb (/srv) takes no more writes: it is frozen'
  vm_console | grep -aE '/dev/sd[a-z] \(/mnt\) stays writable: it can neither be frozen nor shut down'
  vm_console | grep -aE 'not clean: .*/srv \(.*it is frozen\)'
  vm_clean second
  [ "$(vm_file /kept second)" = kept ]
}
