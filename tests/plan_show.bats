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

@test "a script that the kernel would not run is shown with the reason" {
  service 0 K01mode && chmod 644 "$ROOT/etc/init.d/mode"
  service 0 K02gone && sed -i '1s|.*|#!/nonexistent/sh -e|' "$ROOT/etc/init.d/gone"
  service 0 K03dos && sed -i '1s|$|\r|' "$ROOT/etc/init.d/dos"
  service 0 K04plain && sed -i 1d "$ROOT/etc/init.d/plain"
  service 0 K05dir && sed -i '1s|.*|#! /etc|' "$ROOT/etc/init.d/dir"
  depend stop 'TARGETS = mode gone dos plain dir' 'gone: mode'
  shows_both 0
  [[ $(plan_line K01mode) == *"mode stop cannot run: not executable" ]]
  [[ $(plan_line K02gone) == *" cannot run: its interpreter /nonexistent/sh is missing; after mode" ]]
  [[ $(plan_line K03dos) == *' cannot run: its interpreter /bin/sh\x0D is missing' ]]
  [[ $(plan_line K04plain) == *"/plain stop" ]]
  [[ $(plan_line K05dir) == *" cannot run: its interpreter /etc is a directory" ]]
}

@test "limits are shown where they are not the usual ones, and what they add up to" {
  service 0 K01a && service 0 K01b && service 0 K02c
  printf '%s\n' LIMIT=30 LIMIT_HARD=40 SERVICES=b LIMIT=50 LIMIT_HARD=60 SERVICES=c LIMIT=45 \
    LIMIT_HARD=45 >"$ROOT/etc/default/curfew"
  depend stop 'TARGETS = a b c' 'c: a b'
  shows_both 0
  [ "$(plan_line K01a)" = "K01a /etc/init.d/a stop" ]
  [ "$(plan_line K01b)" = "K01b /etc/init.d/b stop limit 50 s, 60 s in all" ]
  [ "$(plan_line K02c)" = "K02c /etc/init.d/c stop at most 45 s; after a, b" ]
  [ "$(sed -n '/^at the longest/,$p' <<<"$output" | xargs)" = "at the longest: 1 min 35 s for the \
scripts, 1 min 45 s while they make progress; then 1 min 0 s without progress for the final \
sequence, 30 min 0 s in all" ]
  echo STOP_BUDGET=60 >"$ROOT/etc/default/curfew"
  shows_both 0
  [[ $output == *"at the longest: 1 min 0 s for the scripts, 2 min 0 s while"* ]]
}

@test "outside of the way down stops have a longest time, and starts have none" {
  service 2 K01a && service 2 S02b
  PREVLEVEL=3 shows_both 2
  [ "$(sed -n '/^at the longest/,$p' <<<"$output" | xargs)" = "at the longest: 1 min 30 s for the \
stops, 10 min 0 s while they make progress; a start has no limit" ]
  PREVLEVEL=N shows_both 2
  [[ $output != *longest* ]]
}

@test "who is logged in is shown on the way down alone" {
  service 0 K01a && service 2 S01b && utmp 2 N
  login_record root tty1 >>"$ROOT/run/utmp"
  login_record anna pts/0 >>"$ROOT/run/utmp"
  shows_both 0
  [[ $output == *$'\nlogged in: root on tty1, anna on pts/0' ]]
  shows_both 3
  [[ $output != *"logged in"* ]]
}

@test "a script names what it waits for directly; lines are folded at 80 columns, names are whole" {
  local names=() name
  for i in {10..45}; do
    service 0 "K01service-$i" && names+=("service-$i")
  done
  service 0 K02last
  depend stop "TARGETS = ${names[*]} last" "last: ${names[*]}" 'service-11: service-10'
  shows_both 0
  # 36 names with commas are more than one line holds; service-10 is waited for by service-11.
  [ "$(plan_line K02last)" = "K02last /etc/init.d/last stop after $(sed 's/ /, /g' <<<"${names[*]:1}")" ]
  run awk 'length > 80' <<<"$output"
  [ -z "$output" ]
}

@test "both show how long scripts usually took, and the slack that the longest chain leaves" {
  service 0 K01exim4 && service 0 K02postgresql && service 0 K01cron
  printf '%s\n' 'TARGETS = exim4 postgresql cron' 'postgresql: exim4' >"$ROOT/etc/init.d/.depend.stop"
  mkdir -p "$ROOT/run/curfew"
  printf 'stop %s\n' '3000000 exim4' '6000000 postgresql' '200000 cron' >"$ROOT/run/curfew/usual"
  shows_both 0
  [[ $output =~ K01exim4[^$'\n']*'usually 3 s, no slack'$'\n' ]]
  [[ $output =~ K02postgresql[^$'\n']*'usually 6 s, no slack; after exim4'$'\n' ]]
  [[ $output =~ K01cron[^$'\n']*'usually under 1 s, slack 9 s'$'\n' ]]
  run "$BUILD/curfew" plan --root "$ROOT" --json 0
  [[ $output == *'"slack_us": 8800000'* || $output == *'"slack_us":8800000'* ]]
}
