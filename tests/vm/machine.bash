# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The machine of the VM tests, in one place: a state can only be restored on the machine that it was
# frozen on.

case ${BUILD:=build${RELEASE:+/$RELEASE}} in /*) ;; *) BUILD=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)/$BUILD ;; esac

# /dev/kvm may be there and yet hang in the firmware.
CURFEW_ACCEL=${CURFEW_ACCEL:-tcg,thread=multi}

vm_disks=(root second ide sata)

# The kernel records each program start, so that stock and ours can be compared by what they ran;
# panic=-1 turns a guest that lost its init into a restart that no test expects.
vm_append="root=/dev/vda ro console=tty0 console=ttyS0 net.ifnames=0 panic=-1"
vm_append+=" trace_event=sched:sched_process_exec trace_buf_size=2M tp_printk tp_printk_stop_on_boot"
# A program at the same address in each process is translated by QEMU once: a boot takes 42 s of CPU,
# not 63.
vm_append+=" norandmaps"
# On a host with much to do the kernel's check of its timer fails, and it panics.
vm_append+=" no_timer_check"

# ide*_exec_cmd is ide_exec_cmd up to QEMU 7.2, ide_bus_exec_cmd in QEMU 10.
# machine STATE DIR: sets vm_command to the QEMU that has the kernel of build/vm/STATE, and in DIR its
# disks NAME.qcow2 and the pipes shell, console and qmp.
machine() {
  local frozen=$BUILD/vm/$1 dir=$2 memory=512 processors=1 disk pipe
  case $1 in
    daemons*) memory=1536 ;;
    bench-*) memory=1536 processors=2 ;;
  esac
  vm_command=(qemu-system-x86_64 -nodefaults -display none -machine "pc,pcspk-audiodev=speaker"
    -accel "$CURFEW_ACCEL" -cpu qemu64 -smp "$processors" -m "$memory" -rtc base=utc
    -kernel "$frozen/kernel" -initrd "$frozen/initrd" -append "$vm_append"
    -audiodev "wav,id=speaker,path=$dir/speaker.wav"
    -netdev "user,id=net0,restrict=on" -device "virtio-net-pci,netdev=net0,romfile="
    -device "ich9-ahci,id=ahci" -D "$dir/trace" -trace "ide*_exec_cmd")
  for disk in "${vm_disks[@]}"; do
    vm_command+=(-drive "id=$disk,if=none,format=qcow2,cache=unsafe,file=$dir/$disk.qcow2")
  done
  vm_command+=(-device "virtio-blk-pci,drive=root" -device "virtio-blk-pci,drive=second"
    -device "ide-hd,drive=ide,bus=ide.0,serial=IDE" -device "ide-hd,drive=sata,bus=ahci.0,serial=SATA")
  for pipe in console shell qmp; do vm_command+=(-chardev "pipe,id=$pipe,path=$dir/$pipe"); done
  vm_command+=(-serial chardev:console -serial chardev:shell -mon "chardev=qmp,mode=control")
}
