#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# Where SysV families contradict each other: one tree, read with the eyes of each.  Then what only
# one of them has.  Numbers are the acceptance cases of the SysV family's behaviour map.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# --- whose K links -------------------------------------------------------------------------------

k_links() {
  service 3 K05new && service 5 K02old
  lock new
  read_as "$1"
  PREVLEVEL=5 plan 3
}
@test "5 to 3: debian stops by the K links of the new level" {
  k_links debian && [ "$(steps)" = "K05new stop" ]
}
@test "5 to 3: suse stops by the K links of the level that is left" {
  k_links suse && [ "$(steps)" = "K02old stop" ]
}
@test "5 to 3: redhat stops by the K links of the new level" {
  k_links redhat && [ "$(steps)" = "K05new stop" ]
}
@test "5 to 3: lfs stops by the K links of the new level" {
  k_links lfs && [ "$(steps)" = "K05new stop" ]
}

# --- the word for S links in 0 and 6 -------------------------------------------------------------

s_links_at_the_end() {
  service 6 S20x && service 6 S30reboot && service 6 K10a
  lock a
  read_as "$1"
  PREVLEVEL=3 plan 6
}
@test "level 6: debian stops S links, in one pass with the K links" {
  s_links_at_the_end debian
  [ "$(steps)" = "K10a stop, S20x stop, until-power stop, S30reboot stop" ]
  [ "$(plan_line S20x)" = "S20x /etc/init.d/x stop after a" ]
}
@test "level 6: suse starts S links; reboot has the console" {
  s_links_at_the_end suse
  [ "$(steps)" = "S20x start, S30reboot start" ]
  [[ $(plan_line S30reboot) == *" start alone, on the console; after x" ]]
}
@test "level 6: redhat starts S links after the K links; reboot has the console" {
  s_links_at_the_end redhat
  [ "$(steps)" = "K10a stop, S20x start, S30reboot start" ]
  [[ $(plan_line S30reboot) == *" start alone, on the console; after x" ]]
}
@test "level 6: lfs starts S links after the K links; reboot has the console" {
  s_links_at_the_end lfs
  [ "$(steps)" = "K10a stop, S20x start, S30reboot start" ]
  [[ $(plan_line S30reboot) == *" start alone, on the console; after x" ]]
}

# --- what needs no start or stop -----------------------------------------------------------------

compared() {
  service 3 S01both && link 2 S01both
  service 3 S02mine && link 2 K09mine
  service 3 S03new
  service 3 K01k && link 2 K08k
  depend start 'TARGETS = both mine new' && depend stop 'TARGETS = k mine'
  lock new k
  read_as "$1"
  PREVLEVEL=2 plan 3
}
@test "2 to 3: debian leaves out what the old level has under the same letter" {
  compared debian
  [ "$(steps)" = "S02mine start, S03new start" ]
  [ "$(left_out S01both)" = "runs already in level 2" ]
  [ "$(left_out K01k)" = "stopped already in level 2" ]
}
@test "2 to 3: debian compares nothing when scripts run one at a time" {
  echo concurrency=none >"$ROOT/proc/cmdline"
  compared debian
  [ "$(steps)" = "K01k stop, S01both start, S02mine start, S03new start" ]
}
@test "2 to 3: suse leaves what the old level has a K link of, and does not stop what goes on" {
  compared suse
  [ "$(steps)" = "K08k stop, S01both start, S03new start" ]
  [ "$(left_out K09mine)" = "runs on in level 3" ]
  [ "$(left_out S02mine)" = "runs already in level 2" ]
}
@test "2 to 3: redhat asks the lock files alone" {
  compared redhat
  [ "$(steps)" = "K01k stop, S01both start, S02mine start" ]
  [ "$(left_out S03new)" = "a lock file: it runs already" ]
}
@test "2 to 3: lfs leaves out what the old level has under the same letter" {
  compared lfs
  [ "$(steps)" = "S02mine start, S03new start" ]
}

