#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# tests/bench/waits, which made the table of init.d/WAITS.md, on scripts whose waits are known.

# waits: what it says of the script on standard input.
waits() {
  cat > "$BATS_TEST_TMPDIR/service"
  "$BATS_TEST_DIRNAME/bench/waits" "$BATS_TEST_TMPDIR/service" | tr '\t' ,
}

@test "a fixed sleep, also in a function that stop calls, and none of start's" {
  run waits << 'END'
PAUSE=3
stop_server() {
  kill "$1"
  sleep $PAUSE  # until it has written its state
}
case "$1" in
  start) sleep 9 ;;
  stop) stop_server; sleep 0.5 ;;
esac
END
  [ "$output" = service,3.5,, ]
}

@test "a loop lasts as many turns as its list or its bound has; without a bound it is a question" {
  run waits <<< 'case "$1" in stop) for i in 1 2 3 4; do sleep 2; done ;; esac'
  [ "$output" = service,,8, ]
  run waits <<< 'case "$1" in stop) while [ $n -lt 30 ]; do sleep 1; done ;; esac'
  [ "$output" = service,,30, ]
  run waits <<< 'case "$1" in stop) while kill -0 $p; do sleep 1; done ;; esac'
  [ "$output" = 'service,,?,' ]
}

@test "start-stop-daemon's schedule is added up, a number alone counts twice, no wait is no line" {
  run waits <<< 'case "$1" in stop) start-stop-daemon --stop --retry=TERM/30/KILL/5 ;; esac'
  [ "$output" = service,,,35 ]
  run waits <<< 'case "$1" in stop) start-stop-daemon --stop --retry 5 ;; esac'
  [ "$output" = service,,,10 ]
  run waits <<< 'case "$1" in stop) killproc daemon ;; esac'
  [ -z "$output" ]
}
