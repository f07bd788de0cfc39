#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# debian/tests/namespaces in a root of its own, with what debian/tests/control declares and no more.
# Our package gets into that root only, and the test ends nothing but namespaces within it.
# shellcheck disable=SC2016  # expanded by inner shells

load packages.bash

# Run by bash as PID 1 of namespaces that end with it, without a network, in a copy of the root.
in_there='
  mount -t tmpfs root /mnt
  tar -x -p --numeric-owner --exclude="./dev/*" -f "$root" -C /mnt
  mkdir -p /mnt/source /mnt/debs /mnt/out "/mnt/tmp/test/installed/lab"
  tar -x -C /mnt/source
  cp "$packages"/curfew_*.deb /mnt/debs/
  cp "$lab"/root.tar "$lab"/root.key /mnt/tmp/test/installed/lab/
  mount -t proc proc /mnt/proc
  mount --rbind /dev /mnt/dev
  cd /mnt
  pivot_root . out
  umount -l /out
  cd /source
  dpkg -i /debs/*.deb
  # Without the functions, and the PATH, of the Bats that runs this.
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root AUTOPKGTEST_TMP=/tmp/test debian/tests/namespaces "$@"
'

# namespaces BATS-OPTION...
namespaces() {
  local root lab
  root=$(packages_root declared)
  lab=$("$ns_dir/mkroot")
  (cd "$packages_dir/../.." && git ls-files -co --exclude-standard | xargs -d '\n' ls -d |
    tar -c -T -) |
    root=$root lab=${lab%/*} packages=${root%/*} unshare --mount --pid --net --uts --ipc --fork \
      --kill-child bash -euc "$in_there" bash "$@"
}

# bats test_tags=slow
@test "what the test declares is enough: its Bats files are read, and machines go up and down" {
  run namespaces -f 'init 0'
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(grep -c '^ok' <<< "$output")" -gt 10 ]
}

# bats test_tags=slow
@test "the whole test passes" {
  run namespaces
  echo "$output" | grep -v '^ok'
  [ "$status" -eq 0 ]
  [[ $output != *"# skip"* ]]
}