stopped_in_both() {
  service 0 K01svc && link 2 K01svc
  lock svc
  read_as "$1"
  PREVLEVEL=2 plan 0
}
@test "2 to 0: debian stops also what level 2 has a K link of" {
  stopped_in_both debian && [ "$(steps)" = "K01svc stop" ]
}
@test "2 to 0: suse stops by level 2's K link" {
  stopped_in_both suse && [ "$(steps)" = "K01svc stop" ]
}
@test "2 to 0: redhat stops what has a lock file" {
  stopped_in_both redhat && [ "$(steps)" = "K01svc stop" ]
}
@test "2 to 0: lfs leaves out what level 2 has stopped" {
  stopped_in_both lfs && [ "$(steps)" = "" ]
  [ "$(left_out K01svc)" = "stopped already in level 2" ]
}

# --- no level left -------------------------------------------------------------------------------

from_none() {
  service 3 K01a && link 0 K01a
  lock a
  read_as "$1"
}
@test "N to 3 and N to 0: debian stops in 0 only" {
  from_none debian
  plan 3 && [ "$(left_out K01a)" = "there is no level before" ]
  plan 0 && [ "$(steps)" = "K01a stop" ]
}
@test "N to 3 and N to 0: suse has no level whose K links it could run" {
  from_none suse
  plan 3 && [ "$(steps)" = "" ]
  plan 0 && [ "$(steps)" = "" ]
  [[ $output == *"hand-over: halt "* ]]
}
@test "N to 3 and N to 0: redhat stops what has a lock file in both" {
  from_none redhat
  plan 3 && [ "$(steps)" = "K01a stop" ]
  plan 0 && [ "$(steps)" = "K01a stop" ]
}
@test "N to 3 and N to 0: lfs stops in 0 only" {
  from_none lfs
  plan 3 && [ "$(left_out K01a)" = "there is no level before" ]
  plan 0 && [ "$(steps)" = "K01a stop" ]
}

# --- who says the level --------------------------------------------------------------------------

level_source() {
  service 3 S01three && service 5 S01five && service 2 S01two
  utmp 2 3
  read_as "$1"
  mapfile -t titles < <(
    for argument in 3 ''; do
      RUNLEVEL=5 PREVLEVEL=N rc --dry-run ${argument:+"$argument"} 2>"$ROOT/err" | head -n 1
    done
  )
}
@test "argument 3, RUNLEVEL=5, utmp 2: debian goes to 3, without an argument to 5" {
  level_source debian
  [[ ${titles[0]} == "level 3:"* && ${titles[1]} == "level 5:"* ]]
}
@test "argument 3, RUNLEVEL=5, utmp 2: suse goes to 5 and says so; by hand the argument counts" {
  level_source suse
  [[ ${titles[0]} == "level 5:"* && ${titles[1]} == "level 5:"* ]]
  run rc --dry-run 3
  [[ $output == "level 3 after level 2:"* ]]
  RUNLEVEL=5 run rc --dry-run 3
  [[ $output == "rc: level 3 is asked for, RUNLEVEL=5 counts"* ]]
}
@test "argument 3, RUNLEVEL=5, utmp 2 after 3: redhat goes to 3, without an argument to 2, from 3" {
  level_source redhat
  [[ ${titles[0]} == "level 3 after level 3:"* && ${titles[1]} == "level 2 after level 3:"* ]]
}
@test "argument 3, RUNLEVEL=5, utmp 2: lfs goes to 3, without an argument to 5" {
  level_source lfs
  [[ ${titles[0]} == "level 3:"* && ${titles[1]} == "level 5:"* ]]
}

# --- the same level again ------------------------------------------------------------------------

same_level() {
  service 3 S01a
  read_as "$1"
  PREVLEVEL=3 plan 3
}
@test "3 to 3: debian goes through the level, and finds all started" {
  same_level debian && [ "$(left_out S01a)" = "runs already in level 3" ]
}
@test "3 to 3: suse does nothing and says nothing" {
  same_level suse
  [ "$output" = "level 3 after level 3: no change of level, nothing runs" ]
}
@test "3 to 3: redhat starts what has no lock file" {
  same_level redhat && [ "$(steps)" = "S01a start" ]
}
@test "3 to 3: lfs goes through the level, and finds all started" {
  same_level lfs && [ "$(left_out S01a)" = "runs already in level 3" ]
}

# --- links to nothing, and files that are not executable -----------------------------------------

