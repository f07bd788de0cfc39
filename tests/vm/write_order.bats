#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The order of writes: whenever the power fails during a shutdown, each record that was said to be on
# the disk is there, and from the stage read-only on there is no journal to replay.  A log of all writes
# of the guest is replayed to its flushes, and the disk of that moment is judged.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# writers NAME: two processes have their records on the disks while the machine goes down, each for 40
# records after its SIGTERM.  That of the root has NAME as its argv[0]: with an @ it is spared, and writes
# until nothing is taken any more.  A hook marks both disks: no stage writes to them after it.
writers() {
  vm_run "cat > /root/record-writer << 'END'
$(cat "$BATS_TEST_DIRNAME/devices/record-writer")
END"
  vm_run 'set -e; name='"$1"'
    mkfs.ext4 -q -b 4096 /dev/vdb 128M; mount /dev/vdb /srv; mkdir /root/own
    cd /; setsid perl /root/record-writer /srv second > /dev/null 2>&1 < /dev/null &
    setsid bash -c "exec -a $name perl /root/record-writer /root/own root" \
      > /dev/null 2>&1 < /dev/null &
    until [ -s /run/root.block ] && [ -s /run/second.block ]; do sleep 0.1; done
    mkdir -p /etc/curfew/final.d
    printf "#!/bin/sh\n" > /etc/curfew/final.d/mark
    echo "perl /root/record-writer mark /dev/vda $(cat /run/root.block) read-only
      perl /root/record-writer mark /dev/vdb $(cat /run/second.block) read-only" >> /etc/curfew/final.d/mark
    chmod 755 /etc/curfew/final.d/mark
    sync; sleep 1'
}

# From the mark on, each flush is judged.  seen: the length of each log when the console showed that the
# root is read-only.
go_down() {
  vm_send 'for disk in vda:root vdb:second; do
      perl /root/record-writer mark /dev/${disk%:*} $(cat /run/${disk#*:}.block) down
    done
    init 0'
  vm_shows 'halt: / is read-only' 120
  declare -gA seen=([root]=$(stat -c %s "$VM/root.log") [second]=$(stat -c %s "$VM/second.log"))
  vm_end off
}

# points DISK: prints "AT RECORDS STATE" for each flush since the guest was told to go down: how many
# records had to be on the disk, and whether that may be "open" still or is "closed".
points() {
  "$BATS_TEST_DIRNAME/write-log" list "$VM/$1.log" | awk -v name="$1" -v seen="${seen[$1]}" '
    $1 == "mark" && $3 == "down" { down = 1 }
    $1 == "mark" && $3 == "read-only" { closed = 1 }
    $1 == "mark" && $3 == name { records = $4 }
    $1 == "flush" && down { print $2, records + 0, (closed || $2 + 0 > seen) ? "closed" : "open" }'
}

# sample NUMBER: of the points that it reads so many open ones, spread over all, and each closed one.
sample() {
  awk -v wanted="$1" '
    $3 == "open" { open[n++] = $0 }
    $3 == "closed" { closed[m++] = $0 }
    END {
      for (i = 0; i < n; ++i)
        if (n <= wanted || int((i + 1) * wanted / n) > int(i * wanted / n)) print open[i]
      for (i = 0; i < m; ++i) print closed[i]
    }'
}

# holds IMAGE RECORDS DIRECTORY: the file system has no error, and the file of records has each up to
# that number.
holds() {
  e2fsck -fn "$1" > "$VM/fsck" 2>&1 || { cat "$VM/fsck"; return 1; }
  debugfs -R "cat $3/records" "$1" 2> /dev/null | head -n "$2" | cmp - <(seq -f 'record %.0f' "$2")
}

# Replays the journal and frees what was removed while open, as a mount does, and repairs nothing else.
recover() {
  rm -f "$VM/undo"
  e2fsck -p -z "$VM/undo" "$1" > "$VM/recovery" 2>&1 || [ $? -eq 1 ] || { cat "$VM/recovery"; return 1; }
  ! grep -E 'check forced|UNEXPECTED|FIXED' "$VM/recovery"
}

# judge DISK DIRECTORY: replays the log to the sampled flushes.
judge() {
  local image=$VM/$1.replayed at=0 point must state records=0 open=0 closed=0 recovered=0
  qemu-img convert -O raw "$VM/$1.start.qcow2" "$image"
  points "$1" > "$VM/points"
  while read -r point must state; do
    "$BATS_TEST_DIRNAME/write-log" apply "$VM/$1.log" "$image" "$at" "$point"
    at=$point records=$must
    echo "$1: the flush at $point of the log, $records records, $state"
    if [ "$state" = closed ]; then
      closed=$((closed + 1))
      ! dumpe2fs -h "$image" 2> /dev/null | grep needs_recovery || return 1
      holds "$image" "$records" "$2" || return 1
    else
      open=$((open + 1))
      recover "$image" || return 1
      ! grep -q 'recovering journal' "$VM/recovery" || recovered=$((recovered + 1))
      holds "$image" "$records" "$2" || return 1
      [ ! -e "$VM/undo" ] || e2undo "$VM/undo" "$image" > /dev/null || return 1
    fi
  done < <(sample 60 < "$VM/points")
  echo "# $1: $(wc -l < "$VM/points") flushes, $records records; of $open flushes $recovered left a" \
    "journal to replay, of $closed after read-only none" >&3
  [ "$open" -ge 50 ] && [ "$recovered" -ge 40 ] && [ "$closed" -ge 1 ] && [ "$records" -ge 40 ]
}

@test "power that fails at any flush of a shutdown costs no record that was on the disk" {
  vm_start curfew --log root --log second
  writers writer
  go_down
  judge second ''
  judge root /root/own
}

# bats test_tags=slow
@test "who is spared and writes until / is made read-only by force believes in no record that is lost" {
  vm_start curfew --log root --log second
  writers @writer
  go_down
  vm_console | grep -a 'halt: / is read-only, by force'
  judge root /root/own
}
