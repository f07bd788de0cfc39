#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A halt, reboot or kexec script that was edited here: when it ends the machine, all stages but the
# last have run, whatever halt it calls.
# shellcheck disable=SC2016  # for the guest

load vm
load ends

alone='dpkg -r curfew-halt && ! grep -q until-power /sbin/halt'

# edited SCRIPT LINE: the stock script with a line before what it does to stop.
edited() { vm_run "sed -i '/^do_stop/a $2' /etc/init.d/$1 && { curfew plan 0; curfew plan 6; } | grep until-power"; }

# own COMMAND...: a halt script of the administrator's.
own() {
  vm_run "printf '%s\n' '#!/bin/sh' '[ \"\$1\" = stop ] || exit 0' \
    'echo own script runs > /dev/console' '$1' > /etc/init.d/halt && curfew plan 0 | grep until-power"
}

# finished END [STANDBYS]: how the machine has to end, and what the script found.
finished() {
  orderly "$1"
  vm_console | grep -aE 'read-only|own script runs|halt: |reboot: ' > "$VM/lines"
  cat "$VM/lines"
  [ "$(grep -ac ': / is read-only' "$VM/lines")" = 1 ]
  sed '/own script runs/q' "$VM/lines" | grep -q ': / is read-only'
  kept_trace | grep -q '"event":"stage-start","stage":"record"'
}

# standbys COUNT: of the IDE drive.
standbys() {
  local drive
  drive=$(sed -nE 's/.*state (0x[0-9a-f]+); cmd 0xe0$/\1/p' "$VM/trace" | sort | uniq -c)
  echo "$drive"
  [ "$(awk '{ print $1 }' <<< "$drive" | sort -u)" = "$1" ]
}

@test "a line added to the halt script: it finds a finished machine, and its own halt switches off" {
  vm_start curfew
  edited halt 'echo own script runs > /dev/console'
  vm_send 'init 0'
  finished off
  standbys 1
}

@test "package curfew alone, a halt script with /sbin/halt: sysvinit's finds a finished machine" {
  vm_start curfew
  vm_run "$alone"
  own '/sbin/halt -d -f -p'
  vm_send 'init 0'
  finished off
  standbys 1
}

# bats test_tags=slow
@test "package curfew alone, a line added to the reboot script: a clean restart" {
  vm_start curfew
  vm_run "$alone"
  edited reboot 'echo own script runs > /dev/console'
  vm_send 'init 6'
  finished restart
  standbys ''
}

# bats test_tags=slow
@test "a halt script that ends without the machine: the hand-over follows, nothing is done twice" {
  vm_start curfew
  vm_run 'mkdir -p /etc/curfew/final.d
    printf "#!/bin/sh\necho final hook > /dev/console\n" > /etc/curfew/final.d/h
    chmod 755 /etc/curfew/final.d/h'
  own 'exit 0'
  vm_send 'init 0'
  finished off
  standbys 1
  [ "$(vm_console | grep -ac 'final hook')" = 1 ]
}

# bats test_tags=slow
@test "a halt script that hangs, and one that makes / writable, end at LIMIT with a clean disk" {
  vm_start curfew
  vm_run 'printf "SERVICES=halt\nLIMIT=3\n" > /etc/default/curfew.d/halt.conf'
  own 'mount -o remount,rw /; echo x > /root/late; sleep 1000'
  vm_send 'init 0'
  orderly off
  [ "$(vm_file /root/late)" = x ]
}

# bats test_tags=slow
@test "package curfew alone, a script that switches a UPS off: the disk is safe by then" {
  vm_start curfew
  vm_run "$alone"
  own 'grep " / ext4 ro" /proc/mounts > /dev/console && echo UPS off > /dev/shm/ups && poweroff -f'
  vm_send 'init 0'
  finished off
  vm_console | grep -a ' / ext4 ro'
}

# bats test_tags=slow
@test "a halt script that is missing: the hand-over follows" {
  vm_start curfew
  vm_run "$alone; rm /etc/init.d/halt"
  vm_send 'init 0'
  orderly off
  standbys 1
}
