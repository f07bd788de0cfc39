#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package curfew: its rc in the place of that of sysv-rc, and back.
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
    for program in /usr/lib/curfew/{rc,halt,start-stop-daemon} /usr/sbin/curfew /usr/lib/curfew-halt/halt; do
      ldd $program | grep -q "statically linked"
    done
  '
}

@test "beside sysv-rc, by dpkg: it boots, goes down, and what dpkg says of it is true" {
  for root in "${roots[@]}"; do
    lives $root curfew '
      dpkg -i $curfew
      [ "$(dpkg-divert --listpackage /etc/init.d/rc /etc/init.d/rcS)" = "curfew
curfew" ] || dpkg-divert --list
      dpkg -V curfew sysv-rc
      dpkg --audit | tee /tmp/audit
      [ ! -s /tmp/audit ]
      apt-get check
    '
  done
}

@test "by apt, onto sysv-rc and together with it, and back by apt" {
  lives merged curfew 'apt-get install -y $curfew'
  lives merged curfew '
    dpkg --force-depends -P sysv-rc
    apt-get install -f -y $curfew /debs/sysv-rc_*.deb
    dpkg -V sysv-rc
  '
  lives merged stock 'apt-get install -y $curfew; apt-get remove -y curfew; dpkg -V sysv-rc'
}

@test "removed or purged, it leaves rc, rcS and the order of the scripts as they were" {
  for root in "${roots[@]}"; do
    steps $root '
      add_witness
      content() { snapshot; cat /etc/init.d/.depend.{boot,start,stop}; }
      content > /before
      for how in --remove --purge; do
        dpkg -i $curfew
        no diff -q /before <(content)
        dpkg $how curfew
        diff /before <(content)
      done
    '
  done
  lives merged stock 'dpkg -i $curfew; dpkg -P curfew'
}

@test "unpacked again and then removed, which calls no prerm, both leave what was there" {
  steps merged '
    snapshot > /before
    dpkg -i $curfew $curfew_halt
    dpkg --unpack $curfew $curfew_halt
    dpkg -r curfew curfew-halt
    programs_work theirs
    diff /before <(snapshot)
  '
}

@test "the first install says how to look, what key, how to go back; nothing else does" {
  steps merged '
    said() { DEBIAN_FRONTEND=$1 dpkg -i $2 | grep -A 99 "^Setting up curfew" | sed 1d; }
    said dialog $curfew | tee /tmp/said
    for words in "curfew plan 0" kb::kbrequest:/usr/sbin/curfew "apt remove curfew"; do
      grep -F "$words" /tmp/said
    done
    [ $(wc -l < /tmp/said) -le 12 ]
    [ -z "$(said dialog $curfew)$(said dialog "$(newer $curfew)")" ]
    dpkg -P curfew
    [ -z "$(said noninteractive $curfew)" ]
  '
}

@test "reinstalled, upgraded, downgraded: at the end of each the machine boots and goes down" {
  lives merged curfew 'dpkg -i $curfew; dpkg -i $curfew'
  lives merged curfew 'dpkg -i $curfew; dpkg -i $(newer $curfew)'
  lives "$split" curfew 'dpkg -i $(newer $curfew); dpkg -i $curfew'
}

@test "sysv-rc is upgraded below it, also to one that moves its programs, and comes back as it is" {
  steps merged '
    dpkg -i $curfew
    dpkg -i $(newer /debs/sysv-rc_*.deb "mkdir -p usr/lib; mv lib/init usr/lib/; echo : >> usr/lib/init/rc")
    [ "$(readlink /etc/init.d/rc)" = /usr/lib/curfew/init/rc ]
    dpkg -r curfew
    [ "$(readlink /etc/init.d/rc) $(tail -n 1 /etc/init.d/rc)" = "/lib/init/rc :" ]
  '
  lives merged curfew '
    dpkg -i $curfew
    dpkg -i $(newer /debs/sysv-rc_*.deb) $(newer /debs/sysvinit-core_*.deb)
    apt-get check
  '
}

@test "the first packages, which were in the place of sysv-rc, become these in each order" {
  lives merged curfew 'dpkg -i $(first_curfew); apt-get install -y $curfew /debs/sysv-rc_*.deb'
  lives "$split" curfew 'dpkg -i $(first_curfew); dpkg -i $curfew /debs/sysv-rc_*.deb'
  # The power goes before sysv-rc is there.
  lives merged curfew 'dpkg -i $(first_curfew); dpkg --unpack $curfew; no is_installed sysv-rc'
  steps merged '
    snapshot > /before
    dpkg -i $(first_curfew)
    apt-get install -y $curfew /debs/sysv-rc_*.deb
    dpkg -P curfew
    diff /before <(snapshot | grep -v "[.]depend[.]") | grep -v "[.]depend[.]" | grep "^[<>]" && false
    dpkg -V sysv-rc
  '
}

@test "openrc can take over" {
  steps merged '
    dpkg -i $curfew
    apt-get install -y /debs/openrc_*.deb /debs/lib*.deb
    no is_installed curfew
    is_installed openrc
    dpkg -V openrc
    [ -z "$(dpkg-divert --list | grep curfew)" ]
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
    dpkg -r curfew
    tail -n 1 /etc/default/curfew | grep -x LIMIT=5
    dpkg -P curfew
    no ls -d /etc/default/curfew*
    no ls -d /usr/lib/curfew /usr/sbin/curfew
    [ "$(find /etc/curfew)" = "/etc/curfew
/etc/curfew/final.d
/etc/curfew/final.d/mine" ]
  '
}

@test "purged it leaves nothing of its own, logs neither" {
  steps "$split" '
    list() { find / -xdev -not -path "/proc/*" -not -path "/var/l*/dpkg*" -not -path "/tmp/*" | sort; }
    list > /tmp/before
    dpkg -i $curfew
    mkdir /var/log/curfew
    echo "{}" > /var/log/curfew/0.jsonl
    dpkg -r curfew
    ls /var/log/curfew/0.jsonl
    dpkg -P curfew
    diff /tmp/before <(list)
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
    ls /usr/share/zsh/vendor-completions/_curfew /usr/share/bash-completion/completions/rc
    ! ls /usr/share/bash-completion/completions/halt || false
    dpkg -i $curfew_halt
    ls /usr/share/zsh/vendor-completions/_curfew_halt /usr/share/bash-completion/completions/reboot
  '
}

@test "start-stop-daemon is dpkg's until it is diverted, and again when curfew goes" {
  steps merged '
    dpkg -i $curfew
    S=$(dpkg -L dpkg | grep "/sbin/start-stop-daemon$")
    [ ! -L $S ]
    sum=$(sha256sum < $S)
    on() {
      cp -a $S $S.dpkg
      dpkg-divert "$@" --no-rename --divert $S.dpkg --add $S
      ln -sf /usr/lib/curfew/start-stop-daemon $S
      [ "$(readlink -f $S)" = /usr/lib/curfew/start-stop-daemon ]
      $S --help | grep -q "^Usage: start-stop-daemon"
    }
    back() { [ "$(sha256sum < $S)" = "$sum" ] && [ ! -L $S ] && [ ! -e $S.dpkg ] && [ -z "$(dpkg-divert --list "*start-stop*")" ]; }
    for whose in "--package curfew" --local; do
      on $whose
      dpkg -i $curfew
      $S --help | grep -q "^Usage: start-stop-daemon"
      dpkg -r curfew
      back
      dpkg -i $curfew
    done
    on --package curfew
    dpkg --unpack $curfew
    dpkg -r curfew
    back
    dpkg -i $curfew
    # By hand, and back by hand.
    on --package curfew
    mv -fT $S.dpkg $S
    dpkg-divert --package curfew --no-rename --remove $S
    back
    # Without a diversion, and without the program of dpkg.
    cp -a $S /root/
    ln -sf /usr/lib/curfew/start-stop-daemon $S
    no dpkg -r curfew
    is_installed curfew
    $S --stop --retry 1 --name nothing-here || [ $? -eq 1 ]
    cp -a /root/start-stop-daemon $S.dpkg
    dpkg -r curfew
    back
  '
}
