# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by every Bats file in which rc 0, rc 6, halt or a stage of it runs.  A shutdown belongs
# inside: here, outside, the names of everything that ends a machine only refuse.

ns_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

# Runs a command in a throw-away system; see tests/ns/enter for the options.
inside() { "$ns_dir/enter" "$@"; }

# True only in there: ids are shifted, and the PID namespace is not the one `enter` was called in.
is_inside() {
  local first base _
  read -r first base _ < /proc/self/uid_map
  [ "$first $base" = "0 100000" ] || return 1
  case " ${CURFEW_OUTER:-} " in
    *" $(readlink /proc/self/ns/pid) "*) return 1 ;;
    *" pid:["*) return 0 ;;
    *) return 1 ;;
  esac
}

# First line of every script that a test runs inside.
require_inside() {
  is_inside || { echo "refused: this runs only inside tests/ns/enter" >&2; exit 125; }
}

if ! is_inside; then
  for name in init telinit halt reboot poweroff shutdown killall5 swapoff hwclock rc; do
    eval "$name() { echo 'refused: $name outside of tests/ns/enter' >&2; return 125; }"
  done
fi