unusable() {
  service 3 S03ok && service 3 S02plain && link 3 S01gone
  chmod 644 "$ROOT/etc/init.d/plain"
  read_as "$1"
  plan 3
}
@test "a dangling link, a script without x: debian warns of the one and tries the other" {
  unusable debian
  [ "$(steps)" = "S02plain start, S03ok start" ]
  [[ $output == *"curfew: /etc/rc3.d/S01gone: a link to ../init.d/gone, which is missing"* ]]
}
@test "a dangling link, a script without x: suse passes over both in silence" {
  unusable suse
  [ "$(steps)" = "S03ok start" ]
  [[ $output != *curfew:* ]]
  [ "$(left_out S02plain)" = "not executable" ]
}
@test "a dangling link, a script without x: redhat passes over both in silence" {
  unusable redhat
  [ "$(steps)" = "S03ok start" ]
  [[ $output != *curfew:* ]]
}
@test "a dangling link, a script without x: lfs warns of both" {
  unusable lfs
  [ "$(steps)" = "S03ok start" ]
  [[ $output == *"curfew: /etc/rc.d/rc3.d/S01gone: a link to ../init.d/gone, which is missing"* ]]
  [[ $output == *"curfew: /etc/rc.d/rc3.d/S02plain: not executable; it is left out"* ]]
}

# --- names of backups ----------------------------------------------------------------------------

backups() {
  service 3 S01a
  for name in 'S02b~' S03c.rpmsave S04d.orig; do
    cp "$ROOT/etc/init.d/a" "$ROOT/etc/rc3.d/$name"
  done
  read_as "$1"
  plan 3
}
@test "backups among the links: debian runs them" {
  backups debian && [ "$(steps)" = "S01a start, S02b~ start, S03c.rpmsave start, S04d.orig start" ]
}
@test "backups among the links: suse runs them" {
  backups suse && [ "$(steps)" = "S01a start, S02b~ start, S03c.rpmsave start, S04d.orig start" ]
}
@test "54: backups among the links: redhat leaves them out" {
  backups redhat && [ "$(steps)" = "S01a start" ]
  [ "$(left_out S03c.rpmsave)" = "the name of a backup" ]
}
@test "backups among the links: lfs runs them" {
  backups lfs && [ "$(steps)" = "S01a start, S02b~ start, S03c.rpmsave start, S04d.orig start" ]
}

# --- one at a time, in which order, under which name ---------------------------------------------

order() {
  service 3 S100late 'Required-Start: a' && service 3 S20b && service 3 S30a 'Required-Start: b'
  [ "${2:-}" = bare ] || depend start 'TARGETS = b a 00late 0late late' 'b: a'
  [ "${2:-}" = bare ] || depend stop 'TARGETS = x'
  read_as "$1"
  plan 3
}
@test "order: debian follows .depend, in parallel, and runs the scripts themselves" {
  order debian
  [[ $output == *"in parallel"* ]]
  [ "$(steps)" = "S30a start, S20b start, S100late start" ] ||
    [ "$(steps)" = "S30a start, S100late start, S20b start" ]
  [ "$(plan_line S20b)" = "S20b /etc/init.d/b start after a" ]
}
@test "order: debian without .depend follows headers, then numbers" {
  order debian bare
  [ "$(steps)" = "S20b start, S30a start, S100late start" ]
}
@test "order: suse follows .depend, in parallel; a number has two digits" {
  order suse
  [[ $output == *"in parallel"* ]]
  [[ $(plan_line S20b) == *" start after a" ]]
  [[ $(plan_line S100late) != *after* ]]
}
@test "order: suse without .depend, or with RUN_PARALLEL=no, goes by the names of the links" {
  order suse bare
  [[ $output == *"one at a time"* ]]
  [ "$(steps)" = "S100late start, S20b start, S30a start" ]
  depend start 'TARGETS = b a' 'b: a' && depend stop 'TARGETS = x'
  mkdir "$ROOT/etc/sysconfig" && echo 'RUN_PARALLEL="no"' >"$ROOT/etc/sysconfig/boot"
  plan 3
  [ "$(steps)" = "S100late start, S20b start, S30a start" ]
  [[ $(plan_line S20b) == "S20b /etc/init.d/rc3.d/S20b start after 0late" ]]
}
@test "order: redhat goes by the names of the links, in the C locale, and runs the links" {
  order redhat
  [[ $output == *"one at a time"* ]]
  [ "$(steps)" = "S100late start, S20b start, S30a start" ]
  [[ $(plan_line S30a) == "S30a /etc/rc.d/rc3.d/S30a start after b" ]]
}
@test "order: lfs goes by the names of the links, numbers by their value, and runs the links" {
  order lfs
  [[ $output == *"one at a time"* ]]
  [ "$(steps)" = "S20b start, S30a start, S100late start" ]
  [[ $(plan_line S30a) == "S30a /etc/rc.d/rc3.d/S30a start after b" ]]
}

