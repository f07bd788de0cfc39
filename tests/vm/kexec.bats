#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Restarting through a kernel that kexec has loaded, which tells how it finds the disks.

load vm

# The second kernel boots the guest's own initramfs, with another init and the tools of e2fsprogs; it
# says on the console which disk is clean and powers off.
# shellcheck disable=SC2016  # for the guest
prepare='
  mkdir -p /root/second/tools /root/second/lib64 && cd /root/second && cat > init << "END"
#!/bin/busybox sh
export PATH=/tools:/bin LD_LIBRARY_PATH=/tools
busybox mkdir /proc
busybox mount -t proc proc /proc
busybox --install /bin
mount -t devtmpfs dev /dev
exec > /dev/ttyS0 2>&1
for module in /modules/*; do insmod $module; done
until [ -b /dev/vda ] && [ -b /dev/vdb ]; do sleep 0.1; done
for disk in vda vdb; do
  if ! dumpe2fs -h /dev/$disk | grep needs_recovery && e2fsck -fn /dev/$disk
  then echo "second kernel: $disk clean"
  else echo "second kernel: $disk unclean"
  fi
done
poweroff -f
END
  chmod 755 init
  cp $(ldd /sbin/dumpe2fs /sbin/e2fsck | grep -o "/lib[^ ]*" | sort -u) \
    /sbin/dumpe2fs /sbin/e2fsck tools/
  cp /lib64/ld-linux-x86-64.so.2 lib64/
  { cat /boot/initrd.img-*; find init tools lib64 | busybox cpio -o -H newc | gzip -1; } > initrd
  mke2fs -q -t ext4 /dev/vdb && mount /dev/vdb /mnt && seq 100000 > /mnt/numbers && sync'

load_kernel='kexec -l /boot/vmlinuz-* --initrd=/root/second/initrd --append="console=ttyS0 quiet" &&
  grep -qx 1 /sys/kernel/kexec_loaded'

# through_kexec STATE COMMAND: after COMMAND the second kernel runs, without a reset of the machine,
# and finds the file systems clean.
through_kexec() {
  vm_start "$1"
  [ "$2" != "$debian" ] || vm_run '[ -e /etc/init.d/kexec-load ]' ||
    skip "this release's kexec-tools have no init scripts"
  vm_run "$prepare"
  vm_run "$2"
  vm_send "$3"
  vm_end off 240
  second_kernel_found clean
}

second_kernel_found() {
  diff <(vm_console | grep -a '^second kernel:') - << END
second kernel: vda $1
second kernel: vdb $1
END
}

# Debian's own way: kexec-load loads the kernel of its configuration in level 6.
# shellcheck disable=SC2016  # for the guest
debian='cat >> /etc/default/kexec << END
LOAD_KEXEC=true
KERNEL_IMAGE=$(echo /boot/vmlinuz-*)
INITRD=/root/second/initrd
APPEND="console=ttyS0 quiet"
END'

@test "init 6 restarts through the kernel that Debian's kexec-load loads; its disks are clean" {
  through_kexec curfew "$debian" 'init 6'
}
# bats test_tags=slow
@test "package curfew alone, an edited kexec script: the second kernel finds the disks clean" {
  through_kexec curfew "$debian
dpkg -r curfew-halt && sed -i '/^do_stop/a : edited' /etc/init.d/kexec && curfew plan 6 | grep until-power" \
    'init 6'
}
# bats test_tags=slow
@test "package curfew alone, an edited reboot script: stock kexec comes before it" {
  through_kexec curfew "$debian
dpkg -r curfew-halt && sed -i '/^do_stop/a : edited' /etc/init.d/reboot && curfew plan 6 | grep until-power" \
    'init 6'
}
# bats test_tags=control
@test "stock: init 6 restarts through the kernel that kexec-load loads; its disks are clean" {
  through_kexec stock "$debian" 'init 6'
}

# Debian's scripts would ask for kexec too.
only_ours='update-rc.d -f kexec-load remove; update-rc.d -f kexec remove
  ! ls /etc/rc6.d/*kexec* && echo KEXEC=yes > /etc/default/curfew.d/kexec.conf'

# bats test_tags=release-slow
@test "KEXEC=yes restarts level 6 through a loaded kernel without Debian's script" {
  through_kexec curfew "$only_ours && $load_kernel" 'init 6'
}

@test "reboot --fast -k restarts through a loaded kernel; its disks are clean" {
  through_kexec curfew "$load_kernel" 'reboot --fast -k'
}

# bats test_tags=slow
@test "reboot -f -k restarts through a loaded kernel at once" {
  vm_start curfew
  vm_run "$prepare"
  vm_run "$load_kernel"
  vm_send 'reboot -f -k'
  vm_end off 240
  second_kernel_found unclean
}

# without_a_kernel COMMAND: a restart by the firmware, and the console tells why.
without_a_kernel() {
  vm_start curfew
  vm_run "grep -qx 0 /sys/kernel/kexec_loaded; $only_ours"
  vm_send "$1"
  vm_end restart 240
  vm_console | grep -a 'no kernel is loaded for kexec; restarting through the firmware'
}

# bats test_tags=slow
@test "reboot --fast -k with nothing loaded restarts and says why" {
  without_a_kernel 'reboot --fast -k 2> /dev/console'
}

# bats test_tags=slow
@test "KEXEC=yes with nothing loaded restarts and says why" { without_a_kernel 'init 6'; }
