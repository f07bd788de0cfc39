# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Stacks of storage in a guest, and how they are judged after its end; for .bats files that load vm.
# Disks are plugged in as they are needed.  After the end the raw images are read here; then a fresh
# guest gets the same disks, puts the stacks together again and compares what is on them.
# shellcheck disable=SC2016  # for the shell in the guest

# disk NAME [SIZE]: the running guest gets the disk /dev/disk/by-id/virtio-NAME: the one that an
# earlier guest of this test had, or an empty one.
disk() {
  local image=$VM/$1.qcow2
  if [ -e "$BATS_TEST_TMPDIR/$1.qcow2" ]; then
    mv "$BATS_TEST_TMPDIR/$1.qcow2" "$image"
  elif [ ! -e "$image" ]; then
    qemu-img create -q -f qcow2 "$image" "$2"
  fi
  vm_qmp '"execute": "blockdev-add", "arguments": {"driver": "qcow2", "node-name": "'"$1"'",
    "cache": {"no-flush": true}, "file": {"driver": "file", "filename": "'"$image"'"}}' | grep -q return
  vm_qmp '"execute": "device_add", "arguments": {"driver": "virtio-blk-pci", "drive": "'"$1"'",
    "id": "disk-'"$1"'", "serial": "'"$1"'"}' | grep -q return
  plugged+=" $1"
}

# disks NAME:SIZE...: the same for several; waits until the guest sees them all.
disks() {
  local each
  for each in "$@"; do disk "${each%:*}" "${each#*:}"; done
  vm_run "for name in ${*%:*}; do
      for _ in \$(seq 100); do [ ! -b /dev/disk/by-id/virtio-\$name ] || break; sleep 0.1; done
      [ -b /dev/disk/by-id/virtio-\$name ] || { echo no disk \$name; exit 1; }
    done"
}

# For the guest's shell: what the stacks are made with.
stack_tools='set -e
  by=/dev/disk/by-id/virtio-
  # fill DIR...: files that are on no disk yet, and a process for each that writes at SIGTERM and syncs
  # nothing.  It has time: a host that is busy makes the guest slow.
  fill() {
    echo KILL_WAIT=60 >> /etc/default/curfew
    for dir; do
      seq 50000 > $dir/new
      setsid sh -c "trap \"seq 20000 > $dir/saved; exit\" TERM
        while :; do sleep 1; done" > /dev/null 2>&1 < /dev/null &
    done
  }
  # again N DISK DISK: the array /dev/md/N.  udev may have put it together as soon as it saw both halves.
  again() { udevadm settle; [ -b /dev/md/$1 ] || mdadm -A -o /dev/md/$1 $2 $3; }
  # whole DIR...: both are there, to the last byte.
  whole() {
    for dir; do
      seq 50000 | cmp - $dir/new && seq 20000 | cmp - $dir/saved || { echo "$dir is not whole"; exit 1; }
    done
  }
'

# stack COMMANDS: makes stacks in the guest; what they say is shown.
stack() { vm_run "$stack_tools$1"; }

# reopened: after the end, a fresh guest; `disks` plugs in what the ended one had.
reopened() {
  local name
  for name in $plugged root; do mv "$VM/$name.qcow2" "$BATS_TEST_TMPDIR/"; done
  mv "$BATS_TEST_TMPDIR/root.qcow2" "$BATS_TEST_TMPDIR/oldroot.qcow2"
  vm_console > "$BATS_TEST_TMPDIR/console"
  vm_stop
  vm_start curfew
}

# number IMAGE OFFSET [BYTES]: a little-endian number of the raw image.
number() { od -An -v -j "$2" -N "${3:-4}" -t "u${3:-4}" "$1" | tr -d ' '; }

# clean_md IMAGE [OFFSET]: the superblock 1.2 of an array's member: resync_offset says that all of the
# array is in sync (linux/raid/md_p.h).
clean_md() {
  local at=$((${2:-0} + 4096))
  [ "$(number "$1" "$at")" = $((0xa92b4efc)) ] || { echo "$1: no superblock of md"; return 1; }
  [ "$(od -An -v -j $((at + 208)) -N 8 -t x8 "$1" | tr -d ' ')" = ffffffffffffffff ] ||
    { echo "$1: the array was not stopped"; return 1; }
}

# clean_cache IMAGE: the metadata of dm-cache: flag 1 of its superblock is CLEAN_SHUTDOWN
# (drivers/md/dm-cache-metadata.c, cache_disk_superblock).
clean_cache() {
  [ "$(($(number "$1" 4) & 1))" = 1 ] || { echo "$1: the cache was not suspended"; return 1; }
}

# clean_integrity IMAGE: flag 4 of the superblock of dm-integrity is DIRTY_BITMAP: it goes when the
# device is suspended (drivers/md/dm-integrity.c, struct superblock).
clean_integrity() {
  [ "$(head -c 7 "$1")" = integrt ] || { echo "$1: no superblock of dm-integrity"; return 1; }
  [ "$(($(number "$1" 24) & 4))" = 0 ] || { echo "$1: the device was not suspended"; return 1; }
}
