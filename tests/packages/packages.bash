# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154  # $output and $status come from bats
#
# Real dpkg and real boots for Bats.  ROOT is merged or split (see mkroot): `roots` has those of the
# release, `split` the second.  STEPS is shell code that root runs in a throw-away system made of it,
# with the words of inside.bash:
#   steps ROOT STEPS       true if each of STEPS is
#   lives ROOT RC STEPS    runs STEPS, then boots that system with its own init; true if it comes to
#                          level 2, starts and stops a service by RC, stock or curfew, and ends by
#                          reboot(2) on `init 0`
# Both leave what was printed in $output; of what a console shows, init discards now and then a line.

# shellcheck source-path=SCRIPTDIR/../ns source=../ns/guard.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../ns/guard.bash"

# shellcheck source-path=SCRIPTDIR/../lib source=../lib/root.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/root.bash"

# Debian 13 and later cannot be on a split /usr: there those cases have a merged one.
# shellcheck disable=SC2034  # for the .bats files
case ${RELEASE:-$(own_release)} in
  bookworm) roots=(merged split) split=split ;;
  *) roots=(merged) split=merged ;;
esac

packages_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)

packages_setup='. /tests/ns/guard.bash; require_inside; . /tests/packages/inside.bash; set -eu
'

# Prints the path of ROOT's tar.
packages_root() {
  local top=${packages_dir%/tests/packages}
  BUILD=$(cd "$top" && realpath -m -- "${BUILD:-build${RELEASE:+/$RELEASE}}") "$packages_dir/mkroot" "$1"
}

steps() {
  run inside -r "$(packages_root "$1")" bash -c "$packages_setup$2"
  echo "$output"
  [ "$status" -eq 0 ]
}

lives() {
  local seen=$BATS_TEST_TMPDIR/seen command
  rm -rf "$seen"
  mkdir "$seen"
  chown 100000:100000 "$seen"
  command=("$ns_dir/enter" -i -c -r "$(packages_root "$1")" -b "$seen:/seen:rw" bash -c
    "${packages_setup}add_witness
    $3
    exec /sbin/init")
  # script hands its command to $SHELL, and @Q is bash's way to quote.
  # shellcheck disable=SC2016  # for the inner shell
  run env SHELL=/bin/bash \
    bash -o pipefail -c 'script -qefc "$1" /dev/null < /dev/null | tr -d "\0\r"' bash \
    "exec ${command[*]@Q}"
  echo "$output"
  [ "$status" -eq 130 ]
  case $2 in
    curfew) diff "$seen/witness" <(printf '%s by /lib/curfew/rc\n' start stop) ;;
    stock) diff "$seen/witness" <(printf '%s by /bin/startpar\n' start stop) ;;
  esac
}
