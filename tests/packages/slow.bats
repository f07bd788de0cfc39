#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What Debian's own tools say; minutes, and the network.  Our packages get into a chroot only, in
# mount and PID namespaces that end with the test; the tests they run there end nothing.
# shellcheck disable=SC2016,SC2154  # expanded by inner shells; packages.bash
# bats file_tags=slow

load packages.bash

setup_file() {
  export TREE=${packages_dir%/tests/packages}
  export MADE=$TREE/build/packages
  cd "$TREE" && tests/packages/build
}

# Makes the root `bare` a folder, $T/root, that a chroot can be tried in.
bare_root() {
  T=$BATS_TEST_TMPDIR
  export T
  mkdir "$T/root"
  tar -x -f "$(BUILD=$TREE/build "$packages_dir/mkroot" bare)" -C "$T/root"
}

alone() { unshare --mount --pid --fork --mount-proc bash -euc "$@"; }

@test "two builds in two places, at other times, by another user's rules, are the same to the byte" {
  cd "$TREE"
  (umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 HOME=/nonexistent \
    tests/packages/build "$BATS_TEST_TMPDIR/somewhere/else")
  for deb in "$MADE"/*.deb; do cmp "$deb" "$BATS_TEST_TMPDIR/somewhere/else/${deb##*/}"; done
}

@test "piuparts: installed, removed and purged they leave nothing, apart and together" {
  bare_root
  for debs in "$MADE/curfew_*" "$MADE/curfew-halt_*" "$MADE/curfew*_*"; do
    alone 'piuparts -e "$T/root" -d bookworm --keep-sources-list --no-eatmydata --no-upgrade-test \
      --install-remove-install -t "$T" -l "$T/log" '"$debs.deb" > /dev/null || { cat "$T/log"; false; }
    grep 'PASS: All tests' "$T/log"
  done
}

@test "autopkgtest: the Bats suite on the installed package" {
  bare_root
  mkdir "$T/source"
  (cd "$TREE" && git ls-files -co --exclude-standard | xargs -d '\n' ls -d | tar -c -T - |
    tar -x -C "$T/source")
  alone 'for path in proc dev dev/pts dev/shm; do mount --bind "/$path" "$T/root/$path"; done
    autopkgtest -U -B "$MADE"/curfew*.deb "$T/source/" -- chroot "$T/root"' > "$T/log" 2>&1 || {
      # Status 2: some were skipped, those that ran passed.
      [ $? -eq 2 ] || { tail -n 100 "$T/log"; false; }
  }
  grep -E '^(programs|namespaces|reboot) ' "$T/log"
  grep -qE '^programs +PASS' "$T/log"
}