parallel_at_the_end() {
  for level in 0 3; do
    for name in a b; do link $level "K01$name"; done
  done
  for name in a b x y halt; do script $name; done
  link 0 S01x && link 0 S01y && link 0 S02halt
  depend start 'TARGETS = x y halt' && depend stop 'TARGETS = a b'
  lock a b
  read_as "$1"
  PREVLEVEL=2 plan 0
}
@test "level 0: debian stops in parallel" {
  parallel_at_the_end debian
  [[ $output == *"in parallel"* && $(plan_line K01b) != *after* ]]
}
@test "level 0: suse stops in parallel and starts one at a time" {
  parallel_at_the_end suse
  PREVLEVEL=3 plan 0
  [[ $output == *"in parallel"* && $(plan_line K01b) != *after* ]]
  [[ $(plan_line S01y) == *"after x" ]]
}
@test "level 0: redhat goes one at a time" {
  parallel_at_the_end redhat
  [[ $output == *"one at a time"* && $(plan_line K01b) == *"after a" ]]
}
@test "level 0: lfs goes one at a time" {
  parallel_at_the_end lfs
  [[ $output == *"one at a time"* && $(plan_line K01b) == *"after a" ]]
}

# --- hooks ---------------------------------------------------------------------------------------

hooks() {
  service 0 K01a && service 3 S01b && link 3 K01a
  lock a
  for file in rc.shutdown init.d/before.local init.d/after.local; do
    install -m 755 "$ROOT/etc/init.d/a" "$ROOT/etc/$file"
  done
  read_as "$1"
}
@test "hooks: debian runs rc.shutdown first in 0 and 6, if it is executable" {
  hooks debian
  PREVLEVEL=3 plan 0
  [ "$(steps)" = "rc.shutdown stop, K01a stop" ]
  [ "$(plan_line rc.shutdown)" = "rc.shutdown /etc/rc.shutdown stop at most 60 s" ]
  plan 3 && [ "$(steps)" = "S01b start" ]
  chmod 644 "$ROOT/etc/rc.shutdown"
  plan 6 && [[ $(steps) != *rc.shutdown* ]]
}
@test "hooks: suse runs before.local first and after.local last, by sh; this one not in 0 and 6" {
  hooks suse
  chmod 644 "$ROOT/etc/init.d/after.local"
  PREVLEVEL=2 plan 3
  [ "$(steps)" = "before.local start, S01b start, after.local start" ]
  [ "$(plan_line after.local)" = "after.local sh /etc/init.d/after.local start at most 60 s" ]
  PREVLEVEL=3 plan 0
  [ "$(steps)" = "before.local stop, K01a stop" ]
}
@test "hooks: redhat and lfs have none of these files" {
  hooks redhat
  PREVLEVEL=3 plan 0 && [ "$(steps)" = "K01a stop" ]
  PREVLEVEL=2 plan 3 && [ "$(steps)" = "K01a stop, S01b start" ]
  read_as lfs
  PREVLEVEL=2 plan 3 && [ "$(steps)" = "K01a stop, S01b start" ]
}

# --- what the machine does at the end ------------------------------------------------------------

