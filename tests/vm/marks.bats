#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What halt says of a file system is what the disk says: clean or not.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# marks: "TARGET TYPE STATE" of each mark in the kept log of the shutdown.
marks() {
  local log
  log=$(debugfs -R 'ls -p /var/log/curfew' "$(vm_image root)" 2> /dev/null | grep -o '[^/]*-0.jsonl')
  vm_file "/var/log/curfew/$log" | grep '"event":"mark"' |
    sed -E 's/.*"target":"([^"]*)","type":"([^"]*)".*"state":"([^"]*)".*/\1 \2 \3/' | sort
}

@test "ext4, xfs, btrfs, f2fs and vfat in use are proved clean, as the disks show" {
  vm_start curfew
  vm_run 'command -v mkfs.xfs mkfs.btrfs mkfs.f2fs mkfs.vfat' || skip "the guest has no mkfs of these"
  vm_run 'set -e
    ide=/dev/disk/by-id/ata-QEMU_HARDDISK_IDE sata=/dev/disk/by-id/ata-QEMU_HARDDISK_SATA
    mkfs.btrfs -q /dev/vdb; mkfs.f2fs -q $ide; mkfs.vfat -I $sata
    truncate -s 300M /xfs.img; mkfs.xfs -q /xfs.img
    truncate -s 16M /ext4.img; mkfs.ext4 -q /ext4.img
    cd /mnt; mkdir -p b f v x e
    mount /dev/vdb b; mount $ide f; mount $sata v; mount -o loop /xfs.img x; mount -o loop /ext4.img e
    for dir in b f v x e; do
      seq 5000 > $dir/new; dd if=/dev/zero of=$dir/synced bs=4k count=1 conv=fsync; seq 10 > $dir/last
    done'
  vm_send 'init 0'
  vm_end off
  marks > "$VM/marks"
  diff - "$VM/marks" << 'END'
/mnt/b btrfs clean
/mnt/e ext4 clean
/mnt/f f2fs clean
/mnt/v vfat clean
/mnt/x xfs clean
END
  vm_console | grep -a 'all file systems are clean'
  [ "$(vm_console | grep -ac 'is not clean')" -eq 0 ]
  vm_clean root
  vm_file /ext4.img > "$VM/ext4.raw"
  vm_clean ext4
  # What the tools of each format say, where this machine has them.
  ! command -v btrfs || btrfs inspect-internal dump-super "$(vm_image second)" | grep -E '^log_root\s+0$'
  ! command -v fsck.vfat || fsck.vfat -n "$(vm_image sata)"
  if command -v xfs_logprint; then
    debugfs -R "dump /xfs.img $VM/xfs.raw" "$(vm_image root)"
    xfs_logprint -t "$VM/xfs.raw" | grep '<CLEAN>'
  fi
}

# The disk says that it has written, and forgets it: dm-flakey with drop_writes.
@test "a disk that loses its last writes is said to be not clean, and is in the closing line" {
  vm_start curfew
  vm_run 'set -e
    size=$(blockdev --getsz /dev/vdb)
    dmsetup create mapped --table "0 $size linear /dev/vdb 0"
    mkfs.ext4 -q /dev/mapper/mapped; mount /dev/mapper/mapped /srv; seq 1000 > /srv/new; sync
    modprobe dm-flakey
    dmsetup suspend --nolockfs mapped
    dmsetup load mapped --table "0 $size flakey /dev/vdb 0 0 600 1 drop_writes"
    dmsetup resume mapped'
  vm_send 'init 0'
  vm_end off
  why='its journal still has to be replayed'
  vm_console | grep -aF "halt: /srv: ext4 on dm-0 (mapped) is not clean: $why"
  vm_console | grep -aF "not clean: /srv: ext4 on dm-0 (mapped) ($why)"
  marks | grep '^/srv ext4 dirty$'
  dumpe2fs -h "$(vm_image second)" 2> /dev/null | grep needs_recovery
  vm_clean root
}
