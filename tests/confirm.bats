#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts, and expect's own variables
# Confirm mode: rc asks, expect answers on a terminal.  Numbers: acceptance cases of SysV rc.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# suse LEVEL LINK..., redhat LEVEL LINK...: scripts and links as these systems have them.
suse() { place "init.d/rc$1.d" .. "${@:2}"; }
redhat() {
  mkdir -p "$ROOT/var/lock/subsys"
  place "rc.d/rc$1.d" ../../init.d "${@:2}"
}
place() {
  local dir=$ROOT/etc/$1 to=$2 link
  mkdir -p "$dir"
  for link in "${@:3}"; do
    [ -e "$ROOT/etc/init.d/${link#???}" ] || script "${link#???}"
    ln -s "$to/${link#???}" "$dir/$link"
  done
}

# sysconfig FILE KEY=VALUE: one setting of SUSE or Red Hat.
sysconfig() {
  mkdir -p "$ROOT/etc/sysconfig"
  echo "$2" >>"$ROOT/etc/sysconfig/$1"
}

cmdline() { echo "BOOT_IMAGE=/vmlinuz $1 ro" >"$ROOT/proc/cmdline"; }

# What ran, on one line.
all() { xargs <"$ROOT/ran"; }

@test "50: SUSE: without an answer in time a service runs, n skips one, and each is asked about" {
  suse 3 S01a S02b S03c
  cmdline confirm
  sysconfig boot CONFIRM_PROMPT_TIMEOUT=1
  terminal_talk 3 >"$ROOT/out" <<'END'
expect "rc: Master Resource Control: Interactive startup"
expect -ex "Start service a, (Y)es/(N)o/(C)ontinue? \[y\] "
expect -ex "Start service b, (Y)es/(N)o/(C)ontinue? \[y\] "
send n
expect "S02b: skipped"
expect -ex "Start service c, (Y)es/(N)o/(C)ontinue? \[y\] "
send y
expect eof
END
  [ "$(all)" = "a start c start" ]
  grep -q '"event":"skipped","service":"b","action":"start"' "$ROOT/run/curfew/trace.jsonl"
}

@test "50: SUSE: c runs all the rest without a question" {
  suse 3 S01a S02b S03c
  cmdline confirm
  terminal_talk 3 >"$ROOT/out" <<'END'
expect "Start service a,"
send c
expect eof
END
  [ "$(all)" = "a start b start c start" ]
  [ "$(grep -c 'Start service' "$ROOT/out")" -eq 1 ]
}

@test "SUSE: /run/do_confirm asks once, on the way up from no level, and never in 1, S, 0, 6" {
  suse 3 S01a && suse 1 S01a && suse 5 S01b
  : >"$ROOT/run/do_confirm"
  PREVLEVEL=3 terminal_talk 5 <<<'expect eof'
  [ -e "$ROOT/run/do_confirm" ]
  terminal_talk 1 <<<'expect eof'
  [ ! -e "$ROOT/run/do_confirm" ]
  : >"$ROOT/run/do_confirm"
  terminal_talk 3 <<<$'expect "Start service a,"\nsend n\nexpect eof'
  [ "$(all)" = "b start a start" ]
  terminal_talk 3 <<<'expect eof'
  [ "$(all)" = "b start a start a start" ]
}

@test "SUSE: PROMPT_FOR_CONFIRM offers the questions; a key that is not y or i, or none, refuses" {
  suse 3 S01a S02b
  sysconfig boot 'PROMPT_FOR_CONFIRM="yes"'
  sysconfig boot CONFIRM_PROMPT_TIMEOUT=2
  for answer in 'send n' ''; do
    terminal_talk 3 >"$ROOT/out" <<END
expect -ex "Enter Interactive startup mode? y/\[n\](2s)"
$answer
expect eof
END
    [ "$(grep -c 'Start service' "$ROOT/out")" -eq 0 ]
  done
  terminal_talk 3 >"$ROOT/out" <<'END'
expect "Enter Interactive startup mode?"
send I
expect "Start service a,"
send n
expect "Start service b,"
send c
expect eof
END
  [ "$(all)" = "a start b start a start b start b start" ]
}

@test "55: Red Hat: n, y, c: the first is skipped, two run, the rest unasked, and the file is gone" {
  redhat 3 S01a S02b S03c S04d
  mkdir -p "$ROOT/var/run"
  : >"$ROOT/var/run/confirm"
  terminal_talk 3 >"$ROOT/out" <<'END'
expect "rc: Entering interactive startup"
expect -ex "Start service a (Y)es/(N)o/(C)ontinue? \[Y\] "
send "n\r"
expect "Start service b"
send "\r"
expect "Start service c"
send "c\r"
expect eof
END
  [ "$(all)" = "b start c start d start" ]
  until_true test ! -e "$ROOT/var/run/confirm"
}