end() {
  mkdir -p "$ROOT/proc/acpi"
  read_as "$1"
  plan 0
}
@test "hand-over: debian powers off and takes interfaces down" {
  end debian && [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
}
@test "hand-over: suse powers off where it can and leaves interfaces up" {
  end suse && [[ $output == *"hand-over: halt -f -p -h"$'\n'* ]]
  rmdir "$ROOT/proc/acpi"
  [ "$(uname -m)" != x86_64 ] || { plan 0 && [[ $output == *"hand-over: halt -f -h"$'\n'* ]]; }
  mkdir "$ROOT/etc/sysconfig"
  printf 'HALT="poweroff"\nHALT_NETWORK="yes"\n' >"$ROOT/etc/sysconfig/shutdown"
  plan 0 && [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
}
@test "hand-over: redhat powers off and leaves interfaces up" {
  end redhat && [[ $output == *"hand-over: halt -f -p -h"$'\n'* ]]
}
@test "hand-over: lfs powers off and takes interfaces down" {
  end lfs && [[ $output == *"hand-over: halt -f -i -p -h"$'\n'* ]]
}

# --- only debian ---------------------------------------------------------------------------------

@test "rc.local that is linked runs rc.shutdown by itself: alone, first, and once" {
  service 0 K01a && service 0 K05rc.local
  install -m 755 "$ROOT/etc/init.d/a" "$ROOT/etc/rc.shutdown"
  plan 0
  [ "$(steps)" = "K05rc.local stop, K01a stop" ]
  # As any script of the level: not by its link, which would be its $0.
  [ "$(plan_line K05rc.local)" = "K05rc.local /etc/init.d/rc.local stop at most 60 s" ]
  [[ $(plan_line K01a) != *after* ]]
  rm "$ROOT/etc/init.d/rc.local"
  plan 0
  [ "$(steps)" = "rc.shutdown stop, K01a stop" ]
}

@test "rc.shutdown runs once although 6 is turned into 0" {
  service 0 K01a && link 6 K01a
  printf '#!/bin/sh\necho shutdown >>%s/ran\n' "$ROOT" >"$ROOT/etc/rc.shutdown"
  chmod 755 "$ROOT/etc/rc.shutdown"
  PREVLEVEL=2 rc 6 && PREVLEVEL=6 rc 0
  [ "$(xargs <"$ROOT/ran")" = "shutdown a stop" ]
}

# --- only suse -----------------------------------------------------------------------------------

# suse_service LEVEL NUMBER NAME: S and K link, as insserv makes them there.
suse_service() { link "$1" "S$2$3" && link "$1" "K$((22 - 10#$2))$3"; }

@test "45: suse 5 to 3: what only level 5 has is stopped, by its K link there" {
  tree_layout suse
  script x && script common
  suse_service 5 02 x && suse_service 5 01 common && suse_service 3 01 common
  RUNLEVEL=3 PREVLEVEL=5 rc >"$ROOT/out"
  [ "$(cat "$ROOT/ran")" = "x stop" ]
}

@test "46: suse 3 to 5: the new ones start; two lines say which failed and which were skipped" {
  tree_layout suse
  for name in common x fail skip unset; do script $name && suse_service 5 01 $name; done
  suse_service 3 01 common
  body fail 'exit 1' && body skip 'exit 5' && body unset 'exit 6'
  RUNLEVEL=5 PREVLEVEL=3 rc >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "fail start skip start unset start x start" ]
  grep -qx 'rc: Failed services in runlevel 5: fail' "$ROOT/out"
  grep -qx 'rc: Skipped services in runlevel 5: skip unset' "$ROOT/out"
}

@test "suse: the last words of a change say that the level is reached; those of a boot do not" {
  tree_layout suse
  for name in a fail; do script $name && suse_service 5 01 $name; done
  body fail 'exit 1' && script boot.a && link boot S01boot.a
  RUNLEVEL=5 PREVLEVEL=3 rc >"$ROOT/out"
  [ "$(tail -n 2 "$ROOT/out")" = "rc: Master Resource Control: runlevel 5 has been reached
rc: Failed services in runlevel 5: fail" ]
  rc boot >"$ROOT/out"
  [[ "$(cat "$ROOT/ran")" == *"boot.a start" ]] && ! grep -q 'has been reached' "$ROOT/out"
}

@test "47: suse 5 to 0: the K links of level 5, then S01halt start, then the hand-over" {
  tree_layout suse
  for name in a b; do script $name && suse_service 5 01 $name; done
  script halt && link 0 S01halt
  RUNLEVEL=0 PREVLEVEL=5 rc >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "a stop b stop halt start" ]
  tail -n 1 "$ROOT/out" | grep -q '^rc: hand-over: halt '
}

@test "48: suse 3 to 3 and 1 to S: exit 0, no output, nothing written" {
  tree_layout suse
  script a && suse_service 3 01 a && link S S01a
  RUNLEVEL=3 PREVLEVEL=3 run rc
  [ "$status" -eq 0 ] && [ -z "$output" ]
  RUNLEVEL=S PREVLEVEL=1 run rc
  [ "$status" -eq 0 ] && [ -z "$output" ]
  [ ! -e "$ROOT/ran" ] && [ ! -e "$ROOT/run/curfew" ]
}

@test "suse never takes 0 to 0 for no change: the machine goes down" {
  tree_layout suse
  script halt && link 0 S01halt
  RUNLEVEL=0 PREVLEVEL=0 rc >"$ROOT/out" </dev/null
  grep -q 'hand-over: halt' "$ROOT/out"
}

@test "49: suse: a stop that ends with 7 did not fail, a start did" {
  tree_layout suse
  for name in was new; do script $name && body $name 'exit 7'; done
  suse_service 5 01 was && suse_service 3 01 new
  RUNLEVEL=3 PREVLEVEL=5 rc >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "was stop new start" ]
  grep -qx 'rc: Failed services in runlevel 3: new' "$ROOT/out"
}

