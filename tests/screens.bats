#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# What a person sees of rc, screen by screen, as tests/screens keeps it. Whoever changes one looks
# at it: it is what people judge the program by.

load lib/tree
load lib/screen

setup() { tree_new; }
teardown() {
  screen_end
  tree_end
}

# anew: an empty tree and no screen, for another size.
anew() {
  teardown
  rm -r "${ROOT:?}"
  tree_new
}

# What hangs, until tree_end ends it.
sleeps='echo $$ >>"${0%/etc/*}/pids"; exec sleep 1000'

# hang: mirror begins to hang at once, and mail and news behind cron.
hang() {
  local name
  for name in cron mirror mail news; do service 0 "K01$name"; done
  depend stop 'TARGETS = cron mirror mail news' 'mail: cron' 'news: cron'
  body cron 'sleep 0.3; echo "Stopping periodic command scheduler: cron."'
  body mirror "printf 'Stopping the mirror: waiting for its server to answer'; $sleeps"
  body mail "echo 'Stopping mail.'; $sleeps"
  body news "sleep 0.5; echo 'Stopping news.'; $sleeps"
}

# clean: all is well; the ledger takes its time for a line.
clean() {
  service 0 K01cron && service 0 K02ledger
  body cron 'echo "Stopping periodic command scheduler: cron."'
  body ledger 'printf "Stopping the ledger: "; sleep 1.2; echo "closed."'
}

# mixed: one service fails, and one is left alone.
mixed() {
  local name
  for name in cron broken mirror; do service 0 "K01$name"; done
  depend stop 'TARGETS = cron broken mirror' 'broken: cron' 'mirror: broken'
  body cron 'sleep 0.5; echo "Stopping periodic command scheduler: cron."'
  body broken 'echo "Stopping broken: cannot read /run/broken.pid" >&2; exit 1'
  body mirror "$sleeps"
  echo LIMIT=4 >"$ROOT/etc/default/curfew"
}

# after_question: ask, an interactive script, leaves its line open; mirror hangs behind it.
after_question() {
  service 0 K01ask && service 0 K02mirror
  depend stop 'TARGETS = ask mirror' 'INTERACTIVE = ask' 'mirror: ask'
  body ask 'printf "Passphrase: "; read -r answer; printf "accepted, closing"'
  body mirror "$sleeps"
}

@test "a hang: the line below all others names it, its seconds, its process, and 2 more" {
  for size in 80x24 40x10; do
    anew && hang
    screen_rc "$size" 0
    until_true screen_has 'stopping mirror [4-9] s'
    screen_is "hang-$size"
  done
}

@test "a hang on a dumb terminal: whole lines, nothing is drawn over" {
  hang
  # A line that wraps would do so behind a pid of any length.
  SCREEN_TERM=dumb screen_rc 120x24 0
  until_true screen_has 'stopping mirror'
  until_true screen_has 'K01mirror: Stopping'
  sleep 2
  screen_is hang-dumb-120x24
}

@test "a clean end: what was said, and the closing line" {
  for size in 80x24 40x10; do
    anew && clean
    screen_rc "$size" 0
    until_true screen_has 'hand-over'
    screen_is "clean-$size"
  done
}

@test "an end with a failure and with one left alone: each at its time, and again at the end" {
  for size in 80x24 40x10; do
    anew && mixed
    screen_rc "$size" 0
    until_true screen_has 'hand-over'
    screen_is "failed-$size"
  done
}

@test "a question stays on the screen while it is open, and nothing is written over it" {
  after_question
  screen_rc 80x24 0
  until_true screen_has Passphrase:
  sleep 4
  screen_is question-80x24
}

@test "a line that a script left open stays above the status line" {
  after_question
  screen_rc 80x24 0
  until_true screen_has Passphrase:
  screen_type sesame Enter
  until_true screen_has 'stopping mirror'
  screen_is open-line-80x24
}

@test "a line that was open before rc began stays above the status line" {
  service 0 K01mirror
  body mirror "$sleeps"
  screen_begin 80x24 sh -c 'printf "INIT: Switching to runlevel: 0, "; exec "$0" --root "$1" 0' \
    "$BUILD/rc" "$ROOT"
  until_true screen_has 'stopping mirror'
  screen_is open-before-80x24
}

@test "what somebody else asks while the status line shows stays above it" {
  service 0 K01mirror
  body mirror "$sleeps"
  screen_rc 80x24 0
  until_true screen_has 'stopping mirror'
  printf 'Key: ' >"$(on_tmux display-message -p '#{pane_tty}')"
  sleep 2.5
  screen_is asked-80x24
}
