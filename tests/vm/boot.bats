#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Booting through our rc: what runs and in which order, and what a person does at the console.

load vm

# --- what runs, by the kernel's own record of each program start

# boot_of STATE: what the frozen guest executed from power-on to level 2, and what it should have.
boot_of() {
  local said=$BATS_TEST_TMPDIR/$1
  vm_start "$1"
  vm_run 'mount -t tracefs tracefs /sys/kernel/tracing; cat /sys/kernel/tracing/trace' > "$said"
  vm_run 'ls /etc/rcS.d /etc/rc2.d | sed -n "s/^S[0-9]*//p"' > "$said.links"
  vm_stop
}

# end_of STATE: what `init 0` executed, from the console.
end_of() {
  vm_start "$1"
  vm_run 'sysctl -q -w kernel.tracepoint_printk=1 kernel.printk="8 4 1 7"'
  vm_send 'init 0'
  vm_end off 240
  vm_console > "$BATS_TEST_TMPDIR/$1"
  vm_stop
}

executed() {
  grep -aoE 'sched_process_exec: filename=[^ ]+' "$BATS_TEST_TMPDIR/$1" | sed 's/.*=//'
}

scripts() { executed "$1" | sed -n 's|^/etc/init\.d/||p' | grep -vxE 'rcS?'; }

# bats test_tags=release
@test "a boot runs what stock's boot runs, each script as often" {
  boot_of stock
  boot_of curfew
  diff <(scripts stock | sort) <(scripts curfew | sort)
  [ "$(sort "$BATS_TEST_TMPDIR/curfew.links" | comm -23 - <(scripts curfew | sort -u))" = '' ]
  own='^/((usr/)?bin/(startpar|stty)|(usr/)?sbin/curfew'
  own+='|(etc/init\.d|(usr/)?lib/(init|curfew|curfew/init))/rc)$'
  diff <(executed stock | grep -vE "$own" | sort -u) <(executed curfew | grep -vE "$own" | sort -u)
}

# The scripts before the first stage but dead-man, which run side by side, and all that follow.
services() { scripts "$1" | sed '/^rsyslog$/,$d' | sort; }
chain() {
  executed "$1" | awk '!/^\/dev\/fd\// || begun++' | sed -E 's|^/etc/init\.d/||; s|^/dev/fd/[0-9]+$|stage|' |
    grep -xE 'stage|[a-z-]+(\.sh)?' | sed -n '/^sendsigs$/,$p; /^stage$/,$p' |
    sed -E 's/^(sendsigs|umountnfs\.sh|hwclock\.sh|umountfs|umountroot|halt)$/stage/' | uniq
}

@test "init 0 runs what stock runs in the same order, with our stages in the place of six scripts" {
  end_of stock
  end_of curfew
  six='sendsigs|umountnfs\.sh|hwclock\.sh|umountfs|umountroot|halt'
  [ "$(scripts stock | grep -cxE "$six")" -eq 6 ]
  # The six, and early-unmount-network and dead-man, which are in the place of none.
  [ "$(executed curfew | grep -c '^/dev/fd/')" -eq 8 ]
  # acct is stopped as well: it has a stop link, and somebody may have started it by hand.
  diff <({ scripts stock | grep -vxE "$six"; echo acct; } | sort) <(scripts curfew | sort)
  diff <(chain stock) <(chain curfew)
}

# --- at the console

