#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Network UPS Tools whole, with a UPS of text (dummy-ups(8)): upsmon ends the machine for a battery that
# is low, and Debian's ups-monitor waits for the UPS to cut the power.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# battery_runs_low WAIT: upsd, upsmon and the driver run; then the battery is low and the mains are gone.
# ups-monitor is to restart the machine if the UPS has not cut its power within WAIT seconds.
battery_runs_low() {
  vm_run "set -e
    cd /etc/nut
    printf 'MODE=standalone\nPOWEROFF_WAIT=$1\n' > nut.conf
    printf '[text]\n  driver = dummy-ups\n  port = text.dev\n' >> ups.conf
    echo 'ups.status: OL' > text.dev
    printf '[monitor]\n  password = secret\n  upsmon primary\n  actions = SET\n' >> upsd.users
    printf 'MONITOR text@localhost 1 monitor secret primary\nFINALDELAY 0\n' >> upsmon.conf
    chgrp nut text.dev
    /etc/init.d/nut-server start && /etc/init.d/nut-client start
    pgrep -x upsd && pgrep -x upsmon && pgrep -x dummy-ups
    i=0; until [ \"\$(upsc text ups.status)\" = OL ]; do i=\$((i + 1)); [ \$i -lt 50 ]; sleep 0.2; done
    [ ! -e /etc/killpower ]" >&2
  vm_send 'upsrw -s ups.status="OB LB" -u monitor -p secret text'
}

@test "nut: ups-monitor waits the 75 s that POWEROFF_WAIT asks, and the machine restarts" {
  vm_start daemons
  battery_runs_low 75
  vm_end restart 240
  echo "# $VM_SECONDS s" >&3
  vm_console | grep 'hook /etc/init.d/ups-monitor: [67][0-9] s of 17[0-9][0-9] s'
  [ -z "$(grep -aE 'ups-monitor: (does not end|exit status|killed)|sysrq:|dead-man:' "$VM/console")" ]
  awk "BEGIN { exit !($VM_SECONDS >= 75) }"
  vm_file /etc/killpower | grep .
  vm_clean
}

@test "nut: ups-monitor ends before FINAL_HARD is over, and our stages power the machine off" {
  vm_start daemons
  vm_run 'echo FINAL_HARD=60 >> /etc/default/curfew'
  battery_runs_low 15m
  vm_end off 240
  echo "# $VM_SECONDS s" >&3
  vm_console | grep -E 'hook /etc/init.d/ups-monitor: does not end within [0-9]+ s; it is killed'
  [ -z "$(grep -aE 'sysrq:|dead-man:' "$VM/console")" ]
  vm_clean
}
