#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Live systems: the root is an overlay of a squashfs, which lies in a file on a USB stick, and of what
# the stick keeps.  The stick is clean when the end comes, and is pulled before it.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

setup_file() {
  command -v mksquashfs > /dev/null || skip "there is no mksquashfs"
  zcat "$BUILD/vm/curfew/initrd" | grep -aq 'modules.live' || skip "the frozen guest is older than this"
  mkdir -p "$BUILD/vm/live/tree" "$BUILD/vm/live/stick"
  cd "$BUILD/vm/live"
  debugfs -R 'rdump / tree' "$BUILD/vm/curfew/root.img" > rdump 2>&1
  rm -rf tree/boot tree/root/packages tree/root/initrd
  mksquashfs tree stick/live.squashfs -noI -noD -noF -noX -noappend -no-progress > squashfs
  rm -r tree
}

teardown_file() { rm -rf "$BUILD/vm/live"; }

# stick ext4|vfat: the stick has the files of $BUILD/vm/live/stick.
stick() {
  local image=$BUILD/vm/live/stick.raw
  rm -f "$image"
  if [ "$1" = ext4 ]; then mke2fs -q -t ext4 -d "$BUILD/vm/live/stick" "$image" 1400M; return; fi
  truncate -s 1400M "$image"
  mformat -F -T $((1400 * 2048)) -h 64 -s 32 -i "$image" ::
  mcopy -i "$image" "$BUILD"/vm/live/stick/* ::
}

# live: boots from the stick.  A hook says that the stick may be pulled: what it runs after that is in
# memory.
live() {
  vm_start curfew --boot -append "$vm_append live=1" -device qemu-xhci,id=xhci \
    -drive "id=stick,if=none,format=raw,cache=unsafe,file=$BUILD/vm/live/stick.raw" \
    -device usb-storage,id=stick,drive=stick,bus=xhci.0
  mv "$BUILD/vm/live/stick.raw" "$VM/"
  vm_run 'set -e
    grep -w "^overlay / overlay" /proc/mounts; seq 5000 > /root/kept
    mkdir -p /etc/curfew/final.d
    echo "#!/bin/busybox sh
      cat /bin/busybox > /dev/null; echo it may be pulled > /dev/console; exec busybox sleep 10" \
      > /etc/curfew/final.d/pull
    chmod 755 /etc/curfew/final.d/pull'
}

# pulled: the guest goes down; the stick is pulled at the hook's word, and nobody misses it.
pulled() {
  vm_send 'init 0'
  vm_shows 'it may be pulled' 240
  vm_qmp '"execute": "device_del", "arguments": {"id": "stick"}' | grep -q '"return"'
  vm_end off
  vm_console | sed '1,/it may be pulled/d' > "$VM/after"
  grep -a 'USB disconnect' "$VM/after"
  ! grep -aE 'SQUASHFS error|I/O error|EXT4-fs error|Bus error|Kernel panic' "$VM/after" || false
  grep -a 'halt: all file systems are clean' "$VM/after"
}

@test "a live stick that keeps a directory is clean when it may be pulled, and nothing reads it after" {
  stick ext4
  live
  pulled
  vm_clean stick
  diff <(vm_file /store/upper/root/kept stick) <(seq 5000)
}

@test "a live stick that keeps a file with a file system: both are clean when it may be pulled" {
  mke2fs -q -t ext4 "$BUILD/vm/live/stick/store.img" 200M
  stick ext4
  live
  pulled
  rm "$BUILD/vm/live/stick/store.img"
  vm_clean stick
  debugfs -R "dump /store.img $VM/store.raw" "$(vm_image stick)"
  vm_clean store
  diff <(vm_file /upper/root/kept store) <(seq 5000)
}

# The kernel sets bit 0 of byte 65 of the boot sector while FAT32 is mounted (fs/fat/inode.c).
@test "a live stick with vfat that keeps a file with a file system: both are clean, it may be pulled" {
  mke2fs -q -t ext4 "$BUILD/vm/live/stick/store.img" 200M
  stick vfat
  live
  vm_run 'grep "^/dev/sda /run/live/medium vfat rw" /proc/mounts'
  pulled
  rm "$BUILD/vm/live/stick/store.img"
  [ "$(od -An -tu1 -j 65 -N 1 "$VM/stick.raw" | tr -d ' ')" = 0 ]
  mcopy -i "$VM/stick.raw" ::store.img "$VM/store.raw"
  vm_clean store
  diff <(vm_file /upper/root/kept store) <(seq 5000)
}
