#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our start-stop-daemon beside dpkg's, on real processes: what both say, send and leave is the same.
# The one of this machine stays in its place.
# shellcheck disable=SC2016  # the words of a case are replaced by `words`

setup_file() {
  export THEIRS=/sbin/start-stop-daemon OURS=${BUILD:-$BATS_TEST_DIRNAME/../build}/start-stop-daemon
  OURS=$(realpath "$OURS")
  export LC_ALL=C
}

setup() {
  [ -x "$THEIRS" ] || skip "dpkg's start-stop-daemon is not here"
  T=$BATS_TEST_TMPDIR
  chmod 755 "$BATS_RUN_TMPDIR" "$T" "$(dirname "$T")"
  daemon=$(realpath "$BATS_TEST_DIRNAME/lib/stopped-daemon")
  # Other users run it, too.
  cp "$daemon" "$OURS" "$T"
  cases=0
}

teardown() {
  find "$T" -name pids -exec cat {} + | while read -r pid; do kill -KILL "$pid" 2>/dev/null || :; done
}

# start KIND: $exe as a daemon of this kind, whose pid is in $pid then.  Nothing for "none".
start() {
  pid=4194304 # more than any pid
  [ "$1" != none ] || return 0
  case $1 in
    unreaped)
      # shellcheck disable=SC2016
      perl -e 'my $p = fork; exec @ARGV if !$p; select undef, undef, undef, 0.6; waitpid $p, 0; exit' \
        "$exe" "$T/stopped-daemon" "$1" "$dir" 3>&- &
      ;;
    *) "$exe" "$T/stopped-daemon" "$1" "$dir" 3>&- & ;;
  esac
  echo $! >>"$dir/pids"
  until [ -s "$dir/pid" ]; do sleep 0.01; done
  pid=$(<"$dir/pid")
  # Those of a daemon have all its name.
  pgrep -x "$name" >>"$dir/pids" || :
}

# pidfile STATE: makes $file of that sort.
pidfile() {
  local text=$pid
  case $1 in
    none) return ;;
    stale) text=4194304 ;;
    other) text=$other ;;
    garbage) text=daemon ;;
    empty) text= ;;
    tail) text="  $pid daemon" ;;
    folder)
      mkdir "$file"
      return
      ;;
    link)
      echo "$pid" >"$dir/real"
      ln -s real "$file"
      return
      ;;
  esac
  echo "$text" >"$file"
  case $1 in
    writable) chmod 666 "$file" ;;
    hidden) chmod 600 "$file" ;;
    users) chown nobody "$file" ;;
    groups) chgrp nogroup "$file" ;;
  esac
}

# signals: those that the daemon got, when it has dealt with all.
signals() {
  local tries
  for tries in {1..100}; do
    kill -WINCH "$pid" 2>/dev/null || break
    if grep -qx END "$dir/signals" 2>/dev/null || grep -qs '^State:.Z' "/proc/$pid/status"; then break; fi
    sleep 0.02
  done
  [ ! -e "$dir/signals" ] || grep -vx END "$dir/signals" | sort
}

