# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# The sleep of bash-builtins, where that is installed, is no process, which is worth more than the work
# beside which a test waits. Only within() uses it: elsewhere a sleep is a process that one can see.
if enable -f sleep sleep 2> /dev/null; then enable -n sleep; fi

# within SECONDS COMMAND...: calls it until it succeeds, each 20 ms at first and each 100 ms later; false
# if it never does.  Waits for something to happen, never for time to pass.
within() {
  local begin=${EPOCHREALTIME/[.,]/} now pause limit=$(($1 * 1000000))
  shift
  until "$@"; do
    now=$((${EPOCHREALTIME/[.,]/} - begin))
    [ "$now" -lt "$limit" ] || return 1
    pause=$((now / 16))
    printf -v pause '0.%06d' "$((pause < 20000 ? 20000 : pause > 100000 ? 100000 : pause))"
    enable sleep 2> /dev/null || :
    sleep "$pause"
    enable -n sleep 2> /dev/null || :
  done
}