@test "Red Hat: as long as the file is there each level asks about what starts, not what stops" {
  redhat 3 S01a && redhat 5 K01b S01a S02c
  mkdir -p "$ROOT/var/run" && ln -s "$ROOT" "$BATS_TEST_TMPDIR/same"
  : >"$ROOT/var/run/confirm" && : >"$ROOT/var/lock/subsys/b"
  PREVLEVEL=3 terminal_talk 5 >"$ROOT/out" <<'END'
expect "Start service a"
send "yes\r"
# Only y is y.
expect "Start service a"
send "n\r"
expect "Start service c"
send "\004"
expect eof
END
  [ "$(all)" = "b stop c start" ]
  [ -e "$ROOT/var/run/confirm" ]
}

@test "--confirm asks before each stop of level 0; who says no is left out, and the end comes" {
  service 0 K01a && service 0 K02b && service 0 K03c
  terminal_talk '--confirm 0' >"$ROOT/out" <<'END'
expect -ex "Stop service a, (Y)es/(N)o/(C)ontinue/(S)how? \[y\] "
send n
expect "Stop service b,"
send y
expect "Stop service c,"
send n
expect "rc: hand-over: "
expect eof
END
  [ "$(all)" = "b stop" ]
  # What was skipped is not recorded as stopped: turned into 6, it is asked about again.
  [ "$(xargs <"$ROOT/run/curfew/stopped")" = b ]
}

@test "--confirm asks in any level, about stops and starts, and c makes scripts parallel again" {
  service 3 K01a && service 3 S01b && service 3 S01c
  body b "$(until_file from-c); [ -e '$ROOT/from-c' ] && : >'$ROOT/from-b'"
  body c ": >'$ROOT/from-c'"
  PREVLEVEL=2 terminal_talk '--confirm 3' >"$ROOT/out" <<'END'
expect "Stop service a,"
send y
expect "Start service b,"
send c
expect eof
END
  [ -e "$ROOT/from-b" ]
}

@test "as long as there are questions one script runs at a time" {
  for link in K01a K01b K01c; do service 0 "$link"; done
  for name in a b c; do body "$name" "sleep 0.1; echo '$name ended' >>'$ROOT/ran'"; done
  terminal_talk '--confirm 0' >"$ROOT/out" <<<'send yyy
expect eof'
  [ "$(all)" = "a stop a ended b stop b ended c stop c ended" ]
}

@test "other keys ask again, and an arrow key is not the letter it ends in" {
  service 0 K01a && service 0 K02b
  terminal_talk '--confirm 0' >"$ROOT/out" <<'END'
expect "Stop service a,"
send x
expect "Stop service a,"
send "\033\[C"
expect "Stop service a,"
send "\003"
expect "Stop service a,"
send n
expect "Stop service b,"
send n
expect eof
END
  [ ! -e "$ROOT/ran" ]
}

@test "s shows the script's header and what waits for it, then asks again" {
  service 0 K01a 'Required-Stop: $remote_fs' 'Short-Description: the a of all'
  service 0 K02b && service 0 K03c
  depend stop 'TARGETS = a b c' 'b: a' 'c: a'
  terminal_talk '--confirm 0' >"$ROOT/out" <<'END'
expect "Stop service a,"
send s
expect "waiting for it: K02b K03c"
expect "Stop service a,"
send n
expect "Stop service b,"
send s
expect "no LSB header"
expect "no script waits for it"
expect "Stop service b,"
send c
expect eof
END
  grep -qx '# Short-Description: the a of all' "$ROOT/out"
  [ "$(sort "$ROOT/ran" | xargs)" = "b stop c stop" ]
}

@test "no line comes between a question and its answer" {
  service 0 K01a && service 0 K02b
  body a "($(until_file asked); echo from the daemon; : >'$ROOT/said') &"
  terminal_talk '--confirm 0' >"$ROOT/out" <<END
expect "Stop service a,"
send y
expect "Stop service b,"
exec touch "$ROOT/asked"
while {![file exists "$ROOT/said"]} {after 20}
after 200
send n
expect "K01a: from the daemon"
expect eof
END
  # The answer stands right behind the question.
  grep -qF 'Stop service b, (Y)es/(N)o/(C)ontinue/(S)how? [y] n' "$ROOT/out"
}

