#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks in unusual places and relations: each is clean after the end.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# clean DISK...: the guest goes off, the root and these disks are clean, and nothing stayed writable at last.
clean() {
  vm_send 'init 0'
  vm_end off
  vm_clean root "$@"
  ! vm_console | grep -a '^halt: .*NOT read-only'
}

@test "a loop file of the root that is mounted below /run is unmounted: both are clean" {
  vm_start curfew
  vm_run 'set -e
    truncate -s 16M /home.img; mkfs.ext4 -q /home.img; mkdir -p /run/media/u/img
    mount -o loop /home.img /run/media/u/img; seq 5000 > /run/media/u/img/new'
  clean
  vm_file /home.img > "$VM/home.raw"
  vm_clean home
  diff <(vm_file /new home) <(seq 5000)
}

@test "a disk of a mount namespace that only a file below /run keeps is unmounted with it" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mkdir -p /run/ns; mount --bind /run/ns /run/ns
    mount --make-private /run/ns; touch /run/ns/app
    unshare --mount=/run/ns/app --propagation private sh -c "mount /dev/vdb /srv; seq 5000 > /srv/new"'
  clean second
  diff <(vm_file /new second) <(seq 5000)
}

@test "a /tmp on tmpfs, in use, with a disk mounted on it, is unmounted: root and disk are clean" {
  vm_start curfew
  vm_run 'set -e
    seq 5000 > /tmp/below; mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /tmp
    mkfs.ext4 -q /dev/vdb; mkdir /tmp/deep; mount /dev/vdb /tmp/deep; seq 5000 > /tmp/deep/new
    setsid bash -c "cd /tmp; exec -a @agent sleep 100000" > /dev/null 2>&1 < /dev/null &
    sleep 1'
  clean second
  diff <(vm_file /new second) <(seq 5000)
  diff <(vm_file /tmp/below) <(seq 5000)
}

@test "who is spared and writes, here or in a namespace of its own: both disks are forced and clean" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb
    setsid unshare --mount sh -c "mount /dev/vdb /srv; exec 3>>/var/log/agent 4>>/srv/new
      seq 5000 >&4; exec bash -c \"exec -a @agent sleep 100000\"" > /dev/null 2>&1 < /dev/null &
    sleep 1'
  clean second
  vm_console | grep -a 'halt: / is read-only, by force: Device or resource busy'
  vm_console | grep -a 'ext4 on vdb is in use where halt cannot see it, by sleep\[[0-9]*\]; it is made'
  diff <(vm_file /new second) <(seq 5000)
}

@test "what hooks leave writable is unmounted or read-only again, and nothing they wrote is lost" {
  vm_start curfew
  vm_run 'set -e
    mkfs.ext4 -q /dev/vdb; mkdir -p /etc/curfew/final.d; cd /etc/curfew/final.d
    printf "#!/bin/sh\nmount -o remount,rw /\nulimit -Hc > /root/limit\nseq 5000 > /root/new\nsleep 1000 >> /root/new &\n" > 10-root
    printf "#!/bin/sh\nmount /dev/vdb /mnt\nseq 5000 > /mnt/new\n" > 20-disk
    disk=/dev/disk/by-id/ata-QEMU_HARDDISK_SATA; mkfs.ext4 -q $disk
    printf "#!/bin/sh\nsetsid unshare -m sh -c \"mount $disk /mnt; cd /mnt; seq 5000 > new; sleep 1000\" &\n" > 30-own
    echo "sleep 1" >> 30-own
    chmod 755 10-root 20-disk 30-own'
  clean second sata
  vm_console | grep -a '^halt: hook /etc/curfew/final.d/10-root left / writable; processes are ended'
  vm_console | grep -a '^halt: hook /etc/curfew/final.d/20-disk left /mnt writable; processes are ended'
  vm_console | grep -a '^halt: a hook left ext4 on sd[a-z] in use where halt cannot see it; proc'
  vm_console | sed '1,/20-disk left/d' | grep -a '^halt: / is read-only'
  [ "$(vm_file /root/limit)" = 0 ] # of core files
  diff <(vm_file /root/new) <(seq 5000)
  diff <(vm_file /new second) <(seq 5000)
  diff <(vm_file /new sata) <(seq 5000)
}

# A tmpfs that covers a disk is detached, a third disk is not.
@test "who writes to a covered disk until the end is named, and the disk is clean" {
  vm_start curfew
  vm_run 'set -e
    ide=/dev/disk/by-id/ata-QEMU_HARDDISK_IDE sata=/dev/disk/by-id/ata-QEMU_HARDDISK_SATA
    for disk in /dev/vdb $ide $sata; do mkfs.ext4 -q $disk; done
    mkdir /srv/a; mount /dev/vdb /srv/a; mount $sata /media
    echo "open \$a, q(>&=3); open \$b, q(>&=4); while () {
      syswrite \$_, qq(x\n) for \$a, \$b; select undef, undef, undef, .1 }" > /run/agent
    exec 3> /srv/a/w 4> /media/w
    mount -t tmpfs tmpfs /srv; mount $ide /media; cd /srv; exec 5> /media/cover
    (trap "" TERM HUP; exec setsid bash -c "exec -a @agent perl /run/agent") > /dev/null 2>&1 < /dev/null &
    exec 3>&- 4>&- 5>&-; cd /; sleep 1'
  vm_send 'init 0'
  vm_end off
  vm_clean root second ide sata
  vm_console | grep -a 'halt: /srv/a is NOT read-only: .*, by perl.* (/srv/a/w).*; it is frozen'
  vm_console | grep -a 'halt: /media is read-only, by force: the mount /media covers it, by perl.* (/media/w)'
}

