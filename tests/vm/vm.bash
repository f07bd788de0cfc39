# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian on a real kernel, judged from outside.  For a Bats file: `load vm`, and
#   vm_start STATE [OPTION]...        restores build/vm/STATE (stock, curfew, daemons): level 2, at once
#                                     --boot: from power-on instead; --restarts: a restart boots again;
#                                     --log DISK: each write to DISK and each flush goes to $VM/DISK.log
#                                     too, see write-log, and DISK.start.qcow2 is the disk before them;
#                                     other options are QEMU's
#   vm_run COMMAND                    runs shell code in the guest, with its output and status
#   vm_send COMMAND                   the same for code that ends the guest: waits for nothing
#   vm_end off|restart|halted [S]     waits for the end; false if it ends in another way
#   vm_clean [DISK...]                true if the file systems on these disks (root) are clean
#   vm_file PATH [DISK]               prints a file of a disk after the end
#   vm_console                        prints what the console showed;  vm_shows TEXT [S] waits for it
#   vm_keys TEXT                      types on the console (printf escapes);  vm_enter TEXT [KEYS] types
#                                     KEYS and Enter until it shows TEXT: what comes before a prompt is
#                                     ready is lost
#   vm_level [S]                      waits until the guest is in a level again, after a restart
#   vm_qmp JSON                       asks QEMU; its answer is printed
#   vm_events NAME                    prints QEMU's events of that name
#   vm_stop                           leaves nothing; for teardown
# VM: the directory of this guest.  VM_SECONDS after vm_end: from the last vm_send to the end.
#
# VM_BINARIES=BUILD bats ...: the guest first gets the programs and the stub of that build directory,
# where making the guest anew for each change would take minutes.

# shellcheck source-path=SCRIPTDIR source=machine.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/machine.bash"
# shellcheck source-path=SCRIPTDIR/../lib source=within.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/within.bash"
# shellcheck source-path=SCRIPTDIR/../lib source=wtmp.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/wtmp.bash"

teardown() {
  if [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -n "${VM:-}" ]; then
    echo "the console's last lines:"
    vm_console | tail -n 60
  fi
  vm_stop
}

# --- starting and stopping

vm_start() {
  local state=$1 disk restore=1 restarts=0 logged=()
  vm_frozen=$BUILD/vm/$state
  shift
  while :; do
    case ${1:-} in
      --boot) restore=0 ;;
      --restarts) restarts=1 ;;
      --log) logged+=("$2") && shift ;;
      *) break ;;
    esac
    shift
  done
  vm_take_slot
  VM=$(mktemp -d "$BUILD/vm/run.XXXXXX")
  for disk in "${vm_disks[@]}"; do vm_overlay "$disk" "$restore"; done
  # What is not ours stays as it is.
  local binaries=${VM_BINARIES:-}
  case $state in stock | bench-debian | bench-openrc | bench-systemd) binaries= ;; esac
  [ -z "$binaries" ] || vm_pack_binaries
  machine "$state" "$VM"
  for disk in "${logged[@]}"; do vm_log "$disk"; done
  vm_command+=("$@")
  [ "$restarts" = 1 ] || vm_command+=(-no-reboot)
  [ "$restore" = 0 ] || vm_command+=(-incoming "exec:cat '$vm_frozen/state'")
  vm_power_on
  if [ "$restore" = 1 ]; then vm_resume; else vm_level 600; fi
  [ -z "$binaries" ] || vm_take_binaries
}

# As many guests at a time as there are processors, whoever starts them: more only wait longer.
# The first in the queue looks for a free slot.
vm_take_slot() {
  local slot queue
  exec {queue}> "$BUILD/vm/queue"
  flock "$queue"
  while :; do
    for ((slot = $(nproc); slot > 0; slot--)); do
      exec {vm_slot}> "$BUILD/vm/slot.$slot"
      ! flock -n "$vm_slot" || break 2
      exec {vm_slot}>&-
    done
    sleep 0.5
  done
  exec {queue}>&-
}

# A disk of this guest: what the frozen guest had written, or an untouched one.
vm_overlay() {
  local base=$vm_frozen/$1.qcow2 format=qcow2
  [ "$2" = 1 ] || base=$vm_frozen/$1.img format=raw
  qemu-img create -q -f qcow2 -F $format -b "$base" "$VM/$1.qcow2"
}

