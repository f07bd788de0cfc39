#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # nothing here is to be expanded
# What `curfew plan` decides; nothing is started. Numbers are the acceptance cases of the SysV
# family's behaviour map; "(differs from startpar)" or "(differs from rc)" marks a chosen difference.

load lib/tree

setup() { tree_new; }

@test "1: serial: a service that runs already is started again" {
  service 3 S01a && link 2 S01a
  depend start 'TARGETS = a'
  echo 'ro concurrency=none' >"$ROOT/proc/cmdline"
  PREVLEVEL=2 plan 3
  [ "$(planned)" = S01a ]
}

@test "2: parallel: only what the old level had not is started" {
  service 3 S01a && link 2 S01a && service 3 S01b
  depend start 'TARGETS = a b'
  PREVLEVEL=2 plan 3
  [ "$(planned)" = S01b ]
  [ "$(left_out S01a)" = "runs already in level 2" ]
}

@test "3: serial: a K link of level 0 is stopped" {
  service 0 K01a
  echo concurrency=none >"$ROOT/proc/cmdline"
  PREVLEVEL=2 plan 0
  [ "$status" -eq 0 ]
  [ "$(plan_line K01a)" = "K01a /etc/rc0.d/K01a stop" ]
}

@test "4: PREVLEVEL=N to level 0 still stops everything (differs from rc)" {
  service 0 K01a && service 0 K02b
  for previous in N '#' ''; do
    PREVLEVEL=$previous plan 0
    [ "$(planned)" = "K01a K02b" ]
  done
}

@test "5: an S link of level 0 is stopped, after the K links and before halt" {
  service 0 S20x && service 0 K50a && service 0 S90halt
  depend stop 'TARGETS = a x halt' 'a: x halt'
  PREVLEVEL=2 plan 0
  [ "$(planned)" = "K50a S20x S90halt" ]
  [ "$(plan_line S20x)" = "S20x /etc/init.d/x stop after a" ]
}

@test "6: a dangling link is left out with a warning, the others run" {
  service 0 K02b && link 0 K01gone
  depend stop 'TARGETS = gone b' 'b: gone'
  plan 0
  [ "$(planned)" = K02b ]
  [[ $output == *"curfew: /etc/rc0.d/K01gone: a link to ../init.d/gone, which is missing; it is left out"* ]]
}

@test "a link to itself and a FIFO in rc0.d are left out and do not block" {
  service 0 K02b && mkdir -p "$ROOT/etc/rc0.d"
  ln -s K01self "$ROOT/etc/rc0.d/K01self"
  mkfifo "$ROOT/etc/rc0.d/K03sendsigs" "$ROOT/etc/init.d/.depend.stop"
  plan 0
  [ "$status" -eq 0 ]
  [ "$(planned)" = K02b ]
  [ "$(left_out K01self)" = "a link that leads to itself" ]
  [ "$(left_out K03sendsigs)" = "neither a file nor a link to one" ]
  [[ $output == *"curfew: /etc/init.d/.depend.stop: not a regular file; taken as empty"* ]]
}

@test "7: a script that is not executable stays in the plan" {
  service 0 K01a && chmod 644 "$ROOT/etc/init.d/a"
  plan 0
  [ "$(planned)" = K01a ]
}

@test "8: a directory is left out without a warning" {
  mkdir -p "$ROOT/etc/rc0.d/K06dir"
  plan 0
  [ "$(left_out K06dir)" = "a directory" ]
  [[ $output != *curfew:* ]]
}

@test "9: a regular file instead of a link runs where it is" {
  mkdir -p "$ROOT/etc/rc0.d" && echo '#!/bin/sh' >"$ROOT/etc/rc0.d/K05file"
  chmod 755 "$ROOT/etc/rc0.d/K05file"
  depend stop 'TARGETS = file'
  plan 0
  [ "$(plan_line K05file)" = "K05file /etc/rc0.d/K05file stop" ]
}

