#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# Broken trees: a message that names what is wrong, every other script still runs, exit status 0.
# Numbers: see rc_run.bats.

load lib/tree

setup() {
  tree_new
  service 2 S01a && service 2 S02z
}
teardown() { tree_end; }

# all_ran [SERVICE...]: whether rc ended well, and a, z and these ran once, nothing else.
all_ran() {
  [ "$status" -eq 0 ] &&
    [ "$(sort "$ROOT/ran" | xargs)" = "$(printf '%s start\n' a z "$@" | sort | xargs)" ]
}

# says TEXT...: whether the output is these lines, beside the one that has a time in it.
says() {
  [ "$(grep -vE '^rc: [0-9]+ services? stopped in ' <<<"$output")" = "$(printf '%s\n' "$@")" ]
}

# bounded COMMAND...: nothing in this file may block.
bounded() { run timeout 60 "$@"; }

# rc_in_namespace COMMANDS LEVEL: rc after COMMANDS, which mount things below $ROOT, as root of a
# namespace of its own.
rc_in_namespace() {
  tree_guard || return 1
  export ROOT
  bounded unshare --user --map-root-user --mount sh -ec "$1"'
    exec "$0" --root "$ROOT" '"$2" "$BUILD/rc"
}

@test "the helpers of these tests refuse an empty ROOT, and /" {
  for ROOT in '' / // /. /root; do
    run rc 2
    [ "$status" -eq 1 ]
    [[ $output == "tree.bash: no tree in ROOT='$ROOT'"* ]]
  done
  ROOT=$BATS_TEST_TMPDIR/root
}

@test "14: no level at all is one line on stderr and exit 1" {
  run rc
  [ "$status" -eq 1 ]
  [ "$output" = 'rc: no LEVEL, and RUNLEVEL is not set; rc --help says more' ]
  [ -z "$(rc 2>/dev/null)" ]
}

