#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2034 # bodies of scripts; RC is for lib/tree
# What one sees of the scripts' output. Numbers: see rc_run.bats.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

go() { : >"$ROOT/go"; }

# clean FILE: no byte that a terminal would obey, "\n" apart; UTF-8 throughout.
clean() {
  ! LC_ALL=C grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$1" &&
    ! LC_ALL=C grep -nP '\xc2[\x80-\x9f]|(?<![\x80-\xff])[\x80-\x9f]' "$1"
}

@test "a line is shown with its link's name while its script still runs" {
  service 2 S01a
  body a "echo now; $(until_file go); echo then"
  start_rc 2
  until_true shows 'S01a: now'
  go
  rc_ended
  [ "$(cat "$ROOT/out")" = $'S01a: now\nS01a: then' ]
}

@test "33: a line that is not finished is shown after 3 s, the rest as a line of its own" {
  service 2 S01a
  body a "printf 'Password? '; $(until_file go); echo rest"
  start_rc 2
  until_true grep -q 'Password' "$ROOT/out"
  go
  rc_ended
  [ "$(grep -v '^\[' "$ROOT/out")" = $'S01a: Password? \nS01a: rest' ]
}

@test "a line that its script completes within 3 s is shown once, and whole" {
  service 2 S01a
  body a "printf 'Stopping the printers: '; sleep 1.6; printf 'lp0 '; sleep 0.4; echo 'lp1.'"
  rc 2 >"$ROOT/out"
  [ "$(cat "$ROOT/out")" = 'S01a: Stopping the printers: lp0 lp1.' ]
}

@test "dots that come again and again do not hold back the line that they are in" {
  service 2 S01a
  body a "printf Waiting; i=0; until [ -e '$ROOT/go' ] || [ \$i -ge 40 ]; do
    printf .; sleep 0.25; i=\$((i+1)); done; echo"
  start_rc 2
  until_true grep -q '^S01a: Waiting\.' "$ROOT/out"
  go
  rc_ended
  # So it was before the script's end, after its 40 dots.
  [ "$(grep -c '^S01a: ' "$ROOT/out")" -ge 2 ] && [ "$(grep '^S01a: ' "$ROOT/out" | tr -cd . | wc -c)" -lt 38 ]
}

@test "34: an output without last newline ends in one newline and no NUL (differs from startpar)" {
  service 2 S01a
  body a 'printf end'
  rc 2 >"$ROOT/out"
  [ "$(od -An -c "$ROOT/out" | tr -d ' ')" = 'S01a:end\n' ]
}

