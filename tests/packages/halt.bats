#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package curfew-halt: ours in the place of sysvinit's halt, reboot and poweroff, and back.
# shellcheck disable=SC2016,SC2154  # steps are expanded inside; $output comes from bats

load packages.bash

@test "halt, reboot and poweroff become ours, and what dpkg says of them is true" {
  for root in "${roots[@]}"; do
    steps $root '
      programs_work theirs
      dpkg -i $curfew_halt
      programs_work ours
      dpkg-divert --list "*/sbin/halt" | grep "by curfew-halt$"
      dpkg -V curfew-halt sysvinit-core
      zgrep -q -- --fast /usr/share/man/man8/{halt,reboot,poweroff}.8.gz
    '
  done
}

@test "reboot.sysvinit reboots, poweroff.sysvinit powers off, halt.sysvinit halts: by the original" {
  steps merged '
    dpkg -i $curfew_halt
    for call in halt:CMD_HALT poweroff:CMD_POWER_OFF reboot:CMD_RESTART; do
      name=${call%:*}.sysvinit
      # Not done, only seen.
      strace -f -e trace=reboot -e inject=reboot:retval=0 $name -f -d -n 2>&1 | tee /tmp/trace
      grep -q ${call#*:} /tmp/trace
      no sh -c "$name --help 2>&1 | grep -e --fast"
      zgrep -q sysvinit /usr/share/man/man8/$name.8.gz
    done
  '
}

@test "removed or purged, it leaves what was there before" {
  for root in "${roots[@]}"; do
    steps $root '
      snapshot > /before
      for how in --remove --purge; do
        dpkg -i $curfew_halt
        no cmp -s /before <(snapshot)
        dpkg $how curfew-halt
        diff /before <(snapshot)
      done
      programs_work theirs
    '
  done
}

@test "reinstalled, upgraded or downgraded it stays in place" {
  steps merged '
    dpkg -i $curfew_halt
    snapshot > /before
    for deb in $curfew_halt $(newer $curfew_halt) $curfew_halt; do
      dpkg -i $deb
      diff /before <(snapshot)
    done
  '
}

@test "an upgrade of sysvinit-core below it reaches sysvinit's halt only" {
  steps merged '
    dpkg -i $curfew_halt
    dpkg -i $(newer /debs/sysvinit-core_*.deb "printf more >> \$(ls {usr/,}sbin/halt)")
    programs_work ours
    tail -c 4 /usr/lib/curfew-halt/sysvinit/halt | grep -x more
    dpkg -r curfew-halt
    programs_work theirs
    tail -c 4 /sbin/halt | grep -x more
  '
}

@test "a sysvinit-core that moves its programs to /usr/sbin is followed there and back" {
  steps merged '
    snapshot > /before
    dpkg -i $curfew_halt
    dpkg -i $(newer /debs/sysvinit-core_*.deb "mkdir -p usr/sbin; mv sbin/* usr/sbin || :")
    programs_work ours
    [ "$(dpkg-divert --listpackage /usr/sbin/halt)" = curfew-halt ]
    [ -z "$(dpkg-divert --listpackage /sbin/halt)" ]
    dpkg -r curfew-halt
    programs_work theirs
    diff /before <(snapshot)
  '
}

@test "where dpkg installs no manual pages it does without" {
  steps merged '
    echo "path-exclude=/usr/share/man/*" > /etc/dpkg/dpkg.cfg.d/no-pages
    dpkg -i /debs/sysvinit-core_*.deb
    dpkg -i $curfew_halt
    programs_work ours
    no ls /usr/share/man/man8/halt.8.gz
    dpkg -P curfew-halt
    programs_work theirs
  '
}

@test "alone, with Debian's own rc and scripts, the machine boots and goes down by it" {
  lives merged stock 'dpkg -i $curfew_halt; rm /usr/lib/curfew-halt/sysvinit/halt'
}

@test "with curfew, the machine boots and goes down" {
  lives merged curfew 'dpkg -i $curfew_halt $curfew'
  lives "$split" curfew 'dpkg -i $curfew $curfew_halt'
}

@test "molly-guard, which takes the same names, and curfew-halt exclude one another" {
  steps merged '
    dpkg -i $curfew_halt
    no dpkg -i /debs/molly-guard_*.deb
    programs_work ours
    apt-get install -y /debs/molly-guard_*.deb
    no is_installed curfew-halt
    $(dpkg-divert --truename $(dpkg -L sysvinit-core | grep /sbin/halt$)) --help 2>&1 | grep -q "don.t sync before halting"
    apt-get install -y $curfew_halt
    no is_installed molly-guard
    programs_work ours
  '
}
