#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Storage below the mounts, as data and as root: after the end each layer is closed, which the raw images show, and
# a fresh guest that puts the stacks together again finds each byte.
# shellcheck disable=SC2016  # for the shell in the guest

load vm
load stacks

# ended: the guest goes off; all had its time, nothing stayed writable or mounted at last.
ended() {
  vm_send 'init 0'
  vm_end off
  ! vm_console | grep -a 'halt: killed:'
  vm_console | awk -F '[][ ]+' -v all="$VM_SECONDS" '/: unmounting filesystem/ { unmounted = $2 }
    /reboot: Power down/ { print "# " all " s, " $2 - unmounted " s of them behind the last unmount" }' >&3
  vm_clean
  ! vm_console | grep -aE '^halt: .*(NOT read-only|is not unmounted|by force)'
}

# LVM on LUKS on md1 at /srv; a LUKS file on /, opened by hand, at /mnt; md2 of two loops, whose files
# lie on /srv and on /, at /media.
crypt_stacks='
  echo sesame > /root/key
  luks() { cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 $1 /root/key; }
  mdadm -Cq /dev/md1 -R --assume-clean -e 1.2 -l 1 -n 2 ${by}a ${by}b
  luks /dev/md1; cryptsetup open -d /root/key /dev/md1 deep
  vgcreate -q deep /dev/mapper/deep; lvcreate -q -y -L 200M -n data deep; mkfs.ext4 -q /dev/deep/data
  mount /dev/deep/data /srv
  truncate -s 64M /vault.img; luks /vault.img; cryptsetup open -d /root/key /vault.img vault
  mkfs.ext4 -q /dev/mapper/vault; mount /dev/mapper/vault /mnt
  truncate -s 64M /srv/half.img /half.img
  mdadm -Cq /dev/md2 -R --assume-clean -e 1.2 -l 1 -n 2 $(losetup -f --show /srv/half.img) \
    $(losetup -f --show /half.img)
  mkfs.ext4 -q /dev/md2; mount /dev/md2 /media
  fill /srv /mnt /media'

crypt_again='
  mkdir /old; mount -o ro,noload ${by}oldroot /old
  again 1 ${by}a ${by}b
  cryptsetup open -d /old/root/key /dev/md/1 deep; vgchange -qay deep
  e2fsck -fn /dev/deep/data; mount -o ro /dev/deep/data /srv
  cryptsetup open -r -d /old/root/key /old/vault.img vault; e2fsck -fn /dev/mapper/vault
  mount -o ro /dev/mapper/vault /mnt
  again 2 $(losetup -r -f --show /srv/half.img) $(losetup -r -f --show /old/half.img)
  e2fsck -fn /dev/md/2; mount -o ro /dev/md/2 /media
  whole /srv /mnt /media'

@test "LVM on LUKS on md, a LUKS file on /, md of loops on both: all are closed and nothing is lost" {
  vm_start curfew
  disks a:256M b:256M
  stack "$crypt_stacks"
  ended
  clean_md "$(vm_image a)"
  clean_md "$(vm_image b)"
  vm_file /half.img > "$VM/half"
  clean_md "$VM/half"
  reopened
  disks a b oldroot
  stack "$crypt_again"
}

