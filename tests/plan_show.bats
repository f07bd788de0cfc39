#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What `curfew plan` and `rc --dry-run` show to people; nothing is started.

load lib/tree

setup() { tree_new; }

# shows_both ARGS...: runs both commands, which must say and return the same; then $output has it.
shows_both() {
  tree_guard || return 1
  run rc --dry-run "$@"
  local said=$output code=$status
  run "$BUILD/curfew" plan --root "$ROOT" "$@"
  diff <(sed 's/^rc: /curfew: /' <<<"$said") - <<<"$output" && [ "$code" -eq "$status" ]
}

@test "both leave the level that utmp records, unless init has asked for the change" {
  service 0 K01a && service 2 K01b && service 2 S02c && utmp 2 N
  shows_both 0
  [[ $output == "level 0 after level 2: 1 script"* ]]
  PREVLEVEL=3 shows_both 0
  [[ $output == "level 0 after level 3: "* ]]
  RUNLEVEL=0 shows_both 0
  [[ $output == "level 0: "* ]]
  RUNLEVEL=0 PREVLEVEL=5 shows_both 0
  [[ $output == "level 0 after level 5: "* ]]
  shows_both s
  [[ $output == "level S after level 2: "* ]]
}

@test "both leave out what a shutdown that goes on has stopped" {
  service 0 K01a && service 0 K02b && utmp 6 2
  mkdir -p "$ROOT/run/curfew" && echo a >"$ROOT/run/curfew/stopped"
  shows_both 0
  [ "$(left_out K01a)" = "stopped already in this shutdown" ]
  [ "$(planned)" = K02b ]
}

@test "both refuse what is no level, a root that is missing and links that cannot be read" {
  shows_both 7x
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: no level: 7x (0 to 9 or S)" ]
  for program in 'rc --dry-run' 'curfew plan'; do
    # shellcheck disable=SC2086 # two words
    run "$BUILD"/$program --root /nonexistent 0
    [ "$status" -eq 1 ]
    [ "$output" = "${program%% *}: /nonexistent: No such file or directory" ]
  done
  ln -s rc2.d "$ROOT/etc/rc2.d"
  shows_both 2
  [ "$status" -eq 1 ]
  [[ $output == *"/etc/rc2.d: "*"; there is no plan" ]]
}

@test "rc --dry-run without a level shows that of RUNLEVEL, or says that there is none" {
  service 2 S01a
  RUNLEVEL=2 run rc --dry-run
  [[ $output == "level 2: 1 script"* ]]
  run rc --dry-run
  [ "$status" -eq 1 ]
  [ "$output" = 'rc: no LEVEL, and RUNLEVEL is not set; it is 0 to 9 or S' ]
}

@test "SUSE: both plan for a machine in S what init would do, and say that RUNLEVEL counts" {
  tree_layout suse
  service boot S01x && service 3 S02y && service 3 S01earlyxdm && utmp S N
  shows_both 3
  [ "$(steps)" = "S01x start, S01earlyxdm start, S02y start" ]
  RUNLEVEL=5 shows_both 3
  [[ $output == "curfew: level 3 is asked for, RUNLEVEL=5 counts"* ]]
}