@test "without a terminal every script runs, in every way there can be none" {
  service 0 K01a
  mkfifo "$ROOT/in"
  timeout 10 "$BUILD/rc" --root "$ROOT" --confirm 0 </dev/null >"$ROOT/out"
  shows 'rc: no terminal to ask on; every script runs'
  timeout 10 "$BUILD/rc" --root "$ROOT" --confirm 0 0<>"$ROOT/in" >"$ROOT/out"
  timeout 10 "$BUILD/rc" --root "$ROOT" --confirm 0 <&- >"$ROOT/out"
  [ "$(all)" = "a stop a stop a stop" ]
}

@test "a terminal that hangs up during a question answers this one and the others with yes" {
  redhat 3 S01a S02b
  mkdir -p "$ROOT/var/run"
  : >"$ROOT/var/run/confirm"
  terminal_talk 3 <<<$'expect "Start service a"\nclose'
  until_true ran b
  [ "$(all)" = "a start b start" ]
}

@test "in level 0 a question that nobody answers is over after CONFIRM_PROMPT_TIMEOUT" {
  service 0 K01a && service 0 K02b
  echo CONFIRM_PROMPT_TIMEOUT=1 >"$ROOT/etc/default/curfew"
  terminal_talk '--confirm 0' <<<'expect eof'
  [ "$(all)" = "a stop b stop" ]
}

# A terminal that nobody has open forgets its modes: the sleep keeps it.

@test "TERM during a question ends rc at once, runs nothing, and the terminal echoes again" {
  service 0 K01a
  # rc heeds the TERM of init and of who called it.
  CALLER='timeout --foreground --preserve-status 3' \
    terminal_talk '--confirm 0' sane >"$ROOT/out" <<'END'
set begin [clock milliseconds]
expect "Stop service a,"
set keeper [exec sleep 20 <$spawn_out(slave,name) >/dev/null 2>/dev/null &]
if {![string match "*-icanon * -echo *" [exec stty -a < $spawn_out(slave,name)]]} {exit 7}
lassign [wait] pid id error status
if {[clock milliseconds] - $begin > 4000 || $status != 0} {exit 8}
if {![string match "*\nisig icanon * echo *" [exec stty -a < $spawn_out(slave,name)]]} {exit 9}
exec kill $keeper
END
  [ ! -e "$ROOT/ran" ]
}

@test "the terminal has its own modes while a script runs, and after the last question" {
  service 0 K01a && service 0 K02b
  body a "COLUMNS=200 stty -a <\"\$(cat '$ROOT/terminal')\" >'$ROOT/during'"
  terminal_talk '--confirm 0' 'sane -ixon susp ^X' >"$ROOT/out" <<END
set f [open "$ROOT/terminal" w]
puts \$f \$spawn_out(slave,name)
close \$f
set keeper [exec sleep 20 <\$spawn_out(slave,name) >/dev/null 2>/dev/null &]
expect "Stop service a,"
send y
expect "Stop service b,"
send y
expect "rc: hand-over: "
lassign [wait] pid id error status
exec stty -a < \$spawn_out(slave,name) > "$ROOT/after"
exec kill \$keeper
END
  diff "$ROOT/during" "$ROOT/after"
  grep -q ' susp = ^X' "$ROOT/after"
  grep -q 'isig icanon .* echo ' "$ROOT/after"
}

@test "in the background of a shell with job control nobody is asked, and rc is not stopped" {
  service 0 K01a
  expect - 3>&- >"$ROOT/out" <<END
set timeout 10
spawn -noecho bash --norc -m -c {"$BUILD/rc" --root "$ROOT" --confirm 0 & wait; echo "ended \$?"}
expect timeout {exit 9} "ended 0"
END
  ran a
  [ "$(grep -c 'Stop service' "$ROOT/out")" -eq 0 ]
}

# lfs LEVEL LINK...: as LFS has them.
lfs() { place "rc.d/rc$1.d" ../../init.d "${@:2}"; }

@test "LFS: after a failure rc waits for Enter, for its time at most, and never on the way down" {
  lfs 3 S01a S02b && lfs 0 S01a
  body a 'exit 1'
  terminal_talk 3 >"$ROOT/out" <<'END'
expect "S01a failed; press Enter to continue (15s) "
send "\r"
expect eof
END
  [ "$(all)" = "a start b start" ]
  terminal_talk 0 <<<'expect eof' >"$ROOT/out"
  [ "$(grep -c 'press Enter' "$ROOT/out")" -eq 0 ]
  timeout 10 "$BUILD/rc" --root "$ROOT" 3 </dev/null
}