# words WORD...: with what stands for the daemon of this run.
words() {
  local word
  for word; do
    word=${word//@file/$file} word=${word//@exe/$exe} word=${word//@name/$name} word=${word//@pid/$pid}
    argv+=("$word")
  done
}

# one SIDE PROGRAM USER KIND STATE WORD...: prints what this program makes of the case.
one() {
  local side=$1 program=$2 user=$3 kind=$4 state=$5
  shift 5
  local dir=$T/$cases$side name=ssd$cases$side${BASHPID} argv=() as=() pid other
  local exe=$dir/$name file=$dir/file
  mkdir "$dir"
  chmod 777 "$dir"
  cp /usr/bin/perl "$exe"
  sleep 30 3>&- &
  other=$!
  echo "$other" >"$dir/pids"
  start "$kind"
  pidfile "$state"
  # Only who owns the folder removes something from it.
  [ "$state" != kept ] || chmod 755 "$dir"
  words "$@"
  [ "$user" = root ] || as=(setpriv --reuid="$user" --regid=nogroup --clear-groups)
  (cd / && exec "${as[@]}" timeout -s KILL 25 "$program" "${argv[@]}" >"$dir/out" 2>"$dir/err")
  echo "status $?"
  echo "pidfile $([ -e "$file" ] || echo gone)"
  echo "others $(kill -0 "$other" && echo live)"
  # Processes that are only to be reaped are none.
  echo "left $(ps -C "$name" -o stat= | grep -vc Z)"
  signals
  pgrep -x "$name" >>"$dir/pids"
  for shown in out err; do
    # A worker's pid is none that the test knows. dpkg 1.23 says "cannot kill".
    sed -E -e "s|$program|PROGRAM|g; s|$dir|DIR|g; s|$name|NAME|g" -e 's/\b[0-9]{2,7}\b/PID/g; s/cannot kill/failed to kill/' \
      -e "s/^/$shown: /" "$dir/$shown"
  done
  while read -r pid; do kill -KILL "$pid"; done <"$dir/pids" 2>/dev/null
  wait 2>/dev/null
}

# same USER KIND STATE WORD...
same() {
  cases=$((cases + 1))
  [ "$1" = root ] || [ "$(id -u)" = 0 ] || return 0
  one t "$THEIRS" "$@" >"$T/theirs" 2>/dev/null &
  one o "$T/start-stop-daemon" "$@" >"$T/ours" 2>/dev/null
  wait
  grep -q '^status ' "$T/theirs" || { echo "did not run: $*"; return 1; }
  diff "$T/theirs" "$T/ours" || { echo "differs: $*"; return 1; }
}

# table: a case a line, as the arguments of `same`; fails after all.
table() {
  local line failed=0
  while read -r line; do
    eval "set -- $line"
    [ $# -eq 0 ] || same "$@" || failed=1
  done
  [ "$cases" -gt 0 ] && [ "$failed" = 0 ]
}

@test "each option that says which process is meant" {
  table <<'END'
    root quick good --stop --retry 5 --pidfile @file
    root quick none --stop --retry 5 --pid @pid
    root quick none --stop --retry 5 --exec @exe
    root quick none --stop --retry 5 --name @name
    root quick none --stop --retry 5 --exec @exe --user root
    root quick none --stop --retry 5 --exec @exe --user 0
    root quick none --stop --retry 5 --exec @exe --user nobody
    root quick none --stop --retry 5 --exec @exe --user 12
    root quick good --stop --retry 5 --pidfile @file --exec @exe --name @name --user root
    root quick good --stop --retry 5 --pidfile @file --exec /bin/true
    root quick good --stop --retry 5 --pidfile @file --name other
    root workers none --stop --retry 5 --ppid @pid
    root workers none --stop --retry 5 --ppid @pid --exec @exe
    root workers none --stop --retry 5 --ppid @pid --name other
    root workers none --stop --retry 5 --exec @exe
    root workers good --stop --retry 5 --pidfile @file --exec @exe
    nobody quick none --stop --retry 5 --pid @pid
    nobody quick none --stop --retry 5 --name @name
END
}

@test "the wait is ours: no other program, signals by pidfd, and no pause by the clock" {
  dir=$T/w exe=$T/w/ssdtraced name=ssdtraced
  mkdir "$dir"
  cp /usr/bin/perl "$exe"
  start slow
  run strace -f -o "$T/trace" -e trace=execve,pidfd_open,pidfd_send_signal,kill,poll,ppoll,pselect6,clock_nanosleep \
    "$OURS" --stop --retry 5 --exec "$exe" --verbose
  cat "$T/trace"
  [ "$status" -eq 0 ]
  [ "$output" = "Stopped $exe (pid $pid)." ]
  [ "$(grep -c execve "$T/trace")" -eq 1 ]
  grep -q "pidfd_send_signal([0-9]*, SIGTERM" "$T/trace"
  # shellcheck disable=SC2314 # the last command
  ! grep -E '[^_]kill\(|pselect6|nanosleep' "$T/trace"
}

@test "where the kernel has no pidfds dpkg's program does it all" {
  for error in ENOSYS EPERM; do
    dir=$T/$error exe=$T/$error/ssdtraced name=ssdtraced
    mkdir "$dir"
    cp /usr/bin/perl "$exe"
    start quick
    run strace -o "$T/trace" -e inject=pidfd_open:error=$error -e trace=execve,pidfd_open,pidfd_send_signal,kill \
      "$OURS" --stop --retry 5 --exec "$exe" --verbose
    [ "$status" -eq 0 ]
    [ "$output" = "Stopped $exe (pid $pid)." ]
    sed -E 's/[( ].*//' "$T/trace" | head -n 4 | diff - <(printf '%s\n' execve pidfd_open execve kill)
  done
}

@test "each option that says what is done" {
  table <<'END'
    root deaf good --stop --retry 1 --pidfile @file
    root deaf good --stop --retry 1 --pidfile @file --verbose
    root deaf good --stop --retry 1 --pidfile @file --quiet
    root quick good --stop --retry 5 --pidfile @file --verbose --quiet
    root quick good --stop --retry 5 --pidfile @file --quiet --verbose
    root deaf good --stop --retry 1 --pidfile @file --signal HUP --verbose
    root deaf good --stop --retry 1 --pidfile @file --signal 10
    root deaf good --stop --retry 1 --pidfile @file --signal 0 --verbose
    root quick good --stop --retry 5 --pidfile @file --signal 99
    root quick good --stop --retry 5 --pidfile @file --remove-pidfile
    root none stale --stop --retry 5 --pidfile @file --remove-pidfile
    root none none --stop --retry 5 --pidfile @file --remove-pidfile --oknodo
    root deaf good --stop --retry TERM/0 --pidfile @file --remove-pidfile
    root none none --stop --retry 5 --pidfile @file --oknodo
    root none none --stop --retry 5 --pidfile @file --oknodo --quiet
    root none none --stop --retry 5 --pidfile @file --verbose
    root none none --stop --retry 5 --exec @exe
    root none none --stop --retry 5 --name @name --verbose
    root none none --stop --retry 5 --pid @pid
    root none none --stop --retry 5 --ppid @pid
    root none none --stop --retry 5 --user 54321
    root deaf none --stop --retry 1 --exec @exe --verbose
    root workers none --stop --retry 1 --ppid @pid --verbose --name @name
END
}

@test "the ways to write options: short, in one word, shortened, in any order" {
  table <<'END'
    root quick good -K -R5 -p @file -v
    root quick good -KoqR 5 -p@file
    root quick good -Kv -R TERM/5 -x @exe -n @name -u root -p @file -s HUP
    root quick good --sto --ret=5 --pidf=@file --verb
    root quick good --re 5 --stop --pidfile @file
    root quick good extra --retry=5 words --pidfile @file -K -- --quiet
    root quick good --pidfile /nonexistent --pidfile @file --retry 1 --retry 5 --stop --stop
    root quick good --stop --retry 5 --pidfile
    root quick good --stop --retry 5 --pidfile @file --unknown
    root quick good --stop --retry 5 --pidfile @file -Z
END
}

@test "schedules, whole and wrong" {
  table <<'END'
    root deaf good --stop --retry TERM/1/KILL/5 --pidfile @file --verbose
    root deaf good --stop --retry 0/1/KILL/5 --pidfile @file --verbose
    root deaf good --stop --retry -15/0/-HUP/0/USR1/1/-9/5 --pidfile @file --verbose
    root deaf good --stop --retry TERM/1/HUP/1 --pidfile @file --verbose
    root deaf good --stop --retry TERM/HUP --pidfile @file --verbose
    root unreaped good --stop --retry KILL/0/TERM/0/TERM/5 --pidfile @file --verbose
    root slow good --stop --retry TERM/forever/1/HUP/1/KILL/1 --pidfile @file --verbose
    root deaf good --stop --retry HUP/forever/1/KILL --pidfile @file --verbose
    root slow good --stop --retry forever/TERM/1 --pidfile @file --verbose
    root deaf good --stop --retry 1/KILL/5 --pidfile @file --verbose
    root none none --stop --retry 1/KILL/5 --pidfile @file --verbose
    root quick good --stop --retry forever --pidfile @file
    root quick good --stop --retry TERM --pidfile @file
    root quick good --stop --retry TERM/forever --pidfile @file
    root quick good --stop --retry forever/1/forever/1 --pidfile @file
    root quick good --stop --retry TERM//5 --pidfile @file
    root quick good --stop --retry /5 --pidfile @file
    root quick good --stop --retry TERM/5/ --pidfile @file
    root quick good --stop --retry '' --pidfile @file
    root quick good --stop --retry '+5/5' --pidfile @file
    root quick good --stop --retry SIGTERM/5 --pidfile @file
    root quick good --stop --retry TERM/5x --pidfile @file
    root quick good --stop --retry TERM/99999999999 --pidfile @file
    root quick good --stop --retry TERM/00000000000000000005 --pidfile @file
END
}

@test "daemons that end late, leave an heir, become another program or are not reaped" {
  table <<'END'
    root slow good --stop --retry 5 --pidfile @file --verbose
    root slow none --stop --retry 5 --exec @exe --verbose
    root heir none --stop --retry TERM/2/KILL/5 --exec @exe --verbose
    root heir good --stop --retry TERM/2 --pidfile @file --exec @exe --verbose
    root changed none --stop --retry TERM/2 --exec @exe --verbose
    root changed none --stop --retry TERM/2 --name @name --verbose
    root unreaped good --stop --retry TERM/3 --pidfile @file --verbose
    root unreaped good --stop --retry TERM/0/KILL/3 --pidfile @file --verbose
    root unreaped none --stop --retry TERM/3 --exec @exe --verbose
END
}

@test "pidfiles that are not there, hold something else, or that somebody else can write" {
  table <<'END'
    root quick stale --stop --retry 5 --pidfile @file --verbose
    root quick stale --stop --retry 5 --pidfile @file --exec @exe --verbose
    root quick other --stop --retry 5 --pidfile @file --exec @exe
    root quick other --stop --retry 5 --pidfile @file --name @name --oknodo
    root quick garbage --stop --retry 5 --pidfile @file
    root quick empty --stop --retry 5 --pidfile @file
    root quick tail --stop --retry 5 --pidfile @file
    root quick folder --stop --retry 5 --pidfile @file
    root quick link --stop --retry 5 --pidfile @file
    root quick good --stop --retry 5 --pidfile @file/x
    root quick none --stop --retry 5 --pidfile /nonexistent/file
    root quick none --stop --retry 5 --pidfile /dev/null
    root quick none --stop --retry 5 --pidfile /dev/null --exec @exe
    root quick writable --stop --retry 5 --pidfile @file
    root quick writable --stop --retry 5 --pidfile @file --exec @exe
    root quick users --stop --retry 5 --pidfile @file
    root quick users --stop --retry 5 --pidfile @file --exec @exe
    root quick groups --stop --retry 5 --pidfile @file
    root quick groups --stop --retry 5 --pidfile @file --name @name
    nobody quick good --stop --retry 5 --pidfile @file
    nobody quick users --stop --retry 5 --pidfile @file
    nobody quick hidden --stop --retry 5 --pidfile @file
    nobody quick hidden --stop --retry 5 --pidfile @file --exec @exe
    nobody none stale --stop --retry 5 --pidfile @file --remove-pidfile
    nobody none kept --stop --retry 5 --pidfile @file --remove-pidfile --verbose
END
}

@test "all else is dpkg's: other commands, options of a start, values that are wrong" {
  table <<'END'
    root deaf good --stop --pidfile @file --verbose
    root quick good --stop --retry 5 --pidfile @file --test
    root quick good --status --pidfile @file
    root none stale --status --pidfile @file
    root none none -T --pidfile @file
    root none none --start --exec @exe -- -e 'print join(q(,), @ARGV); exit 4' -- one 'two words' --retry 5 --stop
    root quick none --start --exec @exe
    root none none --help
    root none none --version
    root none none
    root quick good --stop --start --retry 5 --pidfile @file
    root quick good --retry 5 --pidfile @file
    root quick good --stop --retry 5
    root quick good --stop --retry 5 --pidfile @file --pid @pid
    root quick good --stop --retry 5 --exec @exe --remove-pidfile
    root quick good --stop --retry 5 --pid 0
    root quick good --stop --retry 5 --pid x
    root quick good --stop --retry 5 --ppid ''
    root quick good --stop --retry 5 --signal SIGTERM --pidfile @file
    root quick good --stop --retry 5 --exec /nonexistent
    root quick good --stop --retry 5 --exec bin/true --pidfile @file
    root quick good --stop --retry 5 --exec @name --chdir / --pidfile @file
    root quick good --stop --retry 5 --user nosuchuser --pidfile @file
    root quick good --stop --retry 5 --name sixteen-letters-x --pidfile @file
    root quick good --stop --retry 5 --pidfile @file --chuid nobody
    root quick good --stop --retry 5 --pidfile @file --chuid nosuchuser
    root quick good --stop --retry 5 --pidfile @file --chuid nobody:nogroup
    root quick good --stop --retry 5 --pidfile @file --make-pidfile --startas /bin/true
    root quick good --stop --retry 5 --exec @exe --make-pidfile
    root quick good --stop --retry 5 --pidfile @file --background
END
}