@test "a swap file that holds only pages of /dev/shm keeps nothing: the root is clean" {
  vm_start curfew
  vm_run 'set -e
    fallocate -l 200M /swapfile; chmod 600 /swapfile; mkswap /swapfile; swapon /swapfile
    mount -o remount,size=500M /dev/shm
    head -c 450M /dev/zero > /dev/shm/fill'
  clean
  vm_console | grep -aF 'halt: / is read-only'
}

# throttle BYTES: what the drive SATA writes in a second; 0: what it can.
throttle() {
  vm_qmp '"execute": "block_set_io_throttle", "arguments": {"device": "sata", "bps": 0, "bps_rd": 0,
    "bps_wr": '"$1"', "iops": 0, "iops_rd": 0, "iops_wr": 0}'
}

@test "a second disk that is silent for 25 s is waited for, and clean" {
  vm_start curfew
  vm_run 'set -e
    disk=/dev/disk/by-id/ata-QEMU_HARDDISK_SATA
    mkfs.ext4 -q $disk; mount $disk /srv; sync; seq 100000 > /srv/new'
  vm_send 'init 0'
  vm_shows 'processes ended in'
  throttle 1
  sleep 25
  throttle 0
  vm_end off
  vm_clean root sata
  diff <(vm_file /new sata) <(seq 100000)
}

# bats test_tags=slow
@test "a root in a file of another disk: both are read-only by the end, and nothing is lost" {
  zcat "$BUILD/vm/curfew/initrd" | grep -aq loop_root || skip "the frozen guest is older than this"
  hosted=$BUILD/vm/hosted
  mkdir -p "$hosted/files"
  ln -sf ../curfew/{kernel,initrd,second.img,ide.img,sata.img} "$hosted/"
  cp --sparse=always "$BUILD/vm/curfew/root.img" "$hosted/files/inner.img"
  chmod u+w "$hosted/files/inner.img"
  mke2fs -q -t ext4 -d "$hosted/files" "$hosted/root.img" 4G
  vm_start hosted --boot -append "$vm_append loop_root=1"
  vm_run 'grep " / " /proc/mounts; seq 5000 > /root/kept'
  clean
  rm -r "$hosted"
  debugfs -R "dump /inner.img $VM/inner.raw" "$(vm_image root)"
  vm_clean inner
  diff <(vm_file /root/kept inner) <(seq 5000)
}

# raid_clean DISK: the superblock (linux/raid/md_p.h) at the end of the disk says that its array was
# closed in order: resync_offset is the last number that there is.
raid_clean() {
  local image at
  image=$(vm_image "$1")
  at=$(((($(stat -c %s "$image") / 512 - 16) & ~7) * 512))
  [ "$(od -An -tx4 -j $at -N 4 "$image")" = ' a92b4efc' ]
  [ "$(od -An -tx8 -j $((at + 208)) -N 8 "$image")" = ' ffffffffffffffff' ]
}

# bats test_tags=slow
@test "a root on a volume on dm-crypt on RAID 1: disks are equal and clean, the kernel's wait is said" {
  zcat "$BUILD/vm/curfew/initrd" | grep -aq stack_root || skip "the frozen guest is older than this"
  stack=$BUILD/vm/stack
  mkdir -p "$stack"
  ln -sf ../curfew/{kernel,initrd,ide.img,sata.img} "$stack/"
  cp --sparse=always "$BUILD/vm/curfew/root.img" "$stack/root.img"
  chmod u+w "$stack/root.img"
  truncate -s +16M "$stack/root.img"
  ln -sf root.img "$stack/second.img"
  VM_BINARIES='' vm_start stack --boot -append "$vm_append stack_root=1"
  vm_run 'grep "^/dev/dm-1 / " /proc/mounts; seq 5000 > /root/kept'
  clean
  vm_console | grep -a 'halt: md0 carries /: the kernel waits 1 s for it'
  raid_clean root
  raid_clean second
  # Only the superblocks of the array differ, which are behind the file system.
  data="driver=raw,size=3G,file.driver=qcow2,file.file.filename=$VM"
  qemu-img compare --image-opts "$data/root.qcow2" "$data/second.qcow2"
  rm -r "$stack"
  diff <(vm_file /root/kept) <(seq 5000)
}

@test "8,000 mounts on one another hold up no stage: who saves at SIGTERM does, disks are clean" {
  vm_start curfew
  vm_run 'mkfs.ext4 -q /dev/vdb; mount --make-rprivate /; mount /dev/vdb /srv; mkdir /srv/d
    perl -e "(\$from, \$to, \$type) = (q(/srv/d), q(/mnt), q(none));
      for (1 .. 8000) { syscall(165, \$from, \$to, \$type, 4096, 0) and die }"
    [ "$(grep -c " /mnt " /proc/mounts)" = 8000 ] || exit 1
    setsid sh -c "trap \"echo saved > /srv/saved; exit\" TERM; while :; do sleep 1; done" \
      > /dev/null 2>&1 < /dev/null &'
  vm_send 'init 0'
  vm_end off
  [ "$(vm_file /saved second)" = saved ]
  vm_clean root second
}
