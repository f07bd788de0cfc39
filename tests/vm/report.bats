#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the next boot tells of a shutdown, against what the stop scripts themselves wrote down.

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
  vm_send 'init 6'
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
  vm_run 'curfew report' | grep 'networking.*left alone'
}
