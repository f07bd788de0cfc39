#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# `curfew plan` prints what the run then does: both on random trees.  What a plan promises by
# itself is proved on 1,000 trees in tests/unit/dialect_test.cc.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# random_tree LAYOUT LEVEL PREVIOUS: up to 12 services with random links in both levels and random
# edges; in level 0 one link ends the machine.
random_tree() {
  local letter level name i
  printf '#!/bin/sh\nn=${0##*/}; n=${n#[KS][0-9][0-9]}\necho "begin $n $1" >>%s\n%s\n' "$ROOT/ran" \
    "echo \"end \$n \$1\" >>$ROOT/ran" >"$ROOT/script"
  chmod 755 "$ROOT/script"
  mkdir -p "$ROOT/etc/rc$2.d" "$ROOT/etc/rc$3.d"
  names=()
  for ((i = 0; i < 3 + RANDOM % 10; ++i)); do names+=("s$i"); done
  for name in "${names[@]}" halt; do ln "$ROOT/script" "$ROOT/etc/init.d/$name"; done
  for name in "${names[@]}"; do
    for level in "$2" "$3"; do
      for letter in K S; do
        ((RANDOM % 2)) || ln -s "../init.d/$name" "$ROOT/etc/rc$level.d/$letter$((RANDOM % 90 + 10))$name"
      done
    done
    ((RANDOM % 2)) || lock "$name"
  done
  letter=S
  [ "$1" != debian ] || letter=K
  [ "$2" != 0 ] || ln -s ../init.d/halt "$ROOT/etc/rc0.d/${letter}50halt"
  if ((RANDOM % 3)); then depend start "$(rules)" && depend stop "$(rules)"; fi
  read_as "$1"
}

# rules: a .depend file of random edges, cycles among them.
rules() {
  local i
  echo "TARGETS = ${names[*]} halt"
  for ((i = 0; i < 8; ++i)); do
    echo "${names[RANDOM % ${#names[@]}]}: ${names[RANDOM % ${#names[@]}]}"
  done
}

# follows_plan FILE: whether $ROOT/ran is what the plan text in FILE says: each script once, each
# behind all that it waits for, halt at the end.
follows_plan() {
  awk 'NR == FNR { at[$0] = FNR; ++times[$0]; last = $0; next }
    /^(stop|start):$/ { action = substr($1, 1, length($1) - 1); next }
    /^[a-z]/ { action = "" }
    action == "" || !/^  / { next }
    {
      name = substr($1, 4) " " action
      ++planned
      if (times["begin " name] != 1 || times["end " name] != 1) bad = bad " times:" name
      if (!sub(/.* after /, "")) next
      count = split($0, waits, ", ")
      for (i = 1; i <= count; ++i)
        if (at["end " waits[i] " " action] > at["begin " name]) bad = bad " order:" name
    }
    END {
      for (name in at) ++noted
      if (noted != 2 * planned) bad = bad " noted:" noted
      if (("end halt start" in at || "end halt stop" in at) && last !~ /^end halt /) bad = bad " last"
      print bad
      exit bad != ""
    }' "$ROOT/ran" "$1"
}

@test "48 random trees: what runs is what curfew plan said, in its order, once, and halt last" {
  RANDOM=4711
  for round in {1..12}; do
    for layout in debian suse redhat lfs; do
      rm -rf "$ROOT" && tree_new
      level=$((RANDOM % 2 * 3)) previous=$((RANDOM % 2 + 4))
      random_tree $layout $level $previous
      : >"$ROOT/ran"
      PREVLEVEL=$previous "$BUILD/curfew" plan $level --root "$ROOT" >"$ROOT/plan" 2>/dev/null
      PREVLEVEL=$previous rc $level >"$ROOT/out" </dev/null
      follows_plan "$ROOT/plan" || {
        echo "round $round, $layout, $previous to $level:"
        cat "$ROOT/plan" "$ROOT/ran"
        return 1
      }
    done
  done
}
