# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How a guest is told to go down, and what every end has to leave; for .bats files that load vm.

# down STATE END COMMAND [RECORDS]: the guest, told COMMAND, ends by END, in order.
down() {
  vm_start "$1"
  vm_send "$3"
  orderly "$2" "${4:-1}"
}

# What every end through level 0 or 6 leaves: each service stopped once, one record, a clean disk.
orderly() {
  vm_end "$1" 240
  [ -z "${VM_SECONDS:-}" ] || echo "# $VM_SECONDS s" >&3
  [ "$(vm_console | grep -c 'Stopping the ledger')" -eq 1 ]
  vm_clean
  vm_file /var/log/wtmp > "$VM/wtmp"
  [ "$(shutdown_records "$VM/wtmp" | wc -l)" -eq "${2:-1}" ]
}

# forced STATE END COMMAND: no script runs, but what was written before is on the disk.
forced() {
  vm_start "$1"
  vm_run 'seq 1000 > /root/kept'
  vm_send "$3"
  vm_end "$2" 240
  [ "$(vm_console | grep -c 'Stopping the ledger')" -eq 0 ]
  e2fsck -fy "$(vm_image root)" > "$VM/fsck" || [ $? -eq 1 ]
  diff <(vm_file /root/kept) <(seq 1000)
}

# stop_script NAME COMMANDS: registers a service whose stop runs them, before the ledger's stop and
# before sendsigs.  COMMANDS may be a "#!" line instead.
stop_script() {
  local shebang='#!/bin/sh' commands=$2
  case $commands in '#!'*) shebang=$commands commands=: ;; esac
  vm_run "cat > /etc/init.d/$1 << 'END'
$shebang
### BEGIN INIT INFO
# Provides: $1
# Required-Start: \$remote_fs ledger
# Required-Stop: \$remote_fs ledger
# Default-Start: 2 3 4 5
# Default-Stop: 0 6
# Short-Description: $1
### END INIT INFO
[ \"\$1\" = stop ] || exit 0
$commands
END
    chmod 755 /etc/init.d/$1 && update-rc.d $1 defaults" > /dev/null
}

# kept_trace: the trace that the run left on the disk.
kept_trace() {
  local name
  for name in $(debugfs -R 'ls -p /var/log/curfew' "$(vm_image root)" 2> /dev/null |
    cut -d/ -f6 | grep -e '-[06].jsonl$'); do
    vm_file "/var/log/curfew/$name"
  done
}

# dead_nfs: at /srv/import of a `daemons` guest a hard mount whose server has gone, with pages that are
# not written, and a process in it.
dead_nfs() {
  vm_run 'set -e
    ip addr add 10.9.9.9/32 dev lo
    mount -t tmpfs export /srv/export
    exportfs -o rw,no_subtree_check,fsid=0,insecure 10.9.9.9:/srv/export
    mount -t nfs -o vers=4.2,hard 10.9.9.9:/ /srv/import
    (cd /srv/import; exec setsid sh -c "exec 3> file; head -c 8M /dev/zero >&3; sleep 1000" \
      > /dev/null 2>&1 &)
    sleep 1
    ip addr del 10.9.9.9/32 dev lo
    ip route add blackhole 10.9.9.9'
}