@test "10: backup names run, as Debian's rc runs them" {
  mkdir -p "$ROOT/etc/rc0.d"
  touch "$ROOT/etc/rc0.d/K01a~" "$ROOT/etc/rc0.d/K07a.dpkg-old"
  service 0 K01a
  plan 0
  [ "$(planned)" = "K01a K01a~ K07a.dpkg-old" ]
}

@test "11: K010c and K01a are planned once each, in C-locale order (differs from rc)" {
  mkdir -p "$ROOT/etc/rc0.d"
  touch "$ROOT/etc/rc0.d/"{K010c,K01_b,K01a,K01a~}
  echo concurrency=none >"$ROOT/proc/cmdline"
  PREVLEVEL=2 plan 0
  # 010 is a higher number than 01; without .depend and headers numbers order.
  [ "$(planned)" = "K01_b K01a K01a~ K010c" ]
  depend stop 'TARGETS = c _b a a~'
  PREVLEVEL=2 plan 0
  [ "$(planned)" = "K010c K01_b K01a K01a~" ]
}

@test "12: names with blank, quotes, \$(), newline and 255 bytes are planned once, escaped" {
  long=$(printf 'x%.0s' {1..252})
  for name in 'a b' "q'\"" '$(reboot)' $'new\nline' "$long"; do
    service 0 "K01$name"
  done
  depend stop 'TARGETS = other'
  plan 0
  [ "$status" -eq 0 ]
  [[ $output == *"level 0: 5 scripts"* ]]
  [[ $output == *"K01a b "* && $output == *"K01q'\" "* && $output == *'K01$(reboot) '* ]]
  [[ $output == *'K01new\x0Aline'* && $output == *"K01$long"* ]]
}

@test "15: a missing rc4.d is an empty plan and no error" {
  PREVLEVEL=2 plan 4
  [ "$status" -eq 0 ]
  [ "$output" = "level 4 after level 2: 0 scripts, in parallel" ]
}