# The guest copies its own / there, without drivers and packages.
root_stack='
  mdadm -Cq /dev/md1 -R --assume-clean -e 1.2 -l 1 -n 2 ${by}a ${by}b
  echo -n sesame > /key
  cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 /dev/md1 /key
  cryptsetup open -d /key /dev/md1 deep
  vgcreate -q deep /dev/mapper/deep; lvcreate -q -y -l 100%FREE -n root deep; mkfs.ext4 -q /dev/deep/root
  mount /dev/deep/root /srv
  tar -C / --one-file-system -c --exclude=./usr/lib/modules --exclude=./boot --exclude=./root/* \
    --exclude=./var/cache --exclude=./var/lib/apt . | tar -x -C /srv &
  while kill -0 $! 2> /dev/null; do echo copying; sleep 10; done; wait $!'
root_again='
  echo -n sesame > /key; again 1 ${by}a ${by}b
  cryptsetup open -r -d /key /dev/md/1 deep; vgchange -qay deep
  e2fsck -fn /dev/deep/root; mount -o ro /dev/deep/root /srv; whole /srv/opt'

# bats test_tags=slow
@test "/ on LVM on LUKS on RAID 1: disks are equal and clean, nothing is lost, the kernel's wait is said" {
  zcat "$BUILD/vm/curfew/initrd" | grep -aq luks_root || skip "the frozen guest is older than this"
  vm_start curfew
  disks a:1200M b:1200M
  stack "$root_stack"
  ended
  drives=()
  for name in a b; do
    mv "$VM/$name.qcow2" "$BATS_TEST_TMPDIR/root-$name.qcow2"
    drives+=(-device "virtio-blk-pci,drive=$name,serial=$name" -drive
      "id=$name,if=none,format=qcow2,cache=unsafe,file=$BATS_TEST_TMPDIR/root-$name.qcow2")
  done
  vm_stop
  VM_BINARIES='' vm_start curfew --boot -append "$vm_append luks_root=sesame" "${drives[@]}"
  for name in a b; do mv "$BATS_TEST_TMPDIR/root-$name.qcow2" "$VM/$name.qcow2"; done
  stack 'grep "^/dev/dm-1 / " /proc/mounts; dmsetup deps -o devname deep-root | grep "(deep)"
    dmsetup table deep | grep crypt; fill /opt'
  ended
  vm_console | grep -aE 'halt: md[0-9]+ carries /: the kernel waits 1 s for it'
  clean_md "$(vm_image a)"
  clean_md "$(vm_image b)"
  cmp -i 1M "$(vm_image a)" "$(vm_image b)"
  reopened
  disks a b
  stack "$root_again"
}

# LVM's thin pool, mirror (dm-raid) and snapshot on two disks; dm-cache, dm-writecache, dm-integrity on
# disks of their own.  200 MB stay in the cache that the slow disk has not: with no bandwidth to
# migrate, nothing writes them back while the machine runs.
mapped_stacks='
  vgcreate -q many ${by}p0 ${by}p1
  lvcreate -q -y -L 128M -T many/pool -V 512M -n thin; lvcreate -q -y --type raid1 -m 1 -L 64M -n raid many
  lvcreate -q -y -L 64M -n plain many
  for name in thin raid plain; do mkfs.ext4 -q /dev/many/$name; done
  lvcreate -q -y -s -L 32M -n snap many/plain
  size() { blockdev --getsz $1; }
  cached="0 $(size ${by}slow) cache ${by}cmeta ${by}cdata ${by}slow 128 1 writeback smq 2 migration_threshold 0"
  dmsetup create cached --table "$cached"
  dmsetup create buffered --table "0 $(size ${by}worig) writecache s ${by}worig ${by}wcache 4096 0"
  integritysetup format -q --no-wipe ${by}integ
  integritysetup open --integrity-bitmap-mode --integrity-recalculate ${by}integ checked
  for name in cached buffered checked; do mkfs.ext4 -q -E lazy_itable_init=0 /dev/mapper/$name; done
  cd /srv; mkdir thin raid plain snap cached buffered checked
  for name in thin raid plain snap; do mount /dev/many/$name $name; done
  for name in cached buffered checked; do mount /dev/mapper/$name $name; done
  fill /srv/*
  perl -e "print pack(q(Q), \$_) x 131072 for 1 .. 200" | dd of=cached/big bs=1M iflag=fullblock oflag=direct
  cd /; dmsetup status cached'

mapped_again='
  vgchange -qay many
  [ "$(lvs --noheadings -o copy_percent many/raid | tr -d " ")" = 100.00 ]
  cached="0 $(blockdev --getsz ${by}slow) cache ${by}cmeta ${by}cdata ${by}slow 128 1 writeback smq 2 migration_threshold 0"
  dmsetup create cached --table "$cached"
  dmsetup status cached
  dmsetup create buffered --table "0 $(blockdev --getsz ${by}worig) writecache s ${by}worig ${by}wcache 4096 0"
  integritysetup open --integrity-bitmap-mode ${by}integ checked
  cd /srv; mkdir thin raid plain snap cached buffered checked
  for name in thin raid plain snap; do e2fsck -fn /dev/many/$name; mount -o ro /dev/many/$name $name; done
  for name in cached buffered checked; do e2fsck -fn /dev/mapper/$name; mount -o ro /dev/mapper/$name $name; done
  whole /srv/*
  perl -e "print pack(q(Q), \$_) x 131072 for 1 .. 200" | cmp - cached/big'

# dirty LINES: the dirty blocks, of 64 KiB, in the status line of dm-cache.
dirty() { awk '$3 == "cache" { print $14 }' <<< "$1"; }

@test "thin, mirror, snapshot, cache with 200 MB dirty, writecache, integrity: flags set, nothing lost" {
  vm_start curfew
  disks p0:512M p1:512M slow:512M cmeta:16M cdata:256M worig:256M wcache:64M integ:64M
  said=$(stack "$mapped_stacks")
  echo "$said"
  [ "$(dirty "$said")" -ge 3000 ]
  ended
  clean_cache "$(vm_image cmeta)"
  clean_integrity "$(vm_image integ)"
  reopened
  disks p0 p1 slow cmeta cdata worig wcache integ
  said=$(stack "$mapped_again")
  echo "$said"
  [ "$(dirty "$said")" -ge 3000 ]
}

# Each file system on disks of its own, an image of / below /run/media, a loop in a file of FUSE, a
# plain server of a network block device, 200 bind mounts in an overlay; quota and accounting are on.
file_systems='
  cd /srv; mkdir ext4 xfs btrfs f2fs vfat fuse nbd low up
  mkfs.ext4 -q -O quota ${by}ext4; mount -o usrquota ${by}ext4 ext4
  accton /var/log/account/pacct
  mkfs.xfs -q ${by}xfs; mount ${by}xfs xfs
  mkfs.btrfs -q -d raid0 -m raid1 ${by}bt0 ${by}bt1; mount ${by}bt0 btrfs
  mkfs.f2fs -q ${by}f2fs; mount ${by}f2fs f2fs
  mkfs.vfat ${by}vfat; mount ${by}vfat vfat
  truncate -s 32M /home.img; mkfs.ext4 -q /home.img; mkdir -p /run/media/u/img /in
  mount -o loop /home.img /run/media/u/img
  fill /srv/ext4 /srv/xfs /srv/btrfs /srv/f2fs /srv/vfat'
served='
  cd /srv; mkntfs -q -F ${by}ntfs; ntfs-3g ${by}ntfs fuse; truncate -s 32M fuse/inner.img
  mkfs.ext4 -q fuse/inner.img; mount -o loop fuse/inner.img /in
  modprobe nbd; truncate -s 32M /root/net.img
  setsid perl /root/nbd-server /dev/nbd0 /root/net.img > /dev/null 2>&1 < /dev/null &
  for _ in $(seq 50); do [ "$(cat /sys/block/nbd0/size)" = 0 ] || break; sleep 0.1; done
  mkfs.ext4 -q /dev/nbd0; mount /dev/nbd0 nbd
  mkdir -p ext4/up ext4/work low/dir
  mount -t overlay -o lowerdir=/srv/low,upperdir=/srv/ext4/up,workdir=/srv/ext4/work overlay up
  perl -e "(\$from, \$type) = qw(/srv/up/dir none);
    for (1 .. 200) { mkdir(\$to = qq(/srv/up/\$_)); syscall(165, \$from, \$to, \$type, 4096, 0) and die \$! }"
  fill /srv/nbd /srv/up/7 /run/media/u/img /in'

file_systems_again='
  cd /srv; mkdir old ext4 xfs btrfs f2fs vfat fuse nbd img in
  e2fsck -fn ${by}ext4; mount -o ro ${by}ext4 ext4
  xfs_logprint -t ${by}xfs | grep CLEAN; xfs_repair -n ${by}xfs; mount -o ro,norecovery ${by}xfs xfs
  btrfs inspect-internal dump-super ${by}bt0 | grep -x "log_root[[:space:]]*0"
  btrfs device scan; btrfs check --readonly ${by}bt0; mount -o ro ${by}bt0 btrfs
  fsck.f2fs --dry-run ${by}f2fs; mount -o ro ${by}f2fs f2fs
  fsck.vfat -n ${by}vfat; mount -o ro ${by}vfat vfat
  whole ext4 xfs btrfs f2fs vfat'
served_again='
  cd /srv; mount -o ro,noload ${by}oldroot old
  e2fsck -fn old/home.img; mount -o ro,loop old/home.img img
  e2fsck -fn old/root/net.img; mount -o ro,loop old/root/net.img nbd
  ntfsfix -n ${by}ntfs; ntfs-3g -o ro ${by}ntfs fuse; e2fsck -fn fuse/inner.img; mount -o ro,loop fuse/inner.img in
  whole nbd img in ext4/up/dir'

@test "ext4, xfs, btrfs on two disks, f2fs, vfat, loop on FUSE, nbd, overlay: clean, nothing lost" {
  vm_start curfew
  disks ext4:64M xfs:512M bt0:256M bt1:256M f2fs:128M vfat:64M ntfs:64M
  vm_run "cat > /root/nbd-server << 'END'
$(cat "$BATS_TEST_DIRNAME/devices/nbd-server")
END"
  stack "$file_systems"
  stack "$served"
  ended
  vm_clean root ext4
  reopened
  disks ext4 xfs bt0 bt1 f2fs vfat ntfs oldroot
  stack "$file_systems_again"
  stack "$served_again"
}

# A swap file on ext4 on a loop on a tmpfs whose pages are in swap on a disk; a swap file on / as well,
# and /dev/shm full; zram with a disk behind it.
swap_stacks='
  mkswap ${by}swap; swapon -p 10 ${by}swap
  mkdir /memory /inner; mount -t tmpfs -o size=100M memory /memory
  truncate -s 64M /memory/disk; mkfs.ext4 -q /memory/disk; mount -o loop /memory/disk /inner
  for file in /inner/swap /swapfile; do
    dd if=/dev/zero of=$file bs=1M count=32; chmod 600 $file; mkswap $file; swapon -p 5 $file
  done
  modprobe zram; echo $(readlink -f ${by}back) > /sys/block/zram0/backing_dev
  echo 64M > /sys/block/zram0/disksize; mkfs.ext4 -q /dev/zram0; mount /dev/zram0 /mnt
  head -c 8M /dev/urandom > /mnt/random; sync -f /mnt; echo huge > /sys/block/zram0/writeback
  mkfs.ext4 -q ${by}data; mount ${by}data /srv
  fill /srv /inner /mnt'
crowded='mount -o remount,size=500M /dev/shm; head -c 400M /dev/zero > /dev/shm/fill || :; cat /proc/swaps'

# bats test_tags=slow
@test "a swap file on a loop on a tmpfs in swap, /dev/shm full, zram with a disk: nothing is left" {
  vm_start curfew
  disks swap:300M back:64M data:64M
  stack "$swap_stacks"
  stack "$crowded"
  ended
  vm_clean data
  reopened
  disks data
  stack 'mount -o ro ${by}data /srv; whole /srv'
}

# took STATE COMMANDS DISK...: the seconds that a guest of this state needs from `init 0` to the end, with
# these stacks.
took() {
  vm_start "$1" >&2
  disks "${@:3}" >&2
  stack "$2" >&2
  vm_send 'init 0'
  vm_end off >&2
  echo "$VM_SECONDS"
  vm_stop
}

# not_slower COMMANDS DISK...: in one run half as long again as stock at the most.  Stock stops neither
# arrays nor device mapper, and asks no file system whether it is clean.
not_slower() {
  local stock ours
  took stock "$@" > "$BATS_TEST_TMPDIR/stock"
  rm -f "$BATS_TEST_TMPDIR"/*.qcow2
  took curfew "$@" > "$BATS_TEST_TMPDIR/ours"
  stock=$(cat "$BATS_TEST_TMPDIR/stock") ours=$(cat "$BATS_TEST_TMPDIR/ours")
  echo "# stock $stock s, ours $ours s" >&3
  awk -v stock="$stock" -v ours="$ours" 'BEGIN { exit ours > 1.5 * stock }'
}

# bats test_tags=control
@test "beside stock: LVM on LUKS on md, and md of loops" { not_slower "$crypt_stacks" a:256M b:256M; }

# bats test_tags=control
@test "beside stock: thin, mirror, snapshot, cache, writecache, integrity" {
  not_slower "$mapped_stacks" p0:512M p1:512M slow:512M cmeta:16M cdata:256M worig:256M wcache:64M integ:64M
}

# bats test_tags=control
@test "beside stock: ext4, xfs, btrfs on two disks, f2fs, vfat, an image of /" {
  not_slower "$file_systems" ext4:64M xfs:512M bt0:256M bt1:256M f2fs:128M vfat:64M
}

# bats test_tags=control
@test "beside stock: a swap file on a loop on a tmpfs in swap, zram with a disk" {
  not_slower "$swap_stacks" swap:300M back:64M data:64M
}
