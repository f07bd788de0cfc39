#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stage kill on real processes.  Each body runs as a script inside, is an ancestor of halt there
# and so outlives it.  It has a session of its own: the terminal of who tests would bring HUP to all
# in it.

load guard.bash

# Runs the script on standard input inside; `alive PID` in it is true while PID is no zombie.
kills() {
  local script
  # shellcheck disable=SC2016  # expanded by the shell inside
  script='. /tests/ns/guard.bash; require_inside; set -e; unset RUNLEVEL INIT_VERSION
    no() { if "$@"; then echo "not so: $*"; exit 1; fi; }
    alive() { grep -q "^State:[[:blank:]]*[^ZX]" "/proc/$1/status" 2> /dev/null; }
    patience() { echo "KILL_WAIT=$1" > /etc/default/curfew; }
    stage_kill() { /curfew/halt --stage kill "$@" > /tmp/out 2>&1; cat /tmp/out; }  # no pipe: it ends
    in_level_0() { RUNLEVEL=0 INIT_VERSION=x stage_kill "$@"; }
    '$(cat)
  run inside setsid -w bash -c "$script" < /dev/null
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "what obeys TERM may finish its work and is not killed" {
  kills << 'END'
    (trap 'sleep 0.2; echo saved > /tmp/saved; exit' TERM; while :; do sleep 0.05; done) &
    for _ in {1..20}; do sleep 1000 & done
    sleep 0.3
    stage_kill
    grep -q 'processes ended in' /tmp/out
    no grep killed: /tmp/out
    [ "$(cat /tmp/saved)" = saved ]
    no pgrep -x sleep
END
}

@test "what ignores TERM is killed after KILL_WAIT, not before, and named" {
  kills << 'END'
    patience 1
    bash -c 'trap "" TERM; exec sleep 1000' & deaf=$!
    sleep 1000 & meek=$!
    sleep 0.3
    begin=$SECONDS
    stage_kill
    [ $((SECONDS - begin)) -ge 1 ]
    [ $((SECONDS - begin)) -le 4 ]
    no alive $deaf
    no alive $meek
    grep -q "killed: sleep\[$deaf\]$" /tmp/out
END
}

@test "a stopped process hears TERM, too" {
  kills << 'END'
    bash -c 'trap "echo heard > /tmp/heard; exit" TERM; while :; do sleep 0.05; done' & pid=$!
    sleep 0.3
    kill -STOP $pid
    stage_kill
    [ "$(cat /tmp/heard)" = heard ]
    no grep killed: /tmp/out
END
}

@test "HUP goes to what has a terminal, and to nothing else" {
  kills << 'END'
    cat > /tmp/ears << 'EARS'
rounds=10000
trap "echo hup >> /tmp/$1; exit" HUP
# On a busy machine HUP comes after it: listen a little longer.
trap "echo term >> /tmp/$1; rounds=10" TERM
touch /tmp/$1.listens
while ((rounds-- > 0)); do sleep 0.05; done
EARS
    setsid script -qc 'bash /tmp/ears tty' /dev/null < /dev/null > /dev/null &
    setsid bash /tmp/ears none &
    until [ -e /tmp/tty.listens ] && [ -e /tmp/none.listens ]; do sleep 0.05; done
    stage_kill
    grep -q hup /tmp/tty
    [ "$(cat /tmp/none)" = term ]
END
}

@test "processes that fork and exit without end leave nobody" {
  kills << 'END'
    patience 1
    printf '#!/bin/sh\ntrap "" TERM HUP\n/tmp/hopper &\n' > /tmp/hopper
    chmod 755 /tmp/hopper
    for _ in {1..10}; do /tmp/hopper & done
    until pgrep -x hopper > /dev/null; do :; done
    stage_kill
    sleep 0.2
    no pgrep -x hopper
END
}

@test "74, 76: pids in the omit files live, garbage and dangling links there are not minded" {
  kills << 'END'
    for n in 1 2 3; do setsid sleep 1000 & pids[n]=$!; done
    mkdir /run/sendsigs.omit.d
    echo "nonsense ${pids[1]} -7" > /run/sendsigs.omit
    echo "${pids[2]}" > /run/real.pid
    ln -s /run/real.pid /run/sendsigs.omit.d/linked
    ln -s /nowhere /run/sendsigs.omit.d/dangling
    mkfifo /run/sendsigs.omit.d/fifo
    in_level_0
    alive "${pids[1]}"
    alive "${pids[2]}"
    no alive "${pids[3]}"
END
}

@test "on the way to level 1 the omit files do not count" {
  kills << 'END'
    setsid sleep 1000 & pid=$!
    echo $pid > /run/sendsigs.omit
    RUNLEVEL=1 INIT_VERSION=x stage_kill
    no alive $pid
END
}

@test "the sessions handed over by rc live, with all that is in them" {
  kills << 'END'
    setsid bash -c 'sleep 1000 & wait' & session=$!
    setsid sleep 1000 & other=$!
    sleep 0.3
    echo $session > /tmp/sessions
    exec 9< /tmp/sessions
    stage_kill --spare-fd 9
    alive $session
    [ "$(pgrep -s $session -x sleep | wc -l)" -eq 1 ]
    no alive $other
END
}

@test "root's process with an @ lives, another user's does not" {
  kills << 'END'
    setsid bash -c 'exec -a @storage sleep 1000' & root=$!
    setsid setpriv --reuid=1000 --clear-groups bash -c 'exec -a @storage sleep 1000' & user=$!
    sleep 0.3
    stage_kill
    alive $root
    no alive $user
END
}

@test "with fewer descriptors than processes all end" {
  kills << 'END'
    for _ in {1..100}; do sleep 1000 & done
    sleep 0.3
    ulimit -n 45
    stage_kill
    no pgrep -x sleep
    grep -q '100 processes ended' /tmp/out
    no grep killed: /tmp/out
END
}

@test "a dry run counts them and harms nobody" {
  kills << 'END'
    for _ in {1..3}; do sleep 1000 & done
    sleep 0.3
    stage_kill --dry-run
    grep -q 'would send SIGTERM to 3 processes' /tmp/out
    grep -qx '  would end sleep (3)' /tmp/out
    [ "$(pgrep -xc sleep)" -eq 3 ]
END
}

@test "without /proc the last halt ends all the same, by a signal to all, and says so" {
  run inside bash -c '. /tests/ns/guard.bash; require_inside
    bash -c "trap \"echo heard\" TERM; while :; do sleep 0.1; done" & sleep 0.3
    echo KILL_WAIT=1 > /etc/default/curfew
    umount -l /proc
    exec /curfew/halt --fast -p'
  echo "$output"
  [[ $output == *heard* ]]
  [[ $output == *'/proc is not mounted and cannot be'* ]]
  [[ $output == *'all get SIGTERM, and SIGKILL after 1 s'* ]]
  [[ $output == *'/proc/self/mountinfo cannot be read; / is '* ]]
  [[ $output == *'ended by reboot(2)'* ]]
}