@test "suse: boot runs the S links of boot.d and boot.local, halt its K links" {
  tree_layout suse
  for name in boot.a boot.b; do script $name; done
  link boot S01boot.a && link boot S02boot.b && link boot K01boot.b && link boot K02boot.a
  printf 'echo local >>%s/ran\n' "$ROOT" >"$ROOT/etc/init.d/boot.local"
  rc boot >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "boot.a start boot.b start local" ]
  rm "$ROOT/ran"
  depend halt 'TARGETS = boot.a boot.b' 'boot.b: boot.a'
  RUNLEVEL=0 PREVLEVEL=3 rc halt >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "boot.a stop boot.b stop" ]
  ! grep -q hand-over "$ROOT/out" || false
}

@test "suse: in boot.d a script that is not executable is run by sh" {
  tree_layout suse
  script boot.a && link boot S01boot.a && chmod 644 "$ROOT/etc/init.d/boot.a"
  rc boot >"$ROOT/out"
  [ "$(cat "$ROOT/ran")" = "boot.a start" ]
}

@test "suse: halt in the middle of level 0 does not forget what level 0 has stopped" {
  tree_layout suse
  script a && suse_service 3 01 a && script boot.b && link boot K01boot.b
  script halt && link 0 S01halt
  body halt "RUNLEVEL=0 PREVLEVEL=3 $BUILD/rc --root '$ROOT' halt"
  RUNLEVEL=0 PREVLEVEL=3 rc >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "a stop halt start boot.b stop" ]
  [ "$(xargs <"$ROOT/run/curfew/stopped")" = "a boot.b halt" ]
  for name in K21a K01boot.b S01halt; do grep -q "\"$name\"" "$ROOT/run/curfew/trace.jsonl"; done
}

@test "suse: 6 turned into 0 goes on with the K links of the level that was left first" {
  tree_layout suse
  for name in a b; do script $name && suse_service 3 01 $name; done
  mkdir -p "$ROOT/etc/init.d/rc6.d" && depend stop 'TARGETS = a b' 'b: a'
  depend start 'TARGETS = a b'
  body a "kill -TERM \$PPID; $(until_file go)"
  RUNLEVEL=6 PREVLEVEL=3 start_rc
  rc_ended
  touch "$ROOT/go"
  RUNLEVEL=0 PREVLEVEL=6 rc >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "a stop b stop" ]
  grep -q '^rc: hand-over: halt ' "$ROOT/out"
}

