#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What each power-off shows, with curfew alone and with both packages, whatever was edited.

load vm
load ends

# whole PREPARATION: after it, `init 0` stops each service once, says that / is read-only, writes one
# record, parks each of the two drives once, and leaves a clean disk with the log of it all.
whole() {
  vm_start curfew
  vm_run "$1"
  vm_send 'init 0'
  orderly off
  vm_console | grep -q 'halt: / is read-only'
  # Each as often as there are drives.
  [ "$(grep -cE 'cmd 0xe0$' "$VM/trace")" -eq 2 ]
  [ "$(grep -oE 'state 0x[0-9a-f]+; cmd 0xe0$' "$VM/trace" | sort -u | wc -l)" -eq 2 ]
  kept_trace | grep -q '"event":"exit","service":"ledger","action":"stop"'
}

# bats test_tags=release
@test "with both packages the end is whole" { whole :; }

# bats test_tags=slow
@test "with curfew alone the end is whole" { whole 'dpkg -P curfew-halt'; }

# One comment more in each script that ends something.
edited='for name in sendsigs umountnfs.sh hwclock.sh umountfs umountroot halt reboot; do
  sed -i "2i # edited here" /etc/init.d/$name
done'

# bats test_tags=slow
@test "with each stock script edited by a comment the end is whole" { whole "$edited"; }

# bats test_tags=release
@test "with curfew alone and each stock script edited the end is whole" {
  whole "dpkg -P curfew-halt && $edited"
}

# bats test_tags=release
@test "with both packages removed again sysvinit boots and ends the machine" {
  vm_start curfew --restarts
  vm_run 'dpkg -P curfew-halt curfew && ! ls /lib/curfew /sbin/curfew'
  vm_send 'init 6'
  vm_level
  vm_run 'runlevel; ! ls /run/curfew'
  vm_send 'init 0'
  vm_end off
  vm_clean
}
