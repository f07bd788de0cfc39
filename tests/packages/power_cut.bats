#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The power goes between two steps of dpkg, or in the middle of one: the machine boots and goes down
# all the same, and dpkg can finish afterwards.
# shellcheck disable=SC2016,SC2154  # steps are expanded inside; $output comes from bats

load packages.bash

@test "between --unpack and --configure of curfew" {
  for root in merged split; do
    lives $root curfew 'dpkg --unpack $curfew; no ls /etc/init.d/.depend.stop'
  done
  lives merged curfew 'dpkg --unpack $curfew; dpkg --configure -a; ls /etc/init.d/.depend.stop'
}

@test "between --unpack and --configure of a newer curfew, an older one, and the same" {
  lives merged curfew 'dpkg -i $curfew; dpkg --unpack $(newer $curfew)'
  lives merged curfew 'dpkg -i $(newer $curfew); dpkg --unpack $curfew'
  lives merged curfew 'dpkg -i $curfew; dpkg --unpack $curfew'
}

@test "between --unpack and --configure of curfew-halt, alone and beside curfew" {
  lives merged stock 'dpkg --unpack $curfew_halt; programs_work theirs'
  lives split curfew 'dpkg --unpack $curfew_halt $curfew; programs_work theirs'
  lives merged curfew '
    dpkg --unpack $curfew $curfew_halt
    dpkg --configure curfew-halt
    programs_work ours
  '
  lives merged curfew 'dpkg -i $curfew $curfew_halt; dpkg --unpack $(newer $curfew_halt)'
}

@test "between --unpack and --configure of a sysv-rc that comes back" {
  lives merged stock '
    dpkg -i $curfew
    echo curfew deinstall | dpkg --set-selections
    dpkg --unpack --auto-deconfigure /debs/sysv-rc_*.deb
  '
}

@test "in the middle of the prerm of sysv-rc, three steps long, and of the postinst of curfew" {
  lives merged stock 'cut_at 1 dpkg -i $curfew'
  lives merged curfew 'cut_at 4 dpkg -i $curfew; no ls /etc/init.d/.depend.stop'
}

# bats test_tags=slow
@test "in the middle of dpkg's own work on curfew, wherever it is" {
  steps merged '
    for call in rename unlink; do
      n=1
      while killed_at $call $n dpkg -i $curfew; do
        rc_works
        dpkg -i $curfew > /dev/null 2>&1
        dpkg --configure -a
        [ -z "$(dpkg --audit)" ]
        echo curfew deinstall | dpkg --set-selections
        dpkg -i --auto-deconfigure /debs/sysv-rc_*.deb > /dev/null 2>&1
        n=$((n + 1))
      done
      echo "$call: $n times"
      [ $n -gt 20 ]
    done
  '
}

@test "before any step of curfew-halt's postinst: each program works, and dpkg can finish" {
  steps merged '
    dpkg -i $curfew_halt
    snapshot > /ours
    dpkg -r curfew-halt
    n=1
    while cut_at $n dpkg -i $curfew_halt; do
      programs_work any
      dpkg --configure -a
      diff /ours <(snapshot)
      dpkg -r curfew-halt > /dev/null
      programs_work theirs
      n=$((n + 1))
    done
    echo "$n steps"
    [ $n -gt 12 ]
  '
}

@test "before any step of curfew-halt's prerm: each program works, and dpkg can go back or on" {
  steps split '
    snapshot > /theirs
    dpkg -i $curfew_halt
    snapshot > /ours
    n=1
    while cut_at $n dpkg -r curfew-halt; do
      programs_work any
      dpkg --configure curfew-halt
      diff /ours <(snapshot)
      cut_at $n dpkg -r curfew-halt
      dpkg -r curfew-halt > /dev/null
      diff /theirs <(snapshot)
      dpkg -i $curfew_halt > /dev/null
      n=$((n + 1))
    done
    echo "$n steps"
    [ $n -gt 12 ]
  '
}

@test "booted as the power cut left it: half a diversion made, half a diversion undone" {
  lives merged stock 'cut_at 5 dpkg -i $curfew_halt'
  lives merged curfew 'dpkg -i $curfew $curfew_halt; cut_at 5 dpkg -r curfew-halt'
}

@test "at no moment of an installation, upgrade or removal is there no halt, and none is in pieces" {
  steps split '
    for command in "-i $curfew_halt" "-i $(newer $curfew_halt)" "-r curfew-halt"; do
      strace -f -o /tmp/calls -y -e trace=/^unlink,/^rename,/^open,truncate dpkg $command
      cat /tmp/calls >> /tmp/all
    done
    grep -c "rename.*/sbin/halt" /tmp/all
    # Nothing is opened for writing, moved away or removed under one of the three names.
    grep -E "\"(/usr)?/sbin/(halt|reboot|poweroff)\"" /tmp/all |
      grep -E "unlink|truncate|O_WRONLY|O_RDWR|rename[a-z0-9]*\((AT_FDCWD[^,]*, )?\"(/usr)?/sbin/(halt|reboot|poweroff)\"" |
      tee /tmp/bad
    [ ! -s /tmp/bad ]
  '
}