@test "a missing rc0.d is named and the hand-over still follows" {
  plan 0
  [ "$status" -eq 0 ]
  [[ $output == *"curfew: /etc/rc0.d: no such directory; nothing is stopped, halt follows"* ]]
  [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
}

@test "16: an empty .depend.stop: headers order, in parallel (differs from rc)" {
  service 0 K01a 'Required-Stop: $remote_fs' && service 0 K01b 'Required-Stop: a'
  service 0 K01sendsigs 'Required-Stop: umountnfs' && service 0 K01umountnfs.sh 'Required-Stop:'
  : >"$ROOT/etc/init.d/.depend.stop"
  plan 0
  [[ $output == *"in parallel"* ]]
  [ "$(planned)" = "K01b K01a K01sendsigs K01umountnfs.sh" ]
}

@test "17: concurrency=none is serial, concurrency=nonet is not" {
  service 0 K01a
  echo 'quiet concurrency=none ro' >"$ROOT/proc/cmdline"
  plan 0
  [[ $output == *"one at a time"* ]]
  echo 'concurrency=nonet xconcurrency=none' >"$ROOT/proc/cmdline"
  plan 0
  [[ $output == *"in parallel"* ]]
}

@test "18: .legacy-bootordering is serial, by link number" {
  service 0 K20a 'Required-Stop: b' && service 0 K10b 'Provides: b'
  service 0 K10aa 'Should-Stop: zz' && service 0 K10zz 'Should-Stop: b'
  touch "$ROOT/etc/init.d/.legacy-bootordering"
  plan 0
  [[ $output == *"one at a time"* ]]
  [ "$(planned)" = "K10aa K10zz K10b K20a" ]
}

@test "21: level S reads .depend.boot, starts S links and stops nothing" {
  service S S01a && service S S02b && service S K01c
  depend boot 'TARGETS = a b' 'INTERACTIVE = a' 'a: b'
  plan S
  [ "$(planned)" = "S02b S01a" ]
  [ "$(plan_line S01a)" = "S01a /etc/init.d/a start alone, on the console; after b" ]
  [ "$(left_out K01c)" = "level S stops nothing" ]
}

@test "23: halt waits for an unrelated service (differs from startpar)" {
  service 0 K01slow && service 0 K01a && service 0 K02halt
  depend stop 'TARGETS = slow a halt' 'halt: a'
  plan 0
  [ "$(plan_line until-power)" = "until-power halt --until-power -i -p -h after a, slow" ]
  [ "$(plan_line K02halt)" = "K02halt /etc/init.d/halt stop at most 90 s; after until-power" ]
}

@test "24: a K link that the old level had, too, is still stopped in 0 (differs from startpar)" {
  service 0 K01svc3 && link 2 K01svc3
  depend stop 'TARGETS = svc3'
  PREVLEVEL=2 plan 0
  [ "$(planned)" = K01svc3 ]
}

@test "28: missing .depend files are no error: headers and numbers order (differs from startpar)" {
  service 2 S01a 'Required-Start: b' && service 2 S01b 'Provides: b'
  plan 2
  [ "$status" -eq 0 ]
  [ "$(planned)" = "S01b S01a" ]
  [[ $output != *curfew:* ]]
}

@test "30: nothing to do is exit 0" {
  mkdir -p "$ROOT/etc/rc2.d"
  depend start 'TARGETS ='
  plan 2
  [ "$status" -eq 0 ]
  [[ $output == *"level 2: 0 scripts, in parallel" ]]
}

@test "31: a loop in .depend is named and both run" {
  service 2 S01a && service 2 S02b
  depend start 'TARGETS = a b' 'a: b' 'b: a'
  plan 2
  [ "$(planned)" = "S01a S02b" ]
  [[ $output == *"curfew: /etc/init.d/.depend.start: cycle: b -> a -> b; a does not wait for b"* ]]
}

@test "39: a .depend.stop with lines of 60 KB is read whole (differs from startpar)" {
  names=()
  mkdir -p "$ROOT/etc/rc0.d"
  for i in {1..300}; do
    names+=("s$i-$(printf 'x%.0s' {1..200})")
    ln -s /bin/true "$ROOT/etc/rc0.d/K01${names[-1]}"
  done
  mkdir -p "$ROOT/bin" && touch "$ROOT/bin/true"
  service 0 K01last
  depend stop "TARGETS = ${names[*]} last" "last: ${names[*]}"
  [ "$(stat -c %s "$ROOT/etc/init.d/.depend.stop")" -gt 120000 ]
  plan 0
  [[ $output == *"level 0: 301 scripts"* ]]
  [[ $(planned) == *" K01last" ]]
}

@test "40: a link number of three digits counts (differs from startpar)" {
  script x && link 2 S100x x && service 2 S99y
  depend start 'TARGETS = x y' 'x: y'
  plan 2
  [ "$(planned)" = "S99y S100x" ]
  [ "$(plan_line S100x)" = "S100x /etc/init.d/x start after y" ]
}

@test "41: no name is preferred (differs from startpar)" {
  for name in abc sshd early-x; do service 2 "S01$name"; done
  depend start 'TARGETS = abc early-x sshd'
  plan 2
  [ "$(planned)" = "S01abc S01early-x S01sshd" ]
}

@test "44: a link that .depend does not name runs, before the file systems go (differs from rc)" {
  service 0 K01new && service 0 K02sendsigs && service 0 K03umountfs
  depend stop 'TARGETS = sendsigs umountfs' 'umountfs: sendsigs'
  plan 0
  [ "$(planned)" = "K01new K02sendsigs K03umountfs" ]
  [ "$(plan_line K02sendsigs)" = "K02sendsigs /etc/init.d/sendsigs stop after new" ]
}

@test "66: INIT_HALT, else HALT, decides about the power" {
  INIT_HALT=HALT plan 0
  [[ $output == *"hand-over: halt -f -i -h"$'\n'* ]]
  INIT_HALT=POWEROFF plan 0
  [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
  echo HALT=halt >"$ROOT/etc/default/halt"
  plan 0
  [[ $output == *"hand-over: halt -f -i -h"$'\n'* ]]
  INIT_HALT=POWEROFF plan 0
  [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
  echo HALT=foo >"$ROOT/etc/default/halt"
  plan 0
  [[ $output == *"curfew: /etc/default/halt:1: HALT=foo is no value of it; HALT=poweroff is used"* ]]
  [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
}

@test "68: NETDOWN=no keeps the interfaces up, in halt and reboot; NETDOWN=No does not" {
  echo NETDOWN=no >"$ROOT/etc/default/halt"
  plan 0
  [[ $output == *"hand-over: halt -f -p -h"$'\n'* ]]
  plan 6
  [[ $output == *"hand-over: reboot -f"$'\n'* ]]
  echo NETDOWN=No >"$ROOT/etc/default/halt"
  plan 6
  [[ $output == *"hand-over: reboot -f -i"$'\n'* ]]
}

@test "shell code in a configuration file is not run; the line is named and the rest counts" {
  printf 'KEXEC=$(touch %s/evil)\n. /etc/evil\nNETDOWN=no; touch %s/evil\nHALT=halt\n' "$ROOT" "$ROOT" \
    >"$ROOT/etc/default/curfew"
  plan 0
  [ ! -e "$ROOT/evil" ]
  [[ $output == *"curfew: /etc/default/curfew:1: needs a shell to evaluate; ignored"* ]]
  [[ $output == *"curfew: /etc/default/curfew:2: no plain assignment; ignored"* ]]
  [[ $output == *"curfew: /etc/default/curfew:3: no plain assignment; ignored"* ]]
  [[ $output == *"hand-over: halt -f -i -h"$'\n'* ]]
}

@test "garbage in .depend.stop is named, few lines of it, and every script still runs" {
  service 0 K01a && service 0 K02b
  head -c 20000 /dev/urandom >"$ROOT/etc/init.d/.depend.stop"
  plan 0
  [ "$status" -eq 0 ]
  [[ $output == *"curfew: /etc/init.d/.depend.stop:"*"line ignored"* ]]
  [ "$(grep -c 'curfew:' <<<"$output")" -le 7 ]
  [[ $output == *"K01a "*"K02b "* ]]
}

@test "a directory as .depend.stop and an unreadable insserv.conf are named" {
  service 0 K01a
  mkdir "$ROOT/etc/init.d/.depend.stop"
  rm "$ROOT/etc/insserv.conf" && ln -s insserv.conf "$ROOT/etc/insserv.conf"
  plan 0
  [ "$(planned)" = K01a ]
  [[ $output == *"curfew: /etc/init.d/.depend.stop: not a regular file; taken as empty"* ]]
  [[ $output == *"curfew: /etc/insserv.conf: Too many levels of symbolic links; taken as empty"* ]]
}

@test "an edited script of Debian's is named; NATIVE without it is silent" {
  service 0 K01sendsigs && service 0 K02halt
  depend stop 'TARGETS = sendsigs halt' 'halt: sendsigs'
  plan 0
  [[ $output == *"curfew: /etc/init.d/sendsigs: no known version, and dpkg's record cannot be read (No such file or directory); it runs, not stage kill"* ]]
  [[ $output == *"curfew: /etc/init.d/halt: no known version, and dpkg's record cannot be read (No such file or directory); it runs last, after all stages but power"* ]]
  [[ $(plan_line until-power) == "until-power halt --until-power -i -p -h after sendsigs" ]]
  [[ $(plan_line K02halt) == *"at most 90 s; after until-power" ]]
  echo NATIVE= >"$ROOT/etc/default/curfew"
  plan 0
  [[ $output != *curfew:* ]]
}

@test "symbolic links of a --root tree never lead out of it" {
  mkdir -p "$ROOT/etc/rc0.d" "$ROOT/opt"
  ln -s /etc/init.d/a "$ROOT/etc/rc0.d/K01a"
  ln -s ../../../../../../../../../bin/sh "$ROOT/etc/rc0.d/K02sh"
  ln -s /opt/real "$ROOT/etc/init.d/a" && touch "$ROOT/opt/real"
  depend stop 'TARGETS = a sh'
  plan 0
  [ "$(planned)" = K01a ]
  [[ $(left_out K02sh) == "a link to "*", which is missing" ]]
}

@test "a change of every level from every level is planned" {
  service 2 S01a && service 0 K01a && service 1 K01a
  for level in 0 1 2 3 4 5 6 S s 7; do
    for previous in 2 S N '#' ../x; do
      PREVLEVEL=$previous plan $level
      [ "$status" -eq 0 ]
      [[ $output == *"level ${level^}"* ]]
    done
  done
}

@test "a PREVLEVEL that is no level, as init gives it during boot, compares with nothing" {
  service 2 S01a && link '#' S01a
  depend start 'TARGETS = a'
  PREVLEVEL='#' plan 2
  [ "$(planned)" = S01a ]
}

@test "29: bad usage is one line on stderr and exit 1" {
  for words in 'plan' 'plan 8x' 'plan 0 1' 'plane 0' 'plan 0 --rooot x' 'plan 0 --root /nowhere' \
    'plan 0 --all' 'status --all'; do
    # shellcheck disable=SC2086
    run "$BUILD/curfew" $words
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == curfew:* ]]
  done
  for option in --help -h; do
    run "$BUILD/curfew" "$option"
    [ "$status" -eq 0 ]
    [[ $output == usage:* ]]
  done
  for option in --version -V; do
    run "$BUILD/curfew" "$option"
    [ "$status" -eq 0 ]
    [[ $output == "curfew "* ]]
  done
}

@test "a full or closed stdout is an error, not silence" {
  service 0 K01a
  run sh -c '"$1" plan 0 --root "$2" >/dev/full' sh "$BUILD/curfew" "$ROOT"
  [ "$status" -eq 1 ]
  [[ $output == *"curfew: stdout: No space left on device"* ]]
}

@test "a folder in init.d is no script: it orders nothing, and nothing is said of it" {
  service 0 K01a 'Required-Stop:'
  mkdir "$ROOT/etc/init.d/folder"
  plan 0
  [ "$status" -eq 0 ]
  [ "$(planned)" = K01a ]
  [[ $output != *folder* ]]
}

@test "the plan of a tree that insserv ordered satisfies .depend.stop" {
  command -v insserv >/dev/null || PATH=$PATH:/usr/sbin:/sbin
  command -v insserv >/dev/null || skip "insserv is not installed"
  for level in 0 1 2 3 4 5 6 S; do mkdir -p "$ROOT/etc/rc$level.d"; done
  for i in {1..60}; do
    script "s$i" "Required-Start: \$remote_fs" "Required-Stop: \$remote_fs $( ((i > 3)) && echo "s$((i / 3))")" \
      'Default-Start: 2 3 4 5' 'Default-Stop: 0 1 6'
  done
  script sendsigs 'Required-Start:' 'Required-Stop:' 'Default-Start:' 'Default-Stop: 0 6'
  script halt 'Required-Start:' 'Required-Stop:' 'Default-Start:' 'Default-Stop: 0'
  # -i: without it insserv writes the .depend files of the running system.
  (cd "$ROOT/etc/init.d" && insserv -p "$PWD" -i "$PWD" -c "$ROOT/etc/insserv.conf" \
    -o "$ROOT/etc/overrides" -- *)
  PREVLEVEL=2 plan 0
  [[ $output == *"level 0 after level 2: 63 scripts"* ]]
  declare -A place
  for link in $(planned); do place[${link#K[0-9][0-9]}]=${#place[@]}; done
  [ "${#place[@]}" -eq 62 ]
  while IFS=: read -r name deps; do
    for dep in $deps; do
      [ "${place[$dep]}" -lt "${place[$name]}" ]
    done
  done < <(grep -v TARGETS "$ROOT/etc/init.d/.depend.stop")
}
