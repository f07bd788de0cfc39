#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The stages unmount-network, unmount, read-only and sync on real mounts.  The world inside counts as
# a container: swap, loop devices and superblocks of disks are the virtual machine's tests.

load guard.bash

# Runs the script on standard input inside, with halt copied where nothing is mounted.
unmounts() {
  local script
  # shellcheck disable=SC2016  # expanded by the shell inside
  script='. /tests/ns/guard.bash; require_inside; set -e; unset RUNLEVEL INIT_VERSION
    no() { if "$@"; then echo "not so: $*"; exit 1; fi; }
    cp /curfew/halt /halt; cd /
    stages() { /halt --stage "$@" 2>&1; }
    mounted() { awk -v target="$1" "\$5 == target { found = 1 } END { exit !found }" \
                /proc/self/mountinfo; }
    '$(cat)
  run inside bash -c "$script"
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "77: mounts in mounts, over mounts, bound and oddly named are all unmounted" {
  unmounts << 'END'
    mkdir -p /a '/b c' /over /bound
    mount -t tmpfs a /a && mkdir /a/a && mount -t tmpfs aa /a/a && mkdir /a/a/a
    mount --bind /bound /a/a/a
    mount -t tmpfs b '/b c'
    mount -t tmpfs lower /over && mount -t tmpfs upper /over
    mount -t ramfs r /bound
    stages unmount
    for target in /a /a/a /a/a/a '/b\040c' /over /bound; do no mounted "$target"; done
END
}

@test "/proc, /sys, /dev, /run and what is below them stay" {
  unmounts << 'END'
    mkdir -p /run/user/1000 /runner
    mount -t tmpfs user /run/user/1000
    mount -t tmpfs runner /runner
    stages unmount
    for target in / /proc /dev /dev/pts /dev/null /run /run/user/1000; do
      mounted $target || { echo "$target is gone"; exit 1; }
    done
    no mounted /runner
END
}

@test "78: what was mounted before the last root was is not touched, what came later goes" {
  unmounts << 'END'
    mkdir /early /late
    mount -t tmpfs early /early
    mount --bind / /
    mount -t tmpfs late /late
    stages unmount
    mounted /early
    no mounted /late
END
}

@test "what is in use is named and left, what lies beside it goes" {
  unmounts << 'END'
    mkdir /busy /free
    mount -t tmpfs busy /busy && mount -t tmpfs free /free
    (cd /busy; exec sleep 1000) &
    sleep 0.3
    stages unmount | tee /tmp/out
    kill %1
    grep -q 'busy: /busy: sleep\[[0-9]*\] (/busy)' /tmp/out
    mounted /busy
    no mounted /free
END
}

@test "5,000 mounts are unmounted with a handful of looks at mountinfo" {
  unmounts << 'END'
    mkdir /many && mount -t tmpfs many /many
    for n in {1..5000}; do mkdir /many/$n; echo "mount -t tmpfs x /many/$n"; done > /tmp/mounts
    . /tmp/mounts
    strace -f -o /tmp/trace -e trace=openat,umount2,clone,fork,vfork /halt --stage unmount
    no mounted /many
    [ "$(grep -c 'umount2("/many' /tmp/trace)" -le 5003 ]
    [ "$(grep -c '"/proc/self/mountinfo"' /tmp/trace)" -le 10 ]
END
}

@test "kernel interfaces at odd places go with the network, however busy, and bootclean's marks" {
  unmounts << 'END'
    mkdir -p /jail/proc
    mount -t proc proc /jail/proc
    (cd /jail/proc/self; exec sleep 1000) &
    touch /tmp/.clean /run/.clean /run/lock/.clean
    sleep 0.3
    stages unmount-network
    kill %1
    no mounted /jail/proc
    mounted /proc
    for mark in /tmp /run /run/lock; do no test -e $mark/.clean; done
END
}

@test "the root becomes read-only, and the kernel agrees" {
  unmounts << 'END'
    cp /halt /dev/halt
    /dev/halt --stage unmount > /dev/null 2>&1
    /dev/halt --stage read-only,sync 2>&1 | tee /dev/out
    grep -q '/ is read-only' /dev/out
    no touch /file
END
}

@test "a root that somebody writes to is said to be writable, with the reason" {
  unmounts << 'END'
    sleep 1000 > /written &
    sleep 0.3
    stages read-only | tee /dev/out
    kill %1
    grep -q '/ is NOT read-only: Device or resource busy, by sleep\[[0-9]*\] (/written)' /dev/out
    touch /file
END
}

@test "a dry run says what it would unmount, in order, and leaves it mounted" {
  unmounts << 'END'
    mkdir /one && mount -t tmpfs one /one && mkdir /one/two && mount -t tmpfs two /one/two
    stages unmount,read-only --dry-run | tee /tmp/out
    grep -A 1 'would unmount /one/two' /tmp/out | grep -q 'would unmount /one$'
    grep -q 'would make / read-only' /tmp/out
    mounted /one/two
    touch /file
END
}

@test "who uses a network mount is ended before it goes, others are not" {
  unmounts << 'END'
    mkdir -p /net /run/mount && mount -t tmpfs net /net
    echo 'SRC=net TARGET=/net ROOT=/ OPTS=_netdev' > /run/mount/utab
    cp /bin/sleep /net/program
    touch /net/file
    (cd /net; exec sleep 1000) &
    sleep 1000 < /net/file &
    /net/program 1000 &
    sleep 1000 & other=$!
    sleep 0.3
    stages early-unmount-network | tee /tmp/out
    no mounted /net
    [ "$(pgrep -x sleep)" = "$other" ]
    no pgrep -x program
    grep -q "3 processes that used the network's file systems ended" /tmp/out
    kill $other
END
}

@test "a user who exchanges the directory above a mount never has another one unmounted" {
  [ "$(uname -m)" = x86_64 ] || skip "the number of renameat2(2) is that of x86_64"
  unmounts << 'END'
    mkdir -p /data /home/u /run/mount
    mount -t tmpfs data /data
    chown 1234 /home/u
    # SYS_renameat2 of x86_64, AT_FDCWD, RENAME_EXCHANGE.
    echo 'chdir "/home/u"; my ($x, $l) = ("x", "l");
      syscall(316, -100, $x, -100, $l, 2) while 1' > /exchange
    for target in x l; do echo "SRC=u TARGET=/home/u/$target/data ROOT=/ OPTS=_netdev"; done \
      > /run/mount/utab
    gone=0
    for run in {1..25}; do
      rm -rf --one-file-system /home/u/x /home/u/l
      setpriv --reuid=1234 --clear-groups sh -c 'cd /home/u; mkdir -p x/data; ln -s / l'
      mount -t tmpfs u /home/u/x/data
      setpriv --reuid=1234 --clear-groups perl /exchange & exchanger=$!
      sleep 0.05
      stages unmount-network
      kill -9 $exchanger; wait $exchanger || :
      mounted /data
      grep -q ' /home/u/./data ' /proc/self/mountinfo || gone=$((gone + 1))
      for target in x l; do [ -L /home/u/$target ] || umount /home/u/$target/data || :; done
    done
    echo "unmounted in $gone of 25 runs"
    [ $gone -ge 20 ]
END
}
