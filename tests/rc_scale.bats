#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# Many services. Numbers: see rc_run.bats.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# many COUNT COMMANDS: services s0000 ... of level 0 with one script for all.
many() {
  mkdir -p "$ROOT/etc/rc0.d"
  printf '#!/bin/sh\nn=${0##*/}\n%s\n' "$2" >"$ROOT/etc/init.d/s0000"
  chmod 755 "$ROOT/etc/init.d/s0000"
  local i name
  for ((i = 0; i < $1; ++i)); do
    printf -v name 's%04d' "$i"
    ((i == 0)) || ln "$ROOT/etc/init.d/s0000" "$ROOT/etc/init.d/$name"
    printf '%s\0%s\0' "../init.d/$name" "$ROOT/etc/rc0.d/K01$name"
  done | xargs -0 -n 2 ln -s
}

# bats test_tags=shipped
@test "39: of 1,000 services in lines of 60 KB each runs once, in the order of .depend" {
  many 1000 "echo \"begin \$n\" >>'$ROOT/ran'; echo \"end \$n\" >>'$ROOT/ran'"
  # Each waits for up to three lower ones; the last for all.
  awk -v seed=7 'BEGIN {
    srand(seed); printf "TARGETS ="
    for (i = 0; i < 1000; ++i) printf " s%04d", i
    printf "\n"
    for (i = 1; i < 999; ++i) {
      printf "s%04d:", i
      for (k = 0; k < 3; ++k) printf " s%04d", int(rand() * i)
      printf "\n"
    }
    printf "s0999:"
    for (round = 0; round < 10; ++round) for (i = 0; i < 999; ++i) printf " s%04d", i
    printf "\n"
  }' >"$ROOT/etc/init.d/.depend.stop"
  [ "$(wc -L <"$ROOT/etc/init.d/.depend.stop")" -gt 59000 ]
  rc 0 >"$ROOT/out"
  [ "$(sort "$ROOT/ran" | uniq | wc -l)" -eq 2000 ]
  [ "$(wc -l <"$ROOT/ran")" -eq 2000 ]
  # A service begins when all that its line names have ended.
  awk 'NR == FNR { at[$0] = FNR; next }
    $1 ~ /:$/ {
      name = substr($1, 1, length($1) - 1)
      for (i = 2; i <= NF; ++i) if (at["end " $i] > at["begin " name]) { print name, $i; bad = 1 }
    }
    END { exit bad }' "$ROOT/ran" "$ROOT/etc/init.d/.depend.stop"
}

@test "50 independent services of 0.2 s take far less than one by one" {
  many 50 "sleep 0.2; echo \"\$n\" >>'$ROOT/ran'"
  begin=${EPOCHREALTIME/./}
  rc 0 >"$ROOT/out" </dev/null
  took=$((${EPOCHREALTIME/./} - begin))
  [ "$(sort -u "$ROOT/ran" | wc -l)" -eq 50 ]
  # One by one they take 10 s; how close to 0.2 s this comes is for make bench.
  ((took < 5000000))
}

@test "a hundred services that wait for each other all run at one time" {
  # With its other end open, nobody waits to open it.
  mkfifo "$ROOT/gate" && exec {gate}<>"$ROOT/gate"
  many 100 "echo here; read -r _ <'$ROOT/gate'; echo met"
  timeout 60 "$BUILD/rc" --root "$ROOT" 0 >"$ROOT/out" 2>&1 </dev/null 3>&- {gate}>&- &
  # The gate opens when all have said that they are there; one that had to wait never would.
  # shellcheck disable=SC2016
  until_true sh -c '[ "$(grep -c ": here$" "$1")" -eq 100 ]' sh "$ROOT/out"
  printf '%100s' '' | tr ' ' '\n' >&"$gate"
  wait $!
  [ "$(grep -c ': met$' "$ROOT/out")" -eq 100 ]
}
