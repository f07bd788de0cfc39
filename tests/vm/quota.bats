#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What a kernel keeps in files: process accounting, quota, loops and swap.  Their end is seen in the
# kernel's trace on the console, and on the disks.

load vm

# end STATE PREPARATION: `init 0`, with the calls that matter on the console.
end() {
  vm_start "$1"
  vm_run "set -e; mount -t tracefs tracefs /sys/kernel/tracing; cd /sys/kernel/tracing/events
    echo 0 > sched/sched_process_exec/enable
    for call in acct quotactl; do echo 1 > syscalls/sys_enter_\$call/enable; done
    $2
    sysctl -q kernel.tracepoint_printk=1"
  vm_send 'init 0'
  vm_end off 240
}

# Accounting of a process that the kill stage ends; on another disk, quota of a user with 300 KiB.
counting="accton /var/log/account/pacct
  cp /bin/sleep /root/counted; setsid /root/counted 1000 > /dev/null 2>&1 &
  mkfs.ext4 -q /dev/vdb; echo '/dev/vdb /srv ext4 usrquota' >> /etc/fstab; mount /srv
  quotacheck -cum /srv; quotaon -u /srv
  head -c 300K /dev/urandom > /srv/kept; chown 1000 /srv/kept; sync"
# Both have a service, that ends them as well.
served="update-rc.d acct enable; update-rc.d quota defaults"
unserved="rm /etc/rc0.d/K*acct"

# Both are off, their files are whole and say what is true, and the disks are clean.
counted() {
  vm_console | grep -aE 'sys_(acct|quotactl)'
  # Newer kernels write hexadecimal with 0x, and what a pointer leads to.
  vm_console | grep -aqE 'sys_acct\(name: 0[ )]'
  vm_console | grep -aqE 'sys_quotactl\(cmd: (0x)?80000300,'
  vm_file /var/log/account/pacct > "$VM/pacct"
  [ "$(($(stat -c %s "$VM/pacct") % 64))" -eq 0 ]
  od -An -v -t u1 -w64 "$VM/pacct" | awk '$2 != 3 { exit 1 } END { exit NR == 0 }'
  vm_clean root second
  # Of user 1000: no limits, one file, no limits, 300 KiB (linux/quotaio_v2.h, either revision).
  vm_file /aquota.user second | od -An -v -t u4 | tr -s ' \n' ' ' |
    grep -qE ' 1000( 0){2,5} 1( 0){2,5} 307200 0 '
}

@test "process accounting and quota end, and their files are true" {
  end curfew "$counting; $unserved"
  counted
  grep -q counted "$VM/pacct"
}
# bats test_tags=control
@test "stock: process accounting and quota end, and their files are true" {
  end stock "$counting; $served"
  counted
}

# A loop and a swap file on a disk, a loop on memory, and a disk where no stage unmounts.
stacked="mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv
  truncate -s 64M /srv/disk; mkfs.ext4 -q /srv/disk; mount -o loop /srv/disk /mnt
  dd if=/dev/zero of=/srv/swap bs=1M count=16; mkswap /srv/swap; swapon /srv/swap
  mkdir /memory /deep; mount -t tmpfs memory /memory
  truncate -s 64M /memory/disk; mkfs.ext4 -q /memory/disk; mount -o loop /memory/disk /deep
  ide=/dev/disk/by-id/ata-QEMU_HARDDISK_IDE
  mkfs.ext4 -q \$ide; mkdir /run/stick; mount \$ide /run/stick
  for place in /mnt /deep /run/stick; do seq 10000 > \$place/kept; done"

unstacked() {
  vm_file /disk second > "$VM/loop.raw"
  vm_clean root second loop ide
  diff <(vm_file /kept loop) <(seq 10000)
  diff <(vm_file /kept ide) <(seq 10000)
}

@test "loops, swap files and what is below them are clean" {
  end curfew "$stacked"
  unstacked
}
# bats test_tags=control
@test "stock: loops, swap files and what is below them are clean" {
  end stock "$stacked"
  unstacked
}
