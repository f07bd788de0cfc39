# SPDX-License-Identifier: GPL-2.0-or-later
# rc on the screen of a real terminal, tmux's: `load lib/screen` behind `load lib/tree`.
# shellcheck disable=SC2154 # BATS_... come from bats

# screen_begin SIZE COMMAND...: COMMAND on a new screen of that size (80x24), which stays when it ends.
# TERM is tmux's own, or $SCREEN_TERM.
screen_begin() {
  tree_guard || return 1
  local size=$1 command
  shift
  printf -v command '%q ' env -u NO_COLOR "TERM=${SCREEN_TERM:-screen}" "$@"
  echo 'set -g status off' >"$BATS_TEST_TMPDIR/tmux.conf"
  on_tmux -f "$BATS_TEST_TMPDIR/tmux.conf" new-session -d -x "${size%x*}" -y "${size#*x}" \
    "$command; exec sleep 1000" 3>&-
}

# screen_rc SIZE ARGS...: the same for rc.
screen_rc() {
  tree_guard || return 1
  local size=$1
  shift
  screen_begin "$size" "$BUILD/rc" --root "$ROOT" "$@"
}

on_tmux() { tmux -S "$BATS_TEST_TMPDIR/tmux" "$@"; }

# screen_type KEY...: as tmux(1) names keys.
screen_type() { on_tmux send-keys "$@"; }

# screen_has PATTERN: whether a row of the screen has it now.
screen_has() { on_tmux capture-pane -p | grep -qE -e "$1"; }

# screen: the rows of the screen, without empty ones at its end. Times, pids and the kernel's name of
# what a process waits for have become TIME, PID and CHANNEL.
screen() {
  on_tmux capture-pane -p | sed -E '
    s/[0-9]+(\.[0-9]+)? s\b/TIME/g
    s/([a-z]+)\[[0-9]+\] S ?[a-z_]*/\1[PID] S CHANNEL/g
    s/\[[0-9]+\]/[PID]/g' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
}

# screen_is NAME: whether the screen is as tests/screens/NAME has it behind its first line, the
# licence; the difference, if not.
screen_is() {
  screen >"$BATS_TEST_TMPDIR/screen"
  tail -n +2 "$BATS_TEST_DIRNAME/screens/$1" | diff -u --label "$1" - "$BATS_TEST_TMPDIR/screen"
}

screen_end() { on_tmux kill-server 2>/dev/null || :; }
