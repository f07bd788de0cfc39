#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the next boot tells of a shutdown, against what the stop scripts themselves wrote down.
# shellcheck disable=SC2016  # for the shell in the guest

load vm
load ends

# The seconds since the boot, as a stop script writes them, to be told from others by NAME.
stamp() { echo "read -r up idle < /proc/uptime; echo $1 \$up >> /root/stamps"; }

# measured NAME SECONDS AFTER: a service whose stop begins when that of AFTER has ended, when no other
# script starts, takes that long, and measures itself.
measured() {
  stop_script "$1" "$(stamp "$1"); sleep $2; $(stamp "$1")"
  vm_run "sed -i '/Required-St/s/$/ $1/' /etc/init.d/$3; update-rc.d $3 defaults"
}

# own_times: "NAME MICROSECONDS" of each of the services that measured themselves.
own_times() {
  vm_run 'cat /root/stamps' |
    awk '$1 in begin { printf "%s %d\n", $1, ($2 - begin[$1]) * 1e6 } { begin[$1] = $2 }'
}

# reported: "NAME MICROSECONDS" of each service, as the report of the last shutdown has it.
reported() {
  vm_run 'curfew report --json' | perl -MJSON::PP -e 'local $/;
    print "$_->{service} $_->{took_us}\n" for @{decode_json(<STDIN>)->{services}}'
}

@test "the next boot's report names each service, with the time its stop took, in a hang too" {
  vm_start curfew --restarts
  stop_script first 'sleep 3'
  measured slow 6 first && measured quick 0.5 slow
  vm_run "printf 'SERVICES=networking\nLIMIT=8\n' > /etc/default/curfew.d/zz.conf; sed -i '/^stop)/a $(stamp hang); sleep 600' \
    /etc/init.d/networking; ls /etc/rc6.d | sed -n 's/^K[0-9]*//p'" > "$BATS_TEST_TMPDIR/links"
  vm_send 'sh -c "reboot; sleep 100"'
  vm_level 240
  reported > "$BATS_TEST_TMPDIR/reported"
  own_times > "$BATS_TEST_TMPDIR/own"
  cat "$BATS_TEST_TMPDIR"/{links,reported,own}
  # What hands over has no end that a trace could hold.
  diff <(grep -vxE 'kexec|reboot' "$BATS_TEST_TMPDIR/links" | sort) \
    <(sed 's/ .*//' "$BATS_TEST_TMPDIR/reported" | grep -xFf "$BATS_TEST_TMPDIR/links" | sort)
  join <(sort "$BATS_TEST_TMPDIR/own") <(sort "$BATS_TEST_TMPDIR/reported") | awk '
    { off = $3 > $2 ? $3 - $2 : $2 - $3; allowed = $2 * 0.05 > 300000 ? $2 * 0.05 : 300000
      if (off > allowed) { print $1 " is off by " off " us"; bad = 1 } n++ }
    END { exit bad || n != 2 }'
  # What hangs in networking takes its limit, of which nothing but the limit can be the measure.
  awk '$1 == "networking" && $2 > 8e6 && $2 < 12e6' "$BATS_TEST_TMPDIR/reported" | grep -q .
  vm_run 'curfew report | cat' | tee "$BATS_TEST_TMPDIR/report"
  grep 'networking.*left alone' "$BATS_TEST_TMPDIR/report"
  grep '^asked by uid 0: reboot; from sh\[' "$BATS_TEST_TMPDIR/report"
}

# in_store: how many records the firmware's store holds (QEMU docs/specs/acpi_erst).
in_store() { od -An -tu4 -j20 -N4 "$store" | tr -d ' '; }

@test "an unclean end leaves the kernel's log in pstore, once, which the next boot tells and removes" {
  store=$BATS_TEST_TMPDIR/erst
  truncate -s 64K "$store"
  vm_start curfew --boot --restarts -device acpi-erst,memdev=erst \
    -object "memory-backend-file,id=erst,mem-path=$store,size=64K,share=on"
  [ "$(in_store)" = 0 ]
  vm_run 'set -e; mkdir -p /srv; size=$(blockdev --getsz /dev/vdb)
    dmsetup create mapped --table "0 $size linear /dev/vdb 0"
    mkfs.ext4 -q /dev/mapper/mapped; mount /dev/mapper/mapped /srv; seq 1000 > /srv/unwritten
    dmsetup suspend --noflush --nolockfs mapped; set +e'
  vm_send 'init 6'
  vm_shows 'reboot: Restarting system' 120
  vm_level 120
  vm_shows ', level 6: unclean: /srv (its device does not answer)' 5
  [ "$(vm_run 'curfew log --json' | grep -o '"event":"pstore"' | wc -l)" = 1 ]
  vm_run '[ -z "$(ls /sys/fs/pstore)" ]'
  # A machine that the dead-man ends: nothing but pstore can say so.
  vm_run 'printf "%s\n" FINAL_BUDGET=6 KILL_WAIT=1 > /etc/default/curfew.d/zz.conf'
  stop_script hang 'kill -STOP $PPID; sleep 600'
  vm_run 'rm /etc/rc0.d/K*hang'
  vm_send 'init 6'
  vm_level 240
  vm_shows ', level 6: unclean: ended by the dead-man, no progress for 11 s among the scripts' 5
  vm_send 'init 0'
  vm_end off
  [ "$(in_store)" = 0 ]
}

# off_after PREPARE: sets `took` to the seconds of an `init 0` with /var/log on a disk that is suspended.
off_after() {
  vm_start curfew
  vm_run "set -e
    dmsetup create mapped --table \"0 \$(blockdev --getsz /dev/vdb) linear /dev/vdb 0\"
    mkfs.ext4 -q /dev/mapper/mapped; mount /dev/mapper/mapped /var/log; $1; sync
    dmsetup suspend --noflush --nolockfs mapped; set +e"
  vm_send 'init 0'
  vm_end off
  vm_clean
  took=$VM_SECONDS
  vm_stop
}

# A writer that waits for the disk would cost a limit of 10 s.
@test "a trace on a disk that is suspended makes no shutdown longer" {
  off_after ': > /var/log/curfew'
  without=$took
  off_after 'mkdir /var/log/curfew'
  echo "# $took s, without a trace $without s" >&3
  awk -v with="$took" -v without="$without" 'BEGIN { exit with > without + 8 }'
}