# suse_single NAME: a machine in S, with this name; the cold one has none.
suse_single() {
  tree_layout suse
  for name in boot.udev boot.x; do script $name && link boot "S01$name" && link boot "K01$name"; done
  script a && suse_service 3 01 a && script halt && link 0 S01halt
  mkdir -p "$ROOT/proc/sys/kernel" && echo "$1" >"$ROOT/proc/sys/kernel/hostname"
  printf '%s\n' 'proc /proc proc rw' 'sysfs /sys sysfs rw' 'devpts /dev/pts devpts rw' \
    >"$ROOT/proc/mounts"
  export PREVLEVEL=S INIT_VERSION=sysvinit-2.88
}
@test "suse: from S under init the devices are started again, and no more" {
  suse_single earth
  RUNLEVEL=3 rc >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "boot.udev start a start" ]
  rm "$ROOT/ran" && unset INIT_VERSION
  RUNLEVEL=3 rc >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "a start" ]
}
@test "suse: from S of a machine that has not booted the boot comes first" {
  for sign in '(none)' mounts; do
    rm -rf "$ROOT" && tree_new && suse_single earth
    case $sign in
      mounts) sed -i /devpts/d "$ROOT/proc/mounts" ;;
      *) echo "$sign" >"$ROOT/proc/sys/kernel/hostname" ;;
    esac
    RUNLEVEL=3 rc >"$ROOT/out"
    [ "$(xargs <"$ROOT/ran")" = "boot.udev start boot.x start a start" ]
  done
}
@test "suse: a machine that has not booted is halted without the K links of boot.d" {
  suse_single '(none)'
  body halt "echo \$COLD_BOOT >>'$ROOT/ran'; RUNLEVEL=0 $BUILD/rc --root '$ROOT' halt"
  RUNLEVEL=0 rc >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "halt start yes" ]
  rm "$ROOT/ran" && echo earth >"$ROOT/proc/sys/kernel/hostname"
  RUNLEVEL=0 rc >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "halt start boot.udev stop boot.x stop" ]
}

# --- only redhat ---------------------------------------------------------------------------------

@test "51: redhat: a K link runs only where there is a lock file, NAME or NAME.init" {
  tree_layout redhat
  for name in a b c; do service 3 "K01$name"; done
  lock a c.init
  PREVLEVEL=5 rc 3 >"$ROOT/out"
  [ "$(xargs <"$ROOT/ran")" = "a stop c stop" ]
}

@test "52: redhat: an S link does not run where there is a lock file" {
  tree_layout redhat
  for name in a b; do service 3 "S01$name"; done
  lock a
  PREVLEVEL=N rc 3 >"$ROOT/out"
  [ "$(cat "$ROOT/ran")" = "b start" ]
}

@test "53: redhat: S00killall, then S01halt; S99 behind it does not run" {
  tree_layout redhat
  service 0 S00killall && service 0 S01halt && service 0 S99x && service 0 K10a
  lock a
  PREVLEVEL=3 rc 0 >"$ROOT/out" </dev/null
  [ "$(xargs <"$ROOT/ran")" = "a stop killall start halt start" ]
  grep -q 'hand-over: halt' "$ROOT/out"
  plan 0
  [ "$(left_out S99x)" = "behind S01halt" ]
}

@test "redhat: curfew plans from the level that utmp says the machine is in" {
  tree_layout redhat
  service 5 K10a && lock a
  utmp 3 N
  plan 5
  [[ $output == "level 5 after level 3: 1 script, "* ]]
}

# --- only lfs ------------------------------------------------------------------------------------

@test "lfs: 6 turned into 0 stops what level 6 had no time for, and nothing twice" {
  tree_layout lfs
  for name in a b; do service 0 "K01$name" && link 6 "K01$name"; done
  mkdir "$ROOT/run/curfew" && echo a >"$ROOT/run/curfew/stopped"
  PREVLEVEL=6 rc 0 >"$ROOT/out"
  [ "$(cat "$ROOT/ran")" = "b stop" ]
}

# --- what all have -------------------------------------------------------------------------------

@test "a missing S01halt, and one that comes back, end in the hand-over in each family" {
  for layout in suse redhat lfs; do
    rm -rf "$ROOT" && tree_new && tree_layout $layout
    mkdir -p "$ROOT${LEVELS}0.d"
    PREVLEVEL=3 rc 0 >"$ROOT/out" </dev/null
    grep -q 'hand-over: halt' "$ROOT/out"
    service 0 S01halt
    PREVLEVEL=3 rc 0 >"$ROOT/out" </dev/null
    grep -q 'hand-over: halt' "$ROOT/out"
    [ "$(cat "$ROOT/ran")" = "halt start" ]
  done
}

