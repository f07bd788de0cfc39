#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The power goes between two steps of dpkg, or in the middle of one: the machine boots and goes down
# all the same, and dpkg can finish afterwards.
# shellcheck disable=SC2016,SC2154  # steps are expanded inside; $output comes from bats

load packages.bash

@test "between --unpack and --configure of curfew" {
  for root in "${roots[@]}"; do lives $root stock 'dpkg --unpack $curfew'; done
  lives merged curfew 'dpkg --unpack $curfew; dpkg --configure -a'
}

@test "between --unpack and --configure of a newer curfew, an older one, and the same" {
  lives merged curfew 'dpkg -i $curfew; dpkg --unpack $(newer $curfew)'
  lives merged curfew 'dpkg -i $(newer $curfew); dpkg --unpack $curfew'
  lives merged curfew 'dpkg -i $curfew; dpkg --unpack $curfew'
}

@test "between --unpack and --configure of curfew-halt, alone and beside curfew" {
  lives merged stock 'dpkg --unpack $curfew_halt; programs_work theirs'
  lives "$split" stock 'dpkg --unpack $curfew_halt $curfew; programs_work theirs'
  lives merged stock '
    dpkg --unpack $curfew $curfew_halt
    dpkg --configure curfew-halt
    programs_work ours
  '
  lives merged curfew 'dpkg -i $curfew $curfew_halt; dpkg --unpack $(newer $curfew_halt)'
}

@test "between --unpack and --configure of sysv-rc below curfew" {
  lives merged curfew 'dpkg -i $curfew; dpkg --unpack $(newer /debs/sysv-rc_*.deb)'
}

# bats test_tags=slow
@test "in the middle of dpkg's own work on curfew, wherever it is" {
  steps merged '
    first=$(first_curfew)
    for before in : "dpkg -i $first"; do
      for call in rename unlink; do
        n=1
        $before
        while killed_at $call $n dpkg -i $curfew /debs/sysv-rc_*.deb; do
          rc_works
          dpkg -i $curfew /debs/sysv-rc_*.deb > /dev/null 2>&1
          dpkg --configure -a
          [ -z "$(dpkg --audit)" ]
          rc_works
          dpkg -r curfew > /dev/null
          rc_works
          $before > /dev/null 2>&1
          n=$((n + 1))
        done
        echo "$before: $call: $n times"
        [ $n -gt 20 ]
        dpkg -P curfew
        dpkg -i /debs/sysv-rc_*.deb
      done
    done
  '
}

@test "before any step of curfew's postinst and prerm: rc and rcS work, and dpkg can finish or go back" {
  steps "$split" '
    snapshot > /theirs
    dpkg -i $curfew
    snapshot > /ours
    dpkg -r curfew
    n=1
    while cut_at $n dpkg -i $curfew; do
      rc_works
      dpkg --configure -a
      diff /ours <(snapshot)
      dpkg -r curfew > /dev/null
      diff /theirs <(snapshot)
      n=$((n + 1))
    done
    [ $n -gt 12 ]
    m=1
    while dpkg -i $curfew > /dev/null && cut_at $m dpkg -r curfew; do
      rc_works
      dpkg --configure curfew || dpkg -i $curfew
      diff /ours <(snapshot)
      cut_at $m dpkg -r curfew
      dpkg -r curfew > /dev/null
      diff /theirs <(snapshot)
      m=$((m + 1))
    done
    echo "$n and $m steps"
    [ $m -gt 6 ]
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
  steps "$split" '
    snapshot > /theirs
    dpkg -i $curfew_halt
    snapshot > /ours
    n=1
    while cut_at $n dpkg -r curfew-halt; do
      programs_work any
      dpkg --configure curfew-halt || dpkg -i $curfew_halt
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
  lives merged curfew 'cut_at 9 dpkg -i $curfew; no ls /usr/lib/curfew/init/rcS.sysv-rc'
  lives merged curfew 'dpkg -i $curfew $curfew_halt; cut_at 5 dpkg -r curfew-halt'
}

# True if no call in the file CALLS opens for writing, moves away or removes one of PATHS, a pattern.
# shellcheck disable=SC2089  # for the inside
whole='whole() { # CALLS PATHS
  grep -E "\"$2\"" "$1" |
    grep -E "unlink|truncate|O_WRONLY|O_RDWR|rename[a-z0-9]*\((AT_FDCWD[^,]*, )?\"$2\"" |
    tee /tmp/bad
  [ ! -s /tmp/bad ]
}
traced() { strace -f -o /tmp/calls -y -e trace=/^unlink,/^rename,/^open,truncate "$@" && cat /tmp/calls >> /tmp/all; }
'

@test "at no moment of an installation, upgrade or removal is there no halt, and none is in pieces" {
  steps "$split" "$whole"'
    for command in "-i $curfew_halt" "-i $(newer $curfew_halt)" "-r curfew-halt"; do
      traced dpkg $command
    done
    grep -c "rename.*/sbin/halt" /tmp/all
    whole /tmp/all "(/usr)?/sbin/(halt|reboot|poweroff)"
  '
}

@test "at no moment of an installation, upgrade or removal is there no rc or rcS, also by apt" {
  steps merged "$whole"'
    traced apt-get install -y $curfew
    for command in "-i $(newer $curfew)" "-i $(newer /debs/sysv-rc_*.deb)" "-r curfew"; do
      traced dpkg $command
    done
    dpkg -i $(first_curfew)
    traced apt-get install -y $curfew /debs/sysv-rc_*.deb
    grep -c "rename.*/etc/init.d/rc\"" /tmp/all
    whole /tmp/all "/etc/init.d/rcS?"
  '
}
