#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The ATA drives at the end, by the commands that QEMU sees them get: 0xe7 and 0xea flush the cache,
# 0xe0 is standby, 0xca and 0x35 write.  What AHCI queues has a trace line of its own; reads count
# as writes there.

load vm

# end STATE END COMMAND [PREPARATION]: ends a guest whose drives hold what was not flushed yet;
# `drive` has the address by which the trace names each.
end() {
  local serial
  declare -gA drive
  vm_start "$1"
  for serial in IDE SATA; do
    vm_run "dd if=/dev/urandom of=$(device $serial) bs=4k count=1 conv=fsync"
    drive[$serial]=$(sed -nE 's/.*state (0x[0-9a-f]+); cmd 0x(e7|ea)$/\1/p' "$VM/trace" | tail -n 1)
  done
  vm_qmp '"execute": "trace-event-set-state",
    "arguments": {"name": "process_ncq_command", "enable": true}'
  for serial in IDE SATA; do vm_run "dd if=/dev/urandom of=$(device $serial) bs=4k count=4"; done
  vm_run "${4:-:}"
  vm_send "$3"
  vm_end "$2" 240
}

device() { echo "/dev/disk/by-id/ata-QEMU_HARDDISK_$1"; }

# told DRIVE [SED]: what it was told, a line each.
told() {
  local told=".*state ${drive[$1]}; cmd"
  sed -nE "s/$told 0x(ca|35)$/write/p; s/$told 0x(e7|ea)$/flush/p; s/$told 0xe0$/standby/p
    ${2:-}" "$VM/trace"
}

# standby COUNT: each drive has its data, and goes into standby that often, last of all.
standby() {
  local serial
  told IDE > "$VM/IDE"
  told SATA 's/^process_ncq_command .*/write/p' > "$VM/SATA"
  tail "$VM/IDE" "$VM/SATA"
  for serial in IDE SATA; do
    grep -q write "$VM/$serial"
    grep -v standby "$VM/$serial" | tail -n 1 | grep -qx flush
    [ "$(grep -c standby "$VM/$serial")" -eq "$1" ]
    [ "$1" = 0 ] || tail -n 1 "$VM/$serial" | grep -qx standby
  done
}

# A kernel that leaves parking to user space, as drivers other than libata do.
unparked="for key in shutdown system_start_stop; do
  for key in /sys/class/scsi_disk/*/manage_\$key; do echo 0 > \$key; done; done"
raid="mdadm --create /dev/md/both --run --level=1 --assume-clean --bitmap=none --raid-devices=2 \
  $(device IDE) $(device SATA) && dd if=/dev/urandom of=/dev/md/both bs=4k count=4"

@test "power-off: each drive is flushed, then parked exactly once" {
  end curfew off 'init 0'
  standby 1
}
# bats test_tags=control
@test "stock: power-off parks each drive twice" {
  end stock off 'init 0'
  standby 2
}

@test "restart: the drives are flushed and keep running" {
  end curfew restart 'init 6'
  standby 0
}

@test "a drive that the kernel leaves running is parked exactly once" {
  end curfew off 'init 0' "$unparked"
  standby 1
}

# Somebody has it open whom nobody ends, so that it cannot be stopped.
@test "drives of a RAID that stays active are left to the kernel" {
  end curfew off 'init 0' "$unparked; $raid
    setsid bash -c 'exec 3< /dev/md/both; exec -a @holder sleep 100000' > /dev/null 2>&1 < /dev/null &"
  standby 0
}
@test "drives of an active RAID that the kernel parks are parked after its last write" {
  end curfew off 'init 0' "$raid"
  standby 1
}

# bats test_tags=slow
@test "drives of a RAID that halt stops are parked exactly once" {
  end curfew off 'init 0' "$unparked; $raid"
  standby 1
}

@test "a drive is flushed before a hook runs, which may take its power" {
  end curfew off 'init 0' "mkfs.minix $(device IDE); mount -t minix $(device IDE) /srv
    seq 5000 > /srv/new; mkdir -p /etc/curfew/final.d
    printf '#!/bin/sh\ndd if=$(device IDE) of=/dev/null bs=512 count=1 iflag=direct\n' \
      > /etc/curfew/final.d/look
    chmod 755 /etc/curfew/final.d/look"
  told IDE 's/.*'"${drive[IDE]}"'; cmd 0x(c8|25)$/read/p' | uniq | tail -n 6 > "$VM/last"
  cat "$VM/last"
  tac "$VM/last" | sed '/write/q' | tac > "$VM/order"
  [ "$(sed -n 2p "$VM/order")" = flush ]
  [ "$(sed -n 3p "$VM/order")" = read ]
}

# bats test_tags=slow
@test "40 disks of which each takes 1 s to stop: the kernel has its time, and switches off" {
  vm_start curfew
  vm_run '/etc/init.d/udev stop; modprobe scsi_debug num_tgts=40 dev_size_mb=8; sleep 20
    for f in /sys/block/sd*/device/scsi_disk/8:*/manage_system_start_stop; do echo 1 > $f; done'
  vm_send 'init 0'
  vm_end off 300
  [ -z "$(vm_console | grep -a 'dead-man: sysrq')" ]
}