@test "unknown options and too many operands are one line and exit 1; nothing runs" {
  for arguments in --frobnicate '2 3' '-q 2' --dry '--root'; do
    # shellcheck disable=SC2086 # words
    run rc $arguments
    [ "$status" -eq 1 ]
    [[ ${#lines[@]} -eq 1 && $output == 'rc: '*'; rc --help says more' ]]
  done
  [ ! -e "$ROOT/ran" ]
}

@test "a level that is none runs nothing, also one that is a path" {
  mkdir -p "$ROOT/etc/rc..d"
  for level in 7 9 . x ../etc/rc2.d '$(touch x)' ''; do
    run rc "$level"
    [ ! -e "$ROOT/ran" ]
  done
}

@test "15: a missing rc4.d is exit 0 and silence, a missing rc0.d is named before the hand-over" {
  run rc 4
  [ "$status" -eq 0 ]
  says ''
  run rc 0
  [ "$status" -eq 0 ]
  says 'rc: /etc/rc0.d: no such directory; nothing is stopped, halt follows' \
    'rc: hand-over: halt -f -i -p -h'
}

@test "a missing init.d, /etc, tree or /run still ends with exit 0" {
  rm -r "$ROOT/etc/init.d/"*
  run rc 2
  [ "$status" -eq 0 ]
  [[ $output == *'/etc/rc2.d/S01a: '*'is missing'* ]]
  rm -r "$ROOT/etc/rc2.d" "$ROOT/etc/default" "$ROOT/run" "$ROOT/proc" "${ROOT:?}/var"
  run rc 2
  [ "$status" -eq 0 ]
  bounded "$BUILD/rc" --root "$ROOT/nowhere" 2
  [ "$status" -eq 0 ]
}

@test "6: a dangling link is named, the others run (differs from startpar: it is no failure)" {
  ln -s ../init.d/gone "$ROOT/etc/rc2.d/S01gone"
  run rc 2
  all_ran
  says 'rc: /etc/rc2.d/S01gone: a link to ../init.d/gone, which is missing; it is left out'
}

@test "7: a script that is not executable is named as failed, the others run" {
  service 2 S01b && chmod -x "$ROOT/etc/init.d/b"
  run rc 2
  all_ran
  says 'S01b: failed, not run: Permission denied' 'rc: service(s) returned failure: b'
}

@test "8: a directory, a link to itself, a FIFO and a socket in place of a script block nothing" {
  mkdir "$ROOT/etc/rc2.d/S01dir"
  ln -s S01loop "$ROOT/etc/rc2.d/S01loop"
  mkfifo "$ROOT/etc/rc2.d/S01fifo" "$ROOT/etc/init.d/pipe"
  link 2 S01pipe
  perl -MIO::Socket::UNIX -e 'chdir shift; IO::Socket::UNIX->new(Local => "S01sock", Listen => 1)' \
    "$ROOT/etc/rc2.d"
  bounded "$BUILD/rc" --root "$ROOT" 2
  all_ran
  for name in S01fifo S01pipe S01sock; do
    [[ $output == *"rc: /etc/rc2.d/$name: neither a file nor a link to one; it is left out"* ]]
  done
  [[ $output == *'rc: /etc/rc2.d/S01loop: a link that leads to itself; it is left out'* ]]
}

@test "a missing interpreter, an empty file and a broken binary do not stop the others" {
  service 2 S01b && service 2 S01c && service 2 S01d
  printf '#!/no/such/shell\n' >"$ROOT/etc/init.d/b"
  : >"$ROOT/etc/init.d/c"
  head -c 2000 /bin/dash >"$ROOT/etc/init.d/d"
  run rc 2
  all_ran
  [[ $output == *'S01b: failed, not run: No such file or directory'* ]]
  [[ $output != *'S01c'* ]]
  [[ $output == *'S01d: failed, '* ]]
}

@test "a script that cannot be started leaves no zombie, and rc's own text appears once" {
  printf '#!/no/such/shell\n' >"$ROOT/etc/init.d/a"
  body z 'ps -o stat= --ppid $PPID | grep -c "^Z" || :'
  run rc 2
  says 'S01a: failed, not run: No such file or directory' 'S02z: 0' \
    'rc: service(s) returned failure: a'
}

@test "a .depend that is a directory, a FIFO, a loop or not readable is named; all scripts run" {
  cd "$ROOT/etc/init.d"
  for kind in 'mkdir .depend.start' 'mkfifo .depend.start' 'ln -s .depend.start .depend.start'; do
    rm -rf .depend.start "$ROOT/ran"
    $kind
    bounded "$BUILD/rc" --root "$ROOT" 2
    all_ran
    [[ $output == 'rc: /etc/init.d/.depend.start: '* ]]
  done
  rm .depend.start "$ROOT/ran"
  depend start 'TARGETS = a z'
  chmod 0 .depend.start
  # Root may read it all the same without these two capabilities taken away.
  bounded setpriv --inh-caps=-all --bounding-set=-dac_override,-dac_read_search "$BUILD/rc" --root "$ROOT" 2
  all_ran
  says 'rc: /etc/init.d/.depend.start: Permission denied; taken as empty'
}

@test "garbage in .depend is named with its line, what makes sense of it counts" {
  depend start 'TARGETS = a z' $'\x80\x01garbage $(touch '"$ROOT"'/pwned)' 'a: z'
  run rc 2
  all_ran
  [[ ${lines[0]} == 'rc: /etc/init.d/.depend.start:2: '* ]]
  [ "$(xargs <"$ROOT/ran")" = "z start a start" ]
  [ ! -e "$ROOT/pwned" ]
}

@test "31: a loop in .depend is named, and both run" {
  depend start 'TARGETS = a z' 'a: z' 'z: a'
  run rc 2
  all_ran
  [[ $output == 'rc: /etc/init.d/.depend.start: cycle: '* ]]
}

@test "39: a line of 60 KB counts to its end (differs from startpar)" {
  depend start "TARGETS = $(seq -s ' ' 100000 108600) z a" "a: $(seq -s ' ' 100000 108600) z"
  run rc 2
  all_ran
  [ "$(xargs <"$ROOT/ran")" = "z start a start" ]
}

@test "16: an empty .depend file: numbers order, all run" {
  for kind in boot start stop; do : >"$ROOT/etc/init.d/.depend.$kind"; done
  service 2 S03b
  run rc 2
  all_ran b
  says ''
  [ "$(xargs <"$ROOT/ran")" = "a start z start b start" ]
}

@test "shell code in a configuration file is not run; file and line are named; the rest counts" {
  {
    echo "LIMIT=\$(touch $ROOT/pwned)"
    echo 'JOBS=`touch '"$ROOT/pwned"'`'
    echo "touch $ROOT/pwned"
    echo 'VERBOSE=yes'
  } >"$ROOT/etc/default/curfew"
  body a 'echo $VERBOSE'
  run rc 2
  all_ran
  for line in 1 2 3; do [[ $output == *"rc: /etc/default/curfew:$line: "* ]]; done
  [[ $output == *'S01a: yes'* ]]
  [ ! -e "$ROOT/pwned" ]
}

@test "a bad value is named with file and line, and the default counts" {
  printf 'VERBOSE=no\nJOBS=lots\n' >"$ROOT/etc/default/curfew"
  run rc 2
  all_ran
  says 'rc: /etc/default/curfew:2: JOBS=lots is no value of it; JOBS=auto is used'
}

@test "configuration that is a FIFO, a directory, binary or empty is named and blocks nothing" {
  mkfifo "$ROOT/etc/default/curfew"
  mkdir "$ROOT/etc/default/rcS"
  head -c 5000 /dev/urandom >"$ROOT/etc/default/halt"
  : >"$ROOT/etc/default/hwclock"
  bounded "$BUILD/rc" --root "$ROOT" 2
  all_ran
  [[ $output == *'/etc/default/curfew: not a regular file; its keys keep their defaults'* ]]
  [[ $output == *'/etc/default/rcS: not a regular file; its keys keep their defaults'* ]]
  [[ $output == *'rc: /etc/default/halt:'* ]]
  [ "$(LC_ALL=C grep -cP '[\x00-\x09\x0b-\x1f\x7f]' <<<"$output")" -eq 0 ]
}

# bats test_tags=unshare
@test "a read-only /run is named once, and every script runs" {
  service 0 K01b && service 0 K01c
  rc_in_namespace 'mount -t tmpfs -o ro none "$ROOT/run"' 0
  [ "$status" -eq 0 ]
  [ "$(sort "$ROOT/ran" | xargs)" = "b stop c stop" ]
  says 'rc: /run/curfew/trace.jsonl: No such file or directory; nothing is recorded' \
    'rc: /run/curfew/control: No such file or directory; curfew skip does not work' \
    'rc: /run/curfew/running: No such file or directory; another rc would begin all scripts again' \
    'rc: hand-over: halt -f -i -p -h'
}

# bats test_tags=unshare
@test "a full /run is named once, and every script runs" {
  service 0 K01b && service 0 K01c
  rc_in_namespace 'mount -t tmpfs -o size=8k none "$ROOT/run"
    cat /dev/zero >"$ROOT/run/zero" 2>/dev/null || :' 0
  [ "$status" -eq 0 ]
  [ "$(sort "$ROOT/ran" | xargs)" = "b stop c stop" ]
  says 'rc: /run/curfew/running: No space left on device; another rc would begin all scripts again' \
    'rc: hand-over: halt -f -i -p -h'
}

@test "/run/curfew as a file or a link elsewhere writes nothing there, and every script runs" {
  echo mine >"$ROOT/run/curfew"
  run rc 2
  all_ran
  [[ $output == 'rc: /run/curfew/trace.jsonl: '*'; nothing is recorded' ]]
  [ "$(cat "$ROOT/run/curfew")" = mine ]
}

# bats test_tags=shipped,unshare
@test "/proc that is not mounted changes nothing" {
  rm -r "$ROOT/proc"
  rc_in_namespace 'mount -t tmpfs none /proc; : >/proc/stat;' 2
  all_ran
}

# bats test_tags=shipped
@test "few descriptors: more scripts than the limit allows all run" {
  for i in {1..40}; do service 2 "S01d$i"; done
  # Those that the tests inherit count as well.
  bounded bash -c 'for fd in /proc/$$/fd/*; do [ "${fd##*/}" -lt 3 ] || eval "exec ${fd##*/}>&-"; done
    ulimit -n 30 && exec "$@"' - "$BUILD/rc" --root "$ROOT" 2
  [ "$status" -eq 0 ] || { echo "$status: $output"; return 1; }
  [ "$(sort -u "$ROOT/ran" | wc -l)" -eq 42 ]
  [ "$(wc -l <"$ROOT/ran")" -eq 42 ]
}

# bats test_tags=shipped
@test "whatever limit of descriptors init leaves rc, the scripts run, with one that a shell can use" {
  body a "echo \"limit \$(ulimit -Sn)\" >'$ROOT/limit'"
  # Only who has CAP_SYS_RESOURCE can raise a hard limit.
  kinds=-Sn
  ! bash -c 'ulimit -n 50 && ulimit -n 60' 2>/dev/null || kinds='-Sn -n'
  for kind in $kinds; do
    for limit in {3..20} 63 64 200; do
      rm -f "$ROOT/ran"
      bounded bash -c 'ulimit "$1" "$2" && shift 2 && exec "$@"' - "$kind" "$limit" \
        "$BUILD/rc" --root "$ROOT" 2
      all_ran
      [ "$(cat "$ROOT/limit")" = "limit $((limit < 64 ? 1024 : limit))" ]
    done
  done
}

# bats test_tags=shipped
@test "where too few descriptors are to be had the stub runs the links, none is left out in silence" {
  for limit in {3..20} 30 40; do
    rm -f "$ROOT/ran"
    bounded setpriv --bounding-set=-sys_resource --inh-caps=-sys_resource \
      bash -c 'ulimit -n "$1" && shift && exec "$@"' - "$limit" "$BUILD/rc" --root "$ROOT" 2
    case $status in
      0) all_ran ;;
      *) [ "$status" -ge 126 ] && [ ! -e "$ROOT/ran" ] ;;
    esac
  done
  [ "$status" -eq 0 ]
}

# injected CALL:ERROR:WHEN LEVEL: rc in whose own process (not its scripts) CALL fails that time.
injected() {
  tree_guard || return 1
  calls=$BATS_TEST_TMPDIR/calls
  run timeout -s KILL 20 strace -E ASAN_OPTIONS=detect_leaks=0 -qq -o "$calls" -e "trace=${1%%:*}" \
    -e "inject=${1%%:*}:error=${1#*:}" "$BUILD/rc" --root "$ROOT" "$2"
}

# What rc calls less often than that cannot fail.
has_failed() { grep -q INJECTED "$calls"; }

@test "a call that fails once while rc reads the links costs no stop" {
  service 0 K01a
  for call in getdents64:EIO openat:EMFILE newfstatat:ENOMEM fcntl:EMFILE read:EIO; do
    for when in {1..24}; do
      rm -f "$ROOT/ran"
      injected "$call:when=$when" 0
      ran a || [ "$status" -gt 125 ] || { echo "$call $when: $status, $output" && return 1; }
      has_failed || break
    done
    [ "$when" -gt 3 ]
  done
}

@test "where rc0.d cannot be read its twin tells what to stop; without one rc leaves it to its stub" {
  service 0 K01a && service 6 K01b && service 6 K02reboot
  injected getdents64:EIO:when=1+ 0
  [ "$status" -eq 126 ]
  [[ $output == *"rc: /etc/rc0.d: Input/output error; no script is run from here"* ]]
  [ ! -e "$ROOT/ran" ]
  run timeout -s KILL 20 strace -E ASAN_OPTIONS=detect_leaks=0 -qq -o /dev/null -P "$ROOT/etc/rc0.d" -e inject=getdents64:error=EIO \
    "$BUILD/rc" --root "$ROOT" 0
  [ "$status" -eq 0 ]
  [[ $output == *"rc: /etc/rc0.d: Input/output error; the links of /etc/rc6.d are used"* ]]
  [ "$(cat "$ROOT/ran")" = "b stop" ]
}

@test "a level that cannot be read is not taken for an empty one by curfew plan" {
  run strace -E ASAN_OPTIONS=detect_leaks=0 -qq -o /dev/null -P "$ROOT/etc/rc2.d" -e inject=getdents64:error=EIO \
    "$BUILD/curfew" plan 2 --root "$ROOT"
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: /etc/rc2.d: Input/output error; there is no plan" ]
}

@test "a call of the event loop that fails once costs no script its end, nor another script its turn" {
  service 2 S03b && body a 'echo hello'
  for call in ioctl:EIO epoll_ctl:ENOMEM pidfd_open:EMFILE timerfd_settime:EINVAL; do
    for when in {1..24}; do
      rm -f "$ROOT/ran"
      injected "$call:when=$when" 2
      [ "$status" -eq 126 ] && [ ! -e "$ROOT/ran" ] && continue  # before the first script
      all_ran b || { echo "$call $when: $status, $output, $(cat "$ROOT/ran")" && return 1; }
      has_failed || break
    done
    [ "$when" -gt 1 ]
  done
}

@test "a limit of what a file may hold does not end rc" {
  run prlimit --fsize=0 "$BUILD/rc" --root "$ROOT" 0
  [ "$status" -eq 0 ]
  [[ $output == *"rc: hand-over: halt"* ]]
  service 2 S03b
  body b 'grep SigIgn: /proc/self/status'
  rc 2 | grep -qx 'S03b: SigIgn:.*0000000000300000' # SIGTTIN and SIGTTOU, and not SIGXFSZ
}

@test "links and FIFOs of a tree lead no state file, trace or script out of it, and hold nothing up" {
  service 0 K01a && service 6 K01a
  mkdir "$BATS_TEST_TMPDIR/host" && cp "$ROOT/etc/init.d/a" "$BATS_TEST_TMPDIR/host/a"
  rm -r "$ROOT/run" && ln -s "$BATS_TEST_TMPDIR/host" "$ROOT/run"
  bounded "$BUILD/rc" --root "$ROOT" 0
  [ "$status" -eq 0 ] && ran a
  [ "$(ls "$BATS_TEST_TMPDIR/host")" = a ]
  rm "$ROOT/run" && mkdir -p "$ROOT/run/curfew"
  for file in stopped running left trace.jsonl control; do mkfifo "$ROOT/run/curfew/$file"; done
  PREVLEVEL=0 bounded "$BUILD/rc" --root "$ROOT" 6
  [ "$status" -eq 0 ]
  [ "$(xargs <"$ROOT/ran")" = "a stop a stop" ]
}

@test "where scripts run by their links, an absolute link of the tree runs the tree's script" {
  : >"$ROOT/etc/init.d/.legacy-bootordering"
  name=order-test-of-curfew
  script "$name" && mkdir -p "$ROOT/etc/rc0.d"
  ln -s "/etc/init.d/$name" "$ROOT/etc/rc0.d/K01$name"
  bounded "$BUILD/rc" --root "$ROOT" 0
  ran "$name"
}

# bats test_tags=shipped
@test "a state file or utmp of gigabytes costs rc no memory" {
  service 0 K01a
  mkdir -p "$ROOT/run/curfew"
  for file in curfew/stopped curfew/running curfew/left utmp; do truncate -s 3G "$ROOT/run/$file"; done
  PREVLEVEL=6 run timeout 20 bash -c 'ulimit -v 400000; exec "$@"' bash "$BUILD/rc" --root "$ROOT" 0
  [ "$status" -eq 0 ]
  ran a
}
