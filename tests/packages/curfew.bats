#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package curfew: in the place of sysv-rc, and back.
# shellcheck disable=SC2016,SC2154  # steps are expanded inside; $output comes from bats

load packages.bash

no() { if "$@"; then echo "not so: $*"; return 1; fi; }

@test "lintian has nothing to say" {
  run lintian --pedantic "$(dirname "$(packages_root merged)")"/curfew_*.changes
  echo "$output"
  no grep -v 'root privileges' <<< "$output"
}

@test "no path of ours is one of another package, and every program of ours is static" {
  steps merged '
    dpkg -i $curfew $curfew_halt
    dpkg -L curfew curfew-halt | while read -r path; do
      [ ! -d "$path" ] || continue
      grep -lxF "$path" /var/lib/dpkg/info/*.list | grep -vE "/curfew(-halt)?(:.*)?[.]list" || :
    done | tee /tmp/others
    [ ! -s /tmp/others ]
    for program in /lib/curfew/{rc,halt} /sbin/curfew /lib/curfew-halt/halt; do
      ldd $program | grep -q "statically linked"
    done
  '
}

@test "in the place of sysv-rc, by dpkg: it boots, goes down, and all dependencies hold" {
  for root in merged split; do
    lives $root curfew '
      dpkg -i $curfew
      no is_installed sysv-rc
      dpkg --audit | tee /tmp/audit
      [ ! -s /tmp/audit ]
      apt-get check
      dpkg -P startpar sysv-rc
    '
  done
}

@test "in the place of sysv-rc, by apt, and back by apt" {
  lives merged curfew 'apt-get install -y $curfew'
  lives merged stock '
    apt-get install -y $curfew
    apt-get install -y /debs/sysv-rc_*.deb
    no is_installed curfew
    dpkg -V sysv-rc
  '
}

@test "sysv-rc takes .depend with it; ours is written anew, and ours stays when we go" {
  steps merged '
    add_witness
    depends() { cat /etc/init.d/.depend.{boot,start,stop}; }
    depends > /before
    dpkg -i $curfew
    diff <(tr " " "\n" < /before | grep -o "[a-z.-]*" | sort -u) \
      <(depends | tr " " "\n" | grep -o "[a-z.-]*" | sort -u)
    depends > /before
    dpkg --force-depends -r curfew
    diff /before <(depends)
    dpkg -P --force-depends curfew
    diff /before <(depends)
  '
}

@test "back to sysv-rc by dpkg alone, in each order it accepts" {
  lives merged stock '
    dpkg -i $curfew
    echo curfew deinstall | dpkg --set-selections
    dpkg -i --auto-deconfigure /debs/sysv-rc_*.deb
    no is_installed curfew
    dpkg -V sysv-rc
  '
  lives split stock '
    dpkg -i $curfew
    dpkg --force-depends -P curfew
    dpkg -i /debs/sysv-rc_*.deb
    dpkg -V sysv-rc
  '
}

@test "reinstalled, upgraded, downgraded: at the end of each the machine boots and goes down" {
  lives merged curfew 'dpkg -i $curfew; dpkg -i $curfew'
  lives merged curfew 'dpkg -i $curfew; dpkg -i $(newer $curfew)'
  lives split curfew 'dpkg -i $(newer $curfew); dpkg -i $curfew'
}

@test "sysvinit-core and initscripts can be upgraded and installed again beside it" {
  lives merged curfew '
    dpkg -i $curfew
    dpkg -i $(newer /debs/sysvinit-core_*.deb)
    apt-get check
  '
}

@test "openrc can take over" {
  steps merged '
    dpkg -i $curfew
    apt-get install -y /debs/openrc_*.deb /debs/lib{einfo1,rc1}_*.deb
    no is_installed curfew
    is_installed openrc
    dpkg -V openrc
  '
}

@test "edited configuration stays over upgrade and removal; what was not edited follows" {
  steps merged '
    dpkg -i $curfew
    echo "LIMIT=5" >> /etc/default/curfew
    touch /etc/curfew/final.d/mine
    deb=$(newer $curfew "echo new >> etc/default/curfew; echo new >> etc/curfew/final.d/README")
    dpkg --force-confold -i $deb
    tail -n 1 /etc/default/curfew | grep -x LIMIT=5
    tail -n 1 /etc/default/curfew.dpkg-dist | grep -x new
    tail -n 1 /etc/curfew/final.d/README | grep -x new
    dpkg --force-depends -r curfew
    tail -n 1 /etc/default/curfew | grep -x LIMIT=5
    dpkg --force-depends -P curfew
    no ls -d /etc/default/curfew*
    [ "$(find /etc/curfew /lib/curfew /sbin/curfew)" = "/etc/curfew
/etc/curfew/final.d
/etc/curfew/final.d/mine" ]
  '
}

@test "removed and purged it leaves nothing of its own" {
  steps split '
    list() { find / -xdev -not -path "/proc/*" -not -path "/var/lib/dpkg/*" -not -path "/tmp/*"; }
    dpkg --force-depends -P sysv-rc
    rm -f /etc/init.d/.depend.*
    list | sort > /tmp/before
    dpkg -i $curfew
    dpkg --force-depends -P curfew
    diff /tmp/before <(list | grep -v /etc/init.d/.depend | sort)
  '
}

@test "beside molly-guard, installed before it or after it, the machine boots and goes down" {
  lives merged curfew 'dpkg -i /debs/molly-guard_*.deb; dpkg -i $curfew'
  lives merged curfew 'dpkg -i $curfew; dpkg -i /debs/molly-guard_*.deb'
}

@test "bash completes the commands and levels of curfew" {
  steps merged '
    dpkg -i $curfew
    . /usr/share/bash-completion/completions/curfew
    complete -p curfew
    COMP_WORDS=(curfew "p") COMP_CWORD=1
    _curfew
    [ "${COMPREPLY[*]}" = plan ]
    COMP_WORDS=(curfew plan "") COMP_CWORD=2
    _curfew
    [ "${COMPREPLY[*]}" = "0 1 2 3 4 5 6 S" ]
  '
}
