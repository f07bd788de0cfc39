#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the records of logins and restarts say after the end of a machine.
# shellcheck disable=SC2016  # for the guest

load vm

# Somebody logs in on the serial console, and stays.
logged_in() {
  vm_start "$@"
  vm_enter '~#' root
  vm_run 'who | grep ttyS0'
  vm_run 'base64 -w 0 /var/log/wtmp' | base64 -d > "$VM/wtmp"
  # From Debian 13 on login(1) writes no wtmp.
  session=$(sessions_and_ends "$VM/wtmp" | sed -n 's/^root ttyS0$/&, till down/p')
}

# on_disk STATE: after power-off the log holds one end, and the session ended by it.
on_disk() {
  logged_in "$1"
  vm_send 'init 0'
  vm_end off 240
  vm_file /var/log/wtmp > "$VM/wtmp"
  sessions_and_ends "$VM/wtmp" | diff - <(printf '%s\n' shutdown ${session:+"$session"} reboot)
}

@test "after power-off wtmp has one shutdown, and the session on the console ended by it" {
  on_disk curfew
}
# bats test_tags=control
@test "stock: after power-off wtmp has one shutdown, and the session on the console ended by it" {
  on_disk stock
}

next_boot() {
  logged_in "$1" --restarts
  vm_send 'init 6'
  vm_level 400
  vm_run 'runlevel' | grep -x 'N 2'
  # From Debian 13 on who(1) asks logind, which knows no levels.
  vm_run 'level=$(who -r); [ -z "$level" ] || echo "$level" | grep -E "run-level 2 .* last=S$"'
  vm_run 'base64 -w 0 /var/log/wtmp' | base64 -d > "$VM/wtmp"
  sessions_and_ends "$VM/wtmp" |
    diff - <(printf '%s\n' 'reboot, running' shutdown ${session:+"$session"} reboot)
}

@test "the next boot shows the shutdown, the restart, the level and the session that ended" {
  next_boot curfew
}
# bats test_tags=control
@test "stock: the next boot shows the shutdown, the restart, the level and the session that ended" {
  next_boot stock
}