# No script starts before each that it needs has ended: "BEFORE AFTER" for each edge broken.
broken_edges() {
  awk '
    FNR == NR && !/=/ { split($0, part, ": "); n = split(part[2], need, " ")
      while (n) edge[need[n--] " " part[1]]; next }
    { name = $0; sub(/.*filename=\/etc\/init\.d\//, "", name); sub(/ .*/, "", name)
      match($0, /[ :]pid=[0-9]+/); pid = substr($0, RSTART + 5, RLENGTH - 5) }
    /sched_process_exec: filename=\/etc\/init\.d/ && !(name in begin) { begin[name] = FNR; who[pid] = name }
    /sched_process_exit/ && pid in who && !(who[pid] in end) { end[who[pid]] = FNR }
    END {
      for (pair in edge) { split(pair, of, " "); total++
        if (!(of[1] in begin) || !(of[2] in begin)) continue
        if (!(of[1] in end) || end[of[1]] > begin[of[2]]) print pair }
      if (total < 40) print "only", total, "edges"
    }' "$1" "$2"
}

# What is typed before the question is thrown away.
asked_times() { [ "$(grep -ac 'Please unlock disk cave' "$VM/console")" -eq "$1" ] && sleep 1; }

@test "a LUKS passphrase is asked for and accepted at the console; what needs the disk waits for it" {
  vm_append=${vm_append/sched_process_exec/sched_process_exec,sched:sched_process_exit}
  vm_start curfew --restarts
  vm_run '
    echo open sesame | tr -d "\n" > /run/key
    cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 /dev/vdb /run/key
    cryptsetup open -d /run/key /dev/vdb cave && mke2fs -q -t ext4 /dev/mapper/cave
    cryptsetup close cave
    echo "cave /dev/vdb none luks" >> /etc/crypttab
    echo "/dev/mapper/cave /srv ext4 defaults 0 2" >> /etc/fstab'
  vm_send 'sync; reboot -f'
  within 300 asked_times 1
  vm_keys 'wrong\r'
  within 100 asked_times 2
  vm_keys 'open sesame\r'
  vm_level 400
  vm_console | grep -a 'No key available with this passphrase'
  [ "$(vm_run 'findmnt -n -o SOURCE /srv')" = /dev/mapper/cave ]
  vm_run 'mount -t tracefs tracefs /sys/kernel/tracing; cat /sys/kernel/tracing/trace' > "$VM/ran"
  vm_run 'cat /etc/init.d/.depend.boot /etc/init.d/.depend.start' > "$VM/depend"
  diff <(broken_edges "$VM/depend" "$VM/ran") /dev/null
  vm_run 'sysctl -q -w kernel.tracepoint_printk=1 kernel.printk="8 4 1 7"
    echo gold > /srv/treasure'
  vm_send 'init 0'
  vm_end off 240
  vm_console | grep -a 'filename=[a-z/]*bin/cryptsetup'
  [ "$(vm_console | grep -ac 'cave.*busy')" -eq 0 ]
  qemu-img convert --object secret,id=key,data='open sesame' -O raw --image-opts \
    "driver=luks,key-secret=key,file.driver=qcow2,file.file.filename=$VM/second.qcow2" "$VM/second.raw"
  vm_clean root second
  [ "$(vm_file /treasure second)" = gold ]
}

# fsck_fails STATE: a person repairs at the console what fsck -a did not dare to.
fsck_fails() {
  vm_start "$1" --restarts
  vm_run '
    mke2fs -q -t ext4 /dev/vdb
    debugfs -w -R "clri <2>" /dev/vdb; debugfs -w -R "ssv state 2" /dev/vdb
    echo "/dev/vdb /srv ext4 defaults 0 2" >> /etc/fstab'
  vm_send 'sync; reboot -f'
  vm_shows 'File system check failed' 300
  vm_shows 'press Control-D to continue'
  vm_enter '~#'
  # checkfs.sh ignores INT, and so does all it starts.
  vm_keys 'echo wait""ing; env --default-signal=INT sleep 1000\r'
  vm_shows waiting
  sleep 2
  vm_keys '\003'
  vm_keys 'echo after $?; e2fsck -fy /dev/vdb > /dev/null; echo repair""ed $?\r'
  vm_shows 'after 130'
  vm_shows 'repaired 1'
  # The first is lost where the shell has shown its prompt and does not read yet.
  vm_keys '\004'
  sleep 5
  vm_keys '\004'
  vm_level 400
  [ "$(vm_run 'findmnt -n -o SOURCE /srv')" = /dev/vdb ]
}

@test "a failing fsck ends in a login at the console, where Ctrl-C works; Ctrl-D boots on" {
  fsck_fails curfew
}