# Has QEMU log what is written to the disk.  Flushes are for the log; the files need none.
vm_log() {
  local disk=$1 option="driver=blklogwrites" index
  cp "$VM/$disk.qcow2" "$VM/$disk.start.qcow2"
  : > "$VM/$disk.log"
  option+=",file.driver=qcow2,file.cache.no-flush=on,file.file.cache.no-flush=on"
  option+=",file.file.driver=file,file.file.filename=$VM/$disk.qcow2"
  option+=",log.driver=file,log.cache.no-flush=on,log.filename=$VM/$disk.log"
  for index in "${!vm_command[@]}"; do
    [[ ${vm_command[index]} != "id=$disk,if=none,"* ]] || vm_command[index]="id=$disk,if=none,$option"
  done
}

# Puts what `make install` would install from VM_BINARIES on the second disk of this guest.
vm_pack_binaries() {
  DESTDIR=$VM/new PREFIX='' LAYOUT=debian BUILD=$VM_BINARIES \
    "${BASH_SOURCE[0]%/*}/../../rc/install.sh" install
  truncate -s 256M "$VM/second.raw"
  mke2fs -q -t ext4 -d "$VM/new" "$VM/second.raw"
  qemu-img convert -O qcow2 "$VM/second.raw" "$VM/second.qcow2"
  rm -r "$VM/new" "$VM/second.raw"
}

# The guest has read the start of its second disk before; afterwards that is as empty as it was.
# shellcheck disable=SC2016  # for the guest's shell
vm_take_binaries() {
  vm_run 'set -e; blockdev --flushbufs /dev/vdb; mount -o ro /dev/vdb /mnt
    for file in lib/curfew/rc lib/curfew/halt sbin/curfew; do
      cp --remove-destination "/mnt/$file" "/$file"
    done
    cp --remove-destination /mnt/lib/init/rc "$(readlink -f /etc/init.d/rc)"
    cp --remove-destination /mnt/lib/curfew/halt /lib/curfew-halt/halt
    umount /mnt; wipefs -qa /dev/vdb; sync; set +e'
}

# Runs vm_command; the pipes' far ends are a file for the console and one for QEMU's events.
vm_power_on() {
  local pipe
  for pipe in console shell qmp; do mkfifo "$VM/$pipe.in" "$VM/$pipe.out"; done
  touch "$VM/console" "$VM/qmp"
  cat "$VM/console.out" > "$VM/console" 3>&- {vm_slot}>&- &
  vm_readers=($!)
  cat "$VM/qmp.out" > "$VM/qmp" 3>&- {vm_slot}>&- &
  vm_readers+=($!)
  exec {vm_console_in}<> "$VM/console.in" {vm_qmp_in}<> "$VM/qmp.in"
  exec {vm_shell_in}<> "$VM/shell.in" {vm_shell_out}<> "$VM/shell.out"
  "${vm_command[@]}" > "$VM/qemu" 2>&1 3>&- {vm_slot}>&- < /dev/null &
  vm_pid=$!
  vm_qmp '"execute": "qmp_capabilities"' > /dev/null
}

vm_resume() {
  local status
  while :; do
    status=$(vm_qmp '"execute": "query-status"') || return 1
    case $status in
      *'"inmigrate"'* | *'"postmigrate"'*) sleep 0.1 ;;
      *'"running": true'*) break ;;
      *) vm_qmp '"execute": "cont"' > /dev/null && break ;;
    esac
  done
  vm_run "date -u -s @$(date +%s)" > /dev/null
}

vm_stop() {
  [ -n "${VM:-}" ] || return 0
  # After the end the number may be another process's.
  ! jobs -rp | grep -qx "$vm_pid" || kill -KILL "$vm_pid"
  exec {vm_console_in}>&- {vm_qmp_in}>&- {vm_shell_in}>&- {vm_shell_out}<&-
  wait
  exec {vm_slot}>&-
  rm -rf "$VM"
  unset VM
}

# --- talking to the guest

vm_run() {
  local line status='' first=1
  vm_send "$1"
  while read -r -t 120 -u "$vm_shell_out" line; do
    case $line in
      @ready) continue ;;
      @[0-9]*) status=${line#@} && break ;;
    esac
    [ "$first" = 1 ] || echo
    first=0
    printf '%s' "$line"
  done
  [ -n "$status" ] || { echo "vm: no answer to: $1" >&2; return 125; }
  return "$status"
}

