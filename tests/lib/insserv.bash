# SPDX-License-Identifier: GPL-2.0-or-later
# What the real insserv makes of a tree of tree.bash, and what the plan makes of it: compared edge
# by edge.  `load lib/tree` first.
# shellcheck disable=SC2154 # $output comes from bats

# insserv_all: every script of the tree gets its links and .depend files. The path of init.d must
# be given twice, as -p and as -i: without -i insserv writes the .depend files of the machine the
# tests run on.
insserv_all() {
  tree_guard || return 1
  local level
  for level in {0..6} S; do mkdir -p "$ROOT$LEVELS$level.d"; done
  (PATH=$PATH:/usr/sbin:/sbin && cd "$ROOT$INIT_D" && insserv -p "$PWD" -i "$PWD" \
    -c "$ROOT/etc/insserv.conf" -o "$ROOT/etc/insserv/overrides" -- * >&2)
}

# only_headers: the links get the number 01 and the .depend files go: nothing of insserv's order is
# left but what the headers say.
only_headers() {
  tree_guard || return 1
  local link name
  rm -f "$ROOT$INIT_D"/.depend.*
  for link in "$ROOT$LEVELS"?.d/[KS][0-9][0-9]*; do
    name=${link##*/}
    [ "${name:1:2}" = 01 ] || mv "$link" "${link%/*}/${name:0:1}01${name:3}"
  done
}

# closed: of "BEFORE AFTER" lines, all pairs that follow from them, sorted.
closed() {
  awk '{ next_of[$1] = next_of[$1] " " $2 }
    function go(from, at, list, n, i) {
      n = split(next_of[at], list)
      for (i = 1; i <= n; i++) {
        if ((from, list[i]) in seen) continue
        seen[from, list[i]] = 1
        print from, list[i]
        go(from, list[i])
      }
    }
    END { for (from in next_of) go(from, from) }' | sort -u
}

# insserv_pairs boot|start|stop: who comes before whom by insserv's .depend file.
insserv_pairs() {
  awk -F': ' '/:/ { n = split($2, deps, " "); for (i = 1; i <= n; i++) print deps[i], $1 }' \
    "$ROOT$INIT_D/.depend.$1" | closed
}

# plan_pairs: who comes before whom by the plan in $output, where one waits for the other.
plan_pairs() {
  unfolded | sed -nE 's/^  ([KS][0-9][0-9])?([^ ]*) .* after (.*)/\2 \3/p' | tr -d ',;' |
    awk '{ for (i = 2; i <= NF; i++) print $i, $1 }' | closed
}

# keeps_order PAIRS: the plan in $output runs every service once, and who comes first in a line of
# PAIRS is waited for by the other.
keeps_order() {
  local lost twice
  lost=$(comm -23 <(echo "$1") <(plan_pairs))
  twice=$(planned | tr ' ' '\n' | cut -c4- | sort | uniq -d)
  [ -n "$1" ] && [ -z "$lost$twice" ] && return
  echo "no pairs, or lost: ${lost:-none}; or run twice: ${twice:-none}; $output" >&2
  return 1
}

# keeps_order_without PAIRS LEVEL: so does, with .depend files and insserv's numbers and then with
# neither, the plan of LEVEL.
keeps_order_without() {
  plan "$2" && keeps_order "$1" && only_headers && plan "$2" && keeps_order "$1"
}
