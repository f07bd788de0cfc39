#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # facilities' names
# The order that the real insserv makes is the order of the plan: with its .depend files, and from
# headers alone.  Held against 1.24, and its own tests' trees against 1.27, too.
#
# Debian's insserv puts rcN.d beside init.d, wherever init.d is: that is Debian's layout and that of
# Red Hat and LFS (/etc/rc.d). SUSE's rcN.d inside init.d, boot.d and .depend.halt only one that was
# built for SUSE writes; here SUSE's eyes read a Debian tree.

load lib/tree
load lib/insserv

setup() {
  PATH=$PATH:/usr/sbin:/sbin
  command -v insserv >/dev/null || skip "insserv is not installed"
  tree_new
  mkdir -p "$ROOT/etc/insserv.conf.d" "$ROOT/etc/insserv/overrides"
}

# daemon NAME NEEDS [HEADER-LINE...]: a service of 2 to 5 that needs NEEDS when it starts and stops.
daemon() {
  script "$1" "Required-Start: $2" "Required-Stop: $2" 'Default-Start: 2 3 4 5' \
    'Default-Stop: 0 1 6' "${@:3}"
}

# ending NAME NEEDS: what only 0 and 6 run.
ending() {
  script "$1" 'Required-Start:' "Required-Stop: $2" 'Default-Start:' 'Default-Stop: 0 6'
}

# machine: services of Debian's kinds, named so that the alphabet is no help.
machine() {
  daemon rsyslog '$remote_fs $time' && daemon zbus '$syslog' && daemon adm 'zbus $network'
  daemon many '$remote_fs' && daemon cups 'zbus many' && daemon alone ''
  script networking 'Required-Start: mountall' 'Required-Stop: $local_fs' 'Default-Start: S' \
    'Default-Stop: 0 6'
  script mountall.sh 'Required-Start:' 'Required-Stop:' 'Default-Start: S' 'Default-Stop:'
  ending sendsigs 'umountnfs' && ending umountnfs.sh '$local_fs' && ending umountfs 'umountroot'
  ending umountroot '' && ending halt ''
}

@test "debian: each level's plan keeps each rule of .depend.stop, .start and .boot" {
  machine
  insserv_all
  for level in 0 6 1; do
    PREVLEVEL=2 plan $level
    keeps_order "$(insserv_pairs stop | linked_in K $level)"
  done
  for level in 2 3 4 5; do
    plan $level
    keeps_order "$(insserv_pairs start)"
  done
  plan S
  keeps_order "$(insserv_pairs boot)"
}

# linked_in LETTER LEVEL: the pairs of services that both have such a link.
linked_in() {
  local links
  links=$(cd "$ROOT$LEVELS$2.d" && printf '%s\n' "$1"* | cut -c4-)
  awk 'NR == FNR { here[$1]; next } $1 in here && $2 in here' <(echo "$links") -
}

@test "redhat and lfs: links that insserv numbered in /etc/rc.d stop in the order of .depend.stop" {
  for layout in redhat lfs; do
    tree_layout $layout
    machine
    insserv_all
    lock rsyslog zbus adm many cups alone networking sendsigs umountnfs.sh umountfs umountroot halt
    plan 0
    keeps_order "$(insserv_pairs stop)"
    PREVLEVEL=S plan 3
    [ "$layout" = redhat ] || keeps_order "$(insserv_pairs start)"
    rm -r "${BATS_TEST_TMPDIR:?}/root" && tree_new
  done
}