@test "curfew.skip= takes services and hooks out, in each family, and their order stays" {
  for layout in debian suse redhat lfs; do
    rm -rf "$ROOT" && tree_new
    for name in a b c; do service 3 "S01$name"; done
    depend start 'TARGETS = a b c' 'b: a' 'c: b' && depend stop 'TARGETS = x'
    echo 'curfew.skip=b,nothing' >"$ROOT/proc/cmdline"
    read_as $layout
    plan 3
    [ "$(steps)" = "S01a start, S01c start" ]
    [[ $(plan_line S01c) == *" after a" ]]
    [ "$(left_out S01b)" = "curfew.skip= on the kernel command line" ]
  done
}

@test "curfew.skip= of halt itself does not keep the machine up" {
  tree_layout suse
  service 0 S01halt
  echo 'curfew.skip=halt' >"$ROOT/proc/cmdline"
  RUNLEVEL=0 PREVLEVEL=3 rc >"$ROOT/out" </dev/null
  [ ! -e "$ROOT/ran" ]
  grep -q 'hand-over: halt' "$ROOT/out"
}

@test "curfew.trace= takes the shell of the first line; what is no shell runs untraced, and a line says so" {
  printf '#!/bin/sh\n. "$1"; echo "$NAME $2" >>%s\n' "$ROOT/ran" >"$ROOT/i" && chmod 755 "$ROOT/i"
  service 3 S01x
  printf '#!%s\nNAME=x\n' "$ROOT/i" >"$ROOT/etc/init.d/x"
  echo 'curfew.trace=x' >"$ROOT/proc/cmdline"
  plan 3
  [[ $output == *"curfew.trace=x: $ROOT/i is no shell; the script runs untraced"* ]]
  rc 3 >"$ROOT/out"
  [ "$(cat "$ROOT/ran")" = "x start" ]
  # As Debian's init-d-script is called.
  printf '#!/usr/bin/env %s\nNAME=y\n' "$ROOT/i" >"$ROOT/etc/init.d/x"
  plan 3
  [[ $output == *"curfew.trace=x: $ROOT/i is no shell; the script runs untraced"* ]]
  for first in "/bin/bash -e" "/usr/bin/env bash" "/usr/bin/env -S bash -e"; do
    printf '#!%s\na=(one two)\necho "${a[1]}" >>%s\n' "$first" "$ROOT/ran" >"$ROOT/etc/init.d/x"
    rm "$ROOT/ran"
    rc 3 >"$ROOT/out"
    [ "$(cat "$ROOT/ran")" = two ]
    grep -q '^S01x: + echo two' "$ROOT/out"
  done
}

@test "curfew.trace= runs one script with sh -x" {
  service 3 S01a && service 3 S01b
  echo 'curfew.trace=a' >"$ROOT/proc/cmdline"
  plan 3
  [[ $(plan_line S01a) == "S01a sh -x /etc/"*" start" ]]
  [[ $(plan_line S01b) != *sh\ * ]]
  rc 3 >"$ROOT/out"
  grep -q '^S01a: + printf' "$ROOT/out"
  [ "$(sort "$ROOT/ran" | xargs)" = "a start b start" ]
}

@test "the dry run and curfew plan print the same plan, in each family" {
  for layout in debian suse redhat lfs; do
    rm -rf "$ROOT" && tree_new
    service 3 S01a && service 5 K01b && service 5 S02c && service 0 S01halt && service 0 K05a
    lock b
    read_as $layout
    for level in 0 3 5 6; do
      PREVLEVEL=5 plan $level
      PREVLEVEL=5 RUNLEVEL=$level rc --dry-run $level >"$ROOT/out" 2>&1
      [ "$(sed 's/^rc: /curfew: /' "$ROOT/out")" = "$output" ]
    done
  done
}

@test "links from one family's directories to another's give one tree, read once" {
  tree_layout redhat
  service 3 S01a
  ln -s rc.d/rc3.d "$ROOT/etc/rc3.d"
  plan 3
  [ "$(steps)" = "S01a start" ]
  [[ $(plan_line S01a) == *" /etc/rc.d/rc3.d/S01a start" ]]
}