vm_send() {
  VM_BEGIN=$EPOCHREALTIME
  base64 -w 0 <<< "$1" >&"$vm_shell_in"
  echo >&"$vm_shell_in"
}

vm_level() {
  local line
  while read -r -t "${1:-600}" -u "$vm_shell_out" line; do
    [ "$line" != @ready ] || return 0
  done
  echo "vm: the guest reached no level" >&2
  return 1
}

# shellcheck disable=SC2059  # escapes are the point
vm_keys() { printf "$1" >&"$vm_console_in"; }

vm_enter() {
  local attempt
  for attempt in {1..60}; do
    vm_keys "${2:-}\\r"
    if vm_shows "$1" 4 > /dev/null 2>&1; then return; fi
  done
  echo "vm: Enter after '${2:-}' did not bring '$1', $attempt times" >&2
  return 1
}

vm_console() { tr -d '\r' < "$VM/console"; }

vm_shows() {
  within "${2:-240}" vm_gone_or vm_has console "$1" && vm_has console "$1"
}

# vm_has FILE TEXT: whether what QEMU has written there has TEXT; no process each time that within() asks.
vm_has() {
  local parts
  mapfile -d '' parts < "$VM/$1"
  [[ "${parts[*]}" == *"$2"* ]]
}

# --- the machine, from outside

vm_qmp() {
  local id=${EPOCHREALTIME/[.,]/}
  echo "{$1, \"id\": $id}" >&"$vm_qmp_in"
  within 20 vm_gone_or vm_has qmp "\"id\": $id" || return 1
  grep "\"id\": $id" "$VM/qmp"
}

vm_events() { grep "\"event\": \"$1\"" "$VM/qmp"; }

vm_end() {
  case $1 in
    halted) vm_end_halted "${2:-240}" ;;
    off) vm_end_by guest-shutdown "${2:-240}" ;;
    restart) vm_end_by guest-reset "${2:-240}" ;;
  esac
}

vm_end_halted() {
  vm_shows 'reboot: System halted' "$1" || { vm_complain "not halted after $1 s"; return 1; }
  sleep 0.5
  ! vm_gone || { vm_complain "QEMU has ended"; return 1; }
  vm_qmp '"execute": "quit"' > /dev/null
  within 10 vm_gone
  wait "${vm_readers[@]}"
}

vm_end_by() {
  local seconds
  within "$2" vm_gone || { vm_complain "still running after $2 s"; return 1; }
  # The last event may still be on its way into the file.
  wait "$vm_pid" "${vm_readers[@]}" || :
  vm_events SHUTDOWN | grep -q "\"reason\": \"$1\"" || {
    vm_complain "ended by $(vm_events SHUTDOWN), not $1"
    return 1
  }
  seconds='s/.*"seconds": ([0-9]+), "microseconds": ([0-9]+).*/\1 \2/'
  # shellcheck disable=SC2034  # for the caller
  VM_SECONDS=$(vm_events SHUTDOWN | sed -E "$seconds" |
    awk -v begin="$VM_BEGIN" '{ printf "%.1f", $1 + $2 / 1e6 - begin }')
}

vm_gone() { ! kill -0 "$vm_pid" 2> /dev/null; }

vm_gone_or() { vm_gone || "$@"; }

# The disk as one raw file, which is what the tools of e2fsprogs read.
vm_image() {
  [ -e "$VM/$1.raw" ] || qemu-img convert -O raw "$VM/$1.qcow2" "$VM/$1.raw"
  echo "$VM/$1.raw"
}

vm_clean() {
  local disk image
  for disk in "${@:-root}"; do
    image=$(vm_image "$disk")
    ! dumpe2fs -h "$image" 2> /dev/null | grep needs_recovery ||
      { echo "$disk: the journal has not been closed"; return 1; }
    e2fsck -fn "$image" > "$VM/fsck" 2>&1 || { cat "$VM/fsck"; return 1; }
  done
}

vm_file() { debugfs -R "cat $1" "$(vm_image "${2:-root}")" 2> /dev/null; }

vm_complain() { echo "vm: $1" >&2; }