@test "32: two talkative scripts never mix inside a line, and no line is lost" {
  for name in a b; do
    service 2 "S01$name"
    body "$name" "for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do
      printf '$name$name$name '; printf '$name$name%s\n' \$i\$j; done; done"
  done
  rc 2 >"$ROOT/out"
  for name in a b; do
    [ "$(sed -n "s/^S01$name: $name$name$name $name$name//p" "$ROOT/out")" = "$(seq -w 0 99)" ]
  done
  [ "$(wc -l <"$ROOT/out")" -eq 200 ]
}

@test "a script's last words are all there: 1 MB written just before its end" {
  service 2 S01a
  body a 'seq 100000 219999; seq 1000 1999'
  rc 2 >"$ROOT/out"
  # On a slow machine rc says meanwhile that it waits.
  diff -q <(seq 100000 219999; seq 1000 1999) <(sed -n 's/^S01a: //p' "$ROOT/out")
}

@test "a line of 1 MB arrives whole, in pieces, and the run goes on" {
  service 2 S01a && service 2 S02b
  body a 'head -c 1000000 /dev/zero | tr "\0" x; echo; echo then'
  rc 2 >"$ROOT/out"
  [ "$(sed 's/^S01a: //' "$ROOT/out" | tr -cd x | wc -c)" -eq 1000000 ]
  [ "$(wc -L <"$ROOT/out")" -le 8200 ]
  shows 'S01a: then'
  ran b
}

@test "log_end_msg's colours and cursor movements become plain text" {
  service 2 S01a
  body a 'printf "[....] Starting x: y\0337\033[1G[\033[32m ok \033[39;49m\0338.\r\n"
    printf "Starting z:\033[20G\033[31mfailed\033[0m\n"
    printf "10%%\r20%%\r100%%\n"; printf "\033]0;title\007\033c\033[2J\nend\n"'
  rc 2 >"$ROOT/out"
  shows 'S01a: [ ok ] Starting x: y.'
  shows 'S01a: Starting z:        failed'
  shows 'S01a: 100%'
  shows 'S01a: end'
  clean "$ROOT/out"
}

@test "binary garbage shows no byte that a terminal obeys, and UTF-8 stays as it is" {
  service 2 S01a && service 2 S02b
  head -c 200000 /dev/urandom >"$ROOT/garbage"
  printf '\n\302\233H\233H x\200\n' >>"$ROOT/garbage"
  body a "cat '$ROOT/garbage'"
  body b 'printf "gr\303\274n \342\202\254 \360\237\220\247\n"'
  rc 2 >"$ROOT/out"
  shows $'S02b: gr\303\274n \342\202\254 \360\237\220\247'
  grep -qaE '^S01a: HH? x$' "$ROOT/out"
  clean "$ROOT/out"
}

@test "38: what a daemon writes after its script's end is shown while rc runs" {
  service 2 S01a && service 2 S02b
  body a "($(until_file go); echo late; : >'$ROOT/said') &"
  body b ": >'$ROOT/go'; $(until_file said); echo early"
  rc 2 >"$ROOT/out"
  shows 'S01a: late'
}

@test "stderr and stdout of a script are one stream, in order" {
  service 2 S01a
  body a 'echo 1; echo 2 >&2; echo 3; echo 4 >&2'
  rc 2 >"$ROOT/out" 2>"$ROOT/errors"
  [ "$(xargs <"$ROOT/out")" = "S01a: 1 S01a: 2 S01a: 3 S01a: 4" ]
  [ ! -s "$ROOT/errors" ]
}

@test "a console that takes nothing does not hold the run" {
  service 2 S01a && service 2 S02b
  body a 'seq 100000'
  mkfifo "$ROOT/console"
  # Held open by this shell, read by nobody.
  exec 7<>"$ROOT/console"
  timeout 60 "$BUILD/rc" --root "$ROOT" 2 >"$ROOT/console" 2>&1
  exec 7>&-
  [ "$(xargs <"$ROOT/ran")" = "a start b start" ]
}

@test "lines that a blocked console cost are counted there when it takes text again" {
  service 2 S01a
  body a "seq 100000; : >'$ROOT/said'; $(until_file go); echo last"
  mkfifo "$ROOT/console"
  exec 7<>"$ROOT/console"
  "$BUILD/rc" --root "$ROOT" 2 >"$ROOT/console" 2>&1 3>&- 7>&- &
  RC=$!
  until_true test -e "$ROOT/said"
  cat <&7 >"$ROOT/out" 3>&- 7>&- &
  echo $! >"$ROOT/pids"
  until_true grep -q 'S01a: 1$' "$ROOT/out"
  go
  rc_ended
  until_true shows 'S01a: last'
  exec 7>&-
  lost=$(awk '/^\[[0-9]+ lines not shown\]$/ { sum += substr($1, 2) } END { print sum + 0 }' "$ROOT/out")
  # On a slow machine a few more, which say that rc waits.
  all=$((lost + $(grep -cE '^S01a: [0-9]+$' "$ROOT/out")))
  [ "$all" -ge 100000 ] && [ "$all" -le 100010 ]
}

@test "a full disk, a closed stdout and a reader that went away cost text, nothing else" {
  service 2 S01a && service 2 S02b
  body a 'seq 20000'
  rc 2 >/dev/full
  rc 2 >&- 2>&- <&-
  rc 2 | head -n 1 >"$ROOT/out"
  shows 'S01a: 1'
  [ "$(grep -c b "$ROOT/ran")" -eq 3 ]
}

@test "a closed stdin, stdout or stderr does not reach the scripts" {
  service 2 S01a
  body a 'echo "$(readlink /proc/self/fd/* | wc -l)" >'"'$ROOT/count'; [ -t 1 ] && [ -t 2 ] && echo well"
  rc 2 <&- 2>&- >"$ROOT/out"
  shows 'S01a: well'
  rc 2 >&- 2>&- <&-
  [ "$(cat "$ROOT/count")" -eq 3 ]
}