@test "suse: services that stop in 3 and 5 stop in the order that insserv gave them there" {
  daemon zbase '' && daemon mid zbase && daemon app 'mid zbase'
  sed -i 's/Start: 2 3 4 5/Start: 3 5/; s/Stop: 0 1 6/Stop: 2/' "$ROOT"/etc/init.d/*
  insserv_all
  # insserv for SUSE links what starts in a level for its end, too.
  for level in 3 5; do cp -P "$ROOT"/etc/rc2.d/K* "$ROOT/etc/rc$level.d"; done
  read_as suse
  PREVLEVEL=5 plan 0
  keeps_order "$(insserv_pairs stop)"
  PREVLEVEL=N plan 3
  keeps_order "$(insserv_pairs start)"
}

@test "all links S01 and K01, no .depend files: headers alone give insserv's order, and no other" {
  machine
  insserv_all
  for level in 0 2; do
    plan $level
    plan_pairs >"$ROOT/with.$level"
  done
  starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
  only_headers
  plan 2
  keeps_order "$starts"
  diff "$ROOT/with.2" <(plan_pairs)
  plan 0
  keeps_order "$stops"
  diff "$ROOT/with.0" <(plan_pairs)
}

@test "X-Start-Before and X-Stop-After mean what they mean to insserv" {
  daemon base '' && daemon zfirst '' 'X-Start-Before: base' 'X-Stop-After: base'
  daemon zvendor '' 'X-Foo-Start-Before: base' 'Stop_After: base'
  insserv_all
  starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
  [[ $starts == *"zfirst base"*"zvendor base"* && $stops == *"base zfirst"*"base zvendor"* ]]
  keeps_order_without "$starts" 2
  insserv_all
  keeps_order_without "$stops" 0
}

@test "\$all is last to start and first to stop, in any case of letters" {
  daemon base '' && daemon other '' && daemon aall '$all'
  daemon ALL '$ALL'
  insserv_all
  starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
  [[ $starts == *"base ALL"* && $starts == *"base aall"* && $stops == *"aall base"* ]]
  keeps_order_without "$starts" 2
  insserv_all
  keeps_order_without "$stops" 0
}

@test "facilities of insserv.conf and insserv.conf.d count, as insserv reads them" {
  for name in z1 z2 z3 z4 z5; do daemon $name ''; done
  printf '%s\n' '$one +z1 +gone' '$two = $one,z2' '$three: z3' >>"$ROOT/etc/insserv.conf"
  echo '$four z4' >"$ROOT/etc/insserv.conf.d/four.conf"
  echo '$one z5' >"$ROOT/etc/insserv.conf.d/one.dpkg-old"
  daemon app '$two $three $four'
  insserv_all
  starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
  [ "$(tr '\n' , <<<"$stops")" = "app z1,app z2,app z3,app z4," ]
  keeps_order_without "$starts" 2
  insserv_all
  keeps_order_without "$stops" 0
  [ "$(plan_pairs)" = "$stops" ]
}

@test "an override in /etc/insserv/overrides takes the place of the script's whole header" {
  daemon zold '' && daemon znew '' && daemon app zold
  cp -p "$ROOT/etc/init.d/app" "$ROOT/etc/insserv/overrides/app"
  sed -i 's/zold/znew/' "$ROOT/etc/insserv/overrides/app"
  insserv_all
  starts=$(insserv_pairs start) stops=$(insserv_pairs stop)
  [ "$starts/$stops" = "znew app/app znew" ]
  keeps_order_without "$starts" 2
  [ "$(plan_pairs)" = "$starts" ]
  insserv_all
  keeps_order_without "$stops" 0
  [ "$(plan_pairs)" = "$stops" ]
}

@test "an override of a package takes the place of the script's header, and the administrator's that of both" {
  mkdir -p "$ROOT/usr/share/insserv/overrides"
  for name in zold znew zown; do service 0 "K01$name" 'Required-Stop:'; done
  service 0 K01app 'Required-Stop: zold'
  for round in zold znew zown; do
    [ $round != znew ] || sed 's/zold/znew/' "$ROOT/etc/init.d/app" >"$ROOT/usr/share/insserv/overrides/app"
    [ $round != zown ] || sed 's/zold/zown/' "$ROOT/etc/init.d/app" >"$ROOT/etc/insserv/overrides/app"
    plan 0
    [ "$(plan_pairs)" = "app $round" ]
  done
}

@test "a header counts behind any length of text, and where its marks are part of a longer line" {
  service 0 K01z 'Required-Stop: a'
  service 0 K01a 'Required-Stop:'
  sed -i 's/^### \(BEGIN\|END\) INIT INFO$/#### \1 INIT INFO ####/' "$ROOT/etc/init.d/z"
  { echo '#!/bin/sh'; yes '# text' | head -n 20000; cat "$ROOT/etc/init.d/z"; } >"$ROOT/z"
  cp "$ROOT/z" "$ROOT/etc/init.d/z"
  plan 0
  [ "$(plan_pairs)" = "z a" ]
}

@test "without .depend an order goes through scripts that have no link in the level" {
  machine
  insserv_all
  want=$(insserv_pairs stop | linked_in K 1)
  ending middle rsyslog && daemon early middle
  insserv_all
  more=$(insserv_pairs stop | linked_in K 1)
  grep -qxF "early rsyslog" <<<"$more"
  only_headers
  PREVLEVEL=2 plan 1
  keeps_order "$more"
}

# insserv's INTERACTIVE leaves out a service that needs nothing; so these need one.
@test "X-Interactive, or <interactive> by what is provided: alone on the console, when it starts" {
  daemon base '' && daemon asks base 'X-Interactive: true' && daemon not base 'X-Interactive: false'
  daemon disks.sh base && sed -i 's/Provides: .*/Provides: cryptdisks/' "$ROOT/etc/init.d/disks.sh"
  insserv_all
  alone() { grep 'alone, on the console' <<<"$output" | sed 's/^  ...//' | cut -d' ' -f1 | sort | xargs; }
  for round in with without; do
    [ $round = with ] || only_headers
    plan 2
    [ "$(alone)" = "asks disks.sh" ]
    plan 0
    [ "$(alone)" = "" ]
  done
}

@test "S links without K links in 0 and 6 are no error, and nothing is said of them" {
  daemon base '' && daemon app base && daemon through app
  sed -i 's/Default-Stop:.*/Default-Stop:/' "$ROOT/etc/init.d/app"
  insserv_all
  [ "$(cd "$ROOT/etc" && ls -d rc[02]*/*app)" = rc2.d/S02app ]
  for round in with without; do
    [ $round = with ] || only_headers
    for level in 0 6; do
      PREVLEVEL=2 plan $level
      [ "$status" -eq 0 ]
      [[ $output == *": 2 scripts"* && $output != *app* && $output != *curfew:* ]]
    done
  done
}

@test "the trees of insserv's own tests: after each call of it each level's plan has insserv's order" {
  run "$BATS_TEST_DIRNAME/lib/insserv-suite" "$BUILD/curfew" "$ROOT"
  echo "$output"
  [ "$status" -eq 0 ]
  # How many are refused, and so are compared less, differs with the version.
  [[ $output =~ ^"45 cases, 135 trees, "1[0-9]" refused, "[0-9]+" plans, "2[0-9]{3}" pairs, 6"[0-9]" orders"$ ]]
}
