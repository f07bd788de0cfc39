#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# `curfew plan` prints what the run then does.  What a plan promises by itself is proved on 1,000 trees
# in tests/unit/plan/dialect_test.cc.  RANDOM_TREES=250, as `make soak` has it, takes as many here.

load lib/tree

setup() { tree_new; }
teardown() { tree_end; }

# follows_plan FILE: whether $ROOT/ran is what the plan text in FILE says: each script once, each
# behind all that it waits for, halt at the end.
follows_plan() {
  awk 'FILENAME == ARGV[1] { at[$0] = FNR; ++times[$0]; last = $0; next }
    /^(stop|start):$/ { action = substr($1, 1, length($1) - 1); next }
    /^[a-z]/ { action = "" }
    # On another tree stages are only named.
    action == "" || !/^  / || $1 == "until-power" { next }
    {
      name = substr($1, 4) " " action
      ++planned
      if (times["begin " name] != 1 || times["end " name] != 1) bad = bad " times:" name
      if (!sub(/.* after /, "")) next
      count = split($0, waits, ", ")
      for (i = 1; i <= count; ++i)
        if (waits[i] != "until-power" && at["end " waits[i] " " action] > at["begin " name]) bad = bad " order:" name
    }
    END {
      for (name in at) ++noted
      if (noted != 2 * planned) bad = bad " noted:" noted
      if (("end halt start" in at || "end halt stop" in at) && last !~ /^end halt /) bad = bad " last"
      print bad
      exit bad != ""
    }' "$ROOT/ran" "$1"
}

# follow FAMILY...: RANDOM_TREES (100) trees of each, with the seed in their names.
follow() {
  local seed=0 family i level previous
  unset RUNLEVEL INIT_HALT
  for family; do
    for ((i = 0; i < ${RANDOM_TREES:-100}; i++)); do
      rm -rf "${ROOT:?}"
      level=$((++seed % 2 * 3)) previous=$((seed / 2 % 2 + 4))
      "${BATS_TEST_DIRNAME}/lib/random-tree" "$ROOT" "$family" $level $previous $seed
      PREVLEVEL=$previous "$BUILD/curfew" plan $level --root "$ROOT" >"$ROOT/plan" 2>/dev/null
      PREVLEVEL=$previous rc $level >"$ROOT/out" </dev/null
      follows_plan "$ROOT/plan" || {
        echo "tree $seed, $family, $previous to $level:"
        cat "$ROOT/plan" "$ROOT/ran"
        return 1
      }
    done
  done
}

@test "random trees of each family: what runs is what curfew plan said, in its order, once, and halt last" {
  follow debian suse redhat lfs
}
