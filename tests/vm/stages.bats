#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Each native stage against the script of Debian's that it replaces: files, mounts, swap, loops,
# processes, records and the clock that differ after it.

load vm

# A machine with something for each stage.
prepare="set -e
  mkdir -p /memory /busy /run/user/0 /dev/mqueue /usr/local/proc
  mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv; mkdir /srv/shared; mount --bind /srv/shared /media
  truncate -s 32M /srv/disk; mkfs.ext4 -q /srv/disk; mount -o loop /srv/disk /mnt
  dd if=/dev/zero of=/srv/swap bs=1M count=4; mkswap /srv/swap; swapon /srv/swap
  ide=/dev/disk/by-id/ata-QEMU_HARDDISK_IDE; mkswap \$ide; swapon \$ide
  sata=/dev/disk/by-id/ata-QEMU_HARDDISK_SATA; mkfs.ext4 -q \$sata; mount \$sata /busy
  mount -t tmpfs memory /memory; mount --bind /home /opt
  mount -t tmpfs user /run/user/0; mount -t mqueue queue /dev/mqueue
  mount -t proc proc /usr/local/proc
  touch /tmp/.clean /run/.clean /run/lock/.clean
  date -s @\$((\$(date +%s) + 1000))
  setsid tail -f /dev/null > /dev/null 2>&1 & "
# It uses a file system that therefore can only become read-only.
user="cd /busy; setsid tail -f /dev/null > /dev/null 2>&1 & cd /"
# In level 0 init starts no new getty.
alone="sed -i /getty/d /etc/inittab; telinit q; sleep 6"

# What there is, a line each, but for what udev keeps when it likes, and /usr; the ATA disks by
# their serials.
# shellcheck disable=SC2016  # the guest expands it
see='see() {
  find / /run /run/lock -xdev -path /usr -prune -o -path /run/udev -prune -o \
    -printf "file %p %M %U:%G:%l\n"
  sed "s/^/mount /" /proc/mounts
  tail -n +2 /proc/swaps | sed "s/ .*//; s/^/swap /"
  for at in /sys/block/loop*/loop/backing_file; do [ ! -e $at ] || echo "loop $(cat $at)"; done
  for at in /proc/[0-9]*; do [ ! -e $at/exe ] || sed "s/^/process /" $at/comm; done
  echo "records $(($(stat -c %s /var/log/wtmp) / 384))"
  echo "clock wrong by $((($(date +%s) - $(cat /sys/class/rtc/rtc0/since_epoch) + 50) / 100 * 100)) s"
}
look() {
  see 2> /dev/null | sort -u > /dev/shm/$1
  sed -i -E "/^process (vm-shell|sort|sed|.udev-worker.)$/d" /dev/shm/$1
  for at in IDE SATA; do
    sed -i "s,$(readlink -f /dev/disk/by-id/ata-QEMU_HARDDISK_$at),$at," /dev/shm/$1
  done
}'

# change STATE COMMAND PREPARATION: what the command changes in a guest, "lost ..." and "got ...".
change() {
  vm_start "$1"
  vm_run "$prepare" > /dev/null
  vm_run "$see; $3; look before
    export RUNLEVEL=0 PREVLEVEL=2 INIT_VERSION=sysvinit-3.06
    $2 > /dev/shm/said 2>&1
    sleep 1; look after; diff /dev/shm/before /dev/shm/after" |
    sed -n 's/^< /lost /p; s/^> /got /p' | sort
  vm_run 'cat /dev/shm/said' >&2
  vm_stop
}

# same SCRIPT STAGES [PREPARATION]: both change the same, but for the lines on standard input, with
# "stock:" or "ours:" before each, stock first and each sorted.
same() {
  local stock=$BATS_TEST_TMPDIR/stock ours=$BATS_TEST_TMPDIR/ours known=$BATS_TEST_TMPDIR/known
  cat > "$known"
  change stock "/etc/init.d/$1 stop" "${3:-:}" > "$stock"
  change curfew "/lib/curfew/halt --stage $2" "${3:-:}" > "$ours"
  echo "both:"
  comm -12 "$stock" "$ours"
  diff "$known" <(comm -23 "$stock" "$ours" | sed 's/^/stock: /'
    comm -13 "$stock" "$ours" | sed 's/^/ours: /')
}

@test "stage kill does what sendsigs does" {
  same sendsigs kill "$alone" < /dev/null
}

@test "stages record, quota, accounting and unmount-network do what umountnfs.sh does" {
  # The marker by which no later halt writes a second record.
  same umountnfs.sh record,quota,accounting,unmount-network << END
ours: got file /run/curfew/recorded -rw-r--r-- 0:0:
END
}

@test "stage clock does what hwclock.sh does" {
  # The marker by which the clock is set once.
  same hwclock.sh clock << END
ours: got file /run/curfew/clock-set -rw-r--r-- 0:0:
END
}

@test "stage unmount does what umountfs does" {
  # A swap partition pins nothing, and to empty it takes time that nobody gains from. What is below
  # /dev and /run stays: helpers use it to the end. A proc at a strange place, which umountnfs.sh
  # takes, may have been busy then.
  same umountfs unmount "$user" << END
stock: got file /run/user/0 drwxr-xr-x 0:0:
stock: lost file /run/user/0 drwxrwxrwt 0:0:
stock: lost mount queue /dev/mqueue mqueue rw,relatime 0 0
stock: lost mount user /run/user/0 tmpfs rw,relatime,inode64 0 0
stock: lost swap IDE
ours: lost mount proc /usr/local/proc proc rw,relatime 0 0
END
}

@test "stage read-only does what umountroot does" {
  same umountroot read-only "$alone; for script in rsyslog sendsigs umountfs; do
    /etc/init.d/\$script stop > /dev/null; done" < /dev/null
}
