#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Confirm mode under the real init: rc asks on /dev/console, which no process has as its own
# terminal, and expect answers at its other end.
# shellcheck disable=SC2016,SC2154  # bodies of scripts, expect's variables; lab.bash

load lab.bash

teardown() { lab_stop; }

# --- shell code for the inside, run before init starts

# The levels of the first argument ask.
confirm='confirm() {
  for level in $1; do
    sed -i "s|^l$level:.*|l$level:$level:wait:/etc/init.d/rc --confirm $level|" /etc/inittab
  done
}
'
# Level 3 starts these two and stops nothing; in level 0 they and Debian'\''s own are stopped.
two='rm -f /etc/rc[2-5].d/S* /etc/rc[016].d/K*redis-server /etc/rc[016].d/K*nginx
for name in one two; do
  printf "%s\n" "#!/bin/sh" "### BEGIN INIT INFO" "# Provides: $name" \
    "# Required-Start: \$remote_fs" "# Required-Stop: \$remote_fs" "# Default-Start: 3" \
    "# Default-Stop: 0 1 6" "### END INIT INFO" "echo \"$name \$1\" >> /lab/calls" \
    > "/etc/init.d/$name"
  chmod 755 "/etc/init.d/$name"
done
(cd /etc/init.d; insserv one two)
'

# --- for the outside

# talk: expect commands on standard input; `key TEXT` types on the console, expect reads it.
talk() {
  {
    printf 'set timeout 20\nset keys [open {%s} w]\nfconfigure $keys -buffering none\n' "$LAB/keys"
    printf 'proc key {text} { global keys; puts -nonewline $keys $text }\n'
    printf 'spawn -noecho tail -c +0 -f {%s}\n' "$(lab_console)"
    echo 'expect_before timeout { puts "TIMEOUT"; exit 9 }'
    cat
  } | expect - 3>&-
}

calls() { cat "$(lab_file /lab/calls)" 2> /dev/null | xargs; }

level_2_again() { [ "$(grep -cx 2 "$(lab_file /lab/levels)")" -eq 2 ]; }

console_modes() { lab_run stty -a -F /dev/console; }

@test "a change of level asks on the real console: n skips, y runs, and the console is as it was" {
  lab_start curfew "$two$confirm"'confirm 3'
  lab_wait_level 2
  before=$(console_modes)
  lab_run telinit 3
  talk << 'END'
expect -ex "Start service one, (Y)es/(N)o/(C)ontinue/(S)how? \[y\] "
key s
expect "# Provides: one"
expect "Start service one,"
key n
expect "S01one: skipped"
expect "Start service two,"
key y
END
  lab_wait_level 3
  [ "$(calls)" = "two start" ]
  [ "$(console_modes)" = "$before" ]
  lab_run init 0
  lab_end 2
}

@test "init 0 with questions: what is skipped is ended by the kill stage, and the machine goes down" {
  lab_start curfew "$confirm"'confirm 0'
  lab_wait_level 2
  lab_run pgrep ledgerd
  lab_run init 0
  talk << 'END'
expect {
  "Stop service ledger," { key n }
  -re {Stop service [^l][^,]*,} { key y; exp_continue }
}
expect "K01ledger: skipped"
expect -re {Stop service [^,]*,}
key c
END
  lab_end 2
  lab_trace | grep -q '"event":"skipped","service":"ledger"'
  [ "$(lab_trace | grep -c '"event":"start","service":"ledger"')" -eq 0 ]
}

@test "init 0 with questions that nobody answers goes down all the same" {
  lab_start curfew "$two$confirm"'confirm 0; echo CONFIRM_PROMPT_TIMEOUT=1 > /etc/default/curfew'
  lab_wait_level 2
  lab_run init 0
  lab_end 2
  grep -q 'Stop service' "$(lab_console)"
  [ "$(lab_trace | grep -c '"event":"skipped"')" -eq 0 ]
}

@test "a second change of level takes over from an open question, and asks nothing" {
  lab_start curfew "$two$confirm"'confirm 3; echo CONFIRM_PROMPT_TIMEOUT=60 > /etc/default/curfew'
  lab_wait_level 2
  before=$(console_modes)
  lab_run telinit 3
  talk <<< 'expect "Start service one,"'
  lab_run telinit 2
  within 10 level_2_again
  [ -z "$(calls)" ]
  [ "$(console_modes)" = "$before" ]
  lab_run init 0
  lab_end 2
}
