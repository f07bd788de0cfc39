#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The dead-man and the hardware watchdog: main stopped or killed in a stage, both stopped, disks that
# are slow and honest.  Each case prints the time it took beside its limit, in seconds.

load vm
load ends

# What the scripts before the first of the last stages may take here.
scripts=20
# KILL_WAIT and the 10 s of a disk: no budget is shorter (SetRules).
budget=11
# From the alarm to the end of a machine whose disks answer: sysrq w, s, u, then o or b.
ladder=12

# start: a guest with short budgets whose keyboard may use no sysrq, and with something in its memory
# that only a sync saves.
start() {
  vm_start curfew
  vm_run "echo '$(base64 -w 0 "$BATS_TEST_DIRNAME/strike")' | base64 -d > /root/strike
    printf '%s\n' FINAL_BUDGET=6 KILL_WAIT=1 >> /etc/default/curfew
    echo 0 > /proc/sys/kernel/sysrq; sync; seq 1000 > /root/kept"
}

# plug: gives the guest a watchdog; with one at QEMU's start its frozen state could not be restored.
plug() {
  vm_qmp '"execute": "watchdog-set-action", "arguments": {"action": "reset"}' > /dev/null
  vm_qmp '"execute": "device_add", "arguments": {"driver": "i6300esb", "id": "watchdog"}' > /dev/null
  vm_run 'echo WATCHDOG=yes >> /etc/default/curfew; modprobe i6300esb
    for i in $(seq 100); do [ ! -e /dev/watchdog0 ] || break; sleep 0.1; done; ls /dev/watchdog0'
}

# strike SIGNAL FIELD VALUE VICTIM...: as the program of that name says.
strike() {
  vm_run "setsid chrt -f 50 perl /root/strike $* > /dev/null 2>&1 < /dev/null &"
}

# in_stage NAME: the field that tells a stage, and the number of this one; of "none", 0.
in_stage() {
  [ "$1" != none ] || { echo stage 0; return; }
  vm_run '/lib/curfew/halt --help' | awk -v name="$1" '
    /They are:/ { list = 1; next }
    /--spare-fd/ { exit }
    list { for (i = 1; i <= NF; i++) { n++; if ($i == name) print "stage", n } }'
}

# took LIMIT: prints both, and compares.
took() {
  echo "# $VM_SECONDS s, limit $1 s" >&3
  awk -v took="$VM_SECONDS" -v limit="$1" 'BEGIN { exit !(took <= limit) }'
}

# What had been written is on the disk, and the journal is all that a check needs.
saved() {
  e2fsck -fy "$(vm_image root)" > "$VM/fsck" || [ $? -eq 1 ]
  diff <(vm_file /root/kept) <(seq 1000)
}

# struck SIGNAL STAGE LEVEL END LIMIT WORDS: main gets the signal in that stage of the way to LEVEL;
# the dead-man says WORDS and ends the machine.
struck() {
  start
  # shellcheck disable=SC2046  # two words
  strike "$1" $(in_stage "$2") main
  vm_send "init $3"
  vm_end "$4"
  took "$5"
  vm_console | grep -a "curfew: dead-man: $6"
  saved
}

# stub_goes_on STAGE: main gets SIGSEGV there, ahead of the last stages; the stub runs what is left.  What
# a script that ran then has yet to print may be lost, but not what it does.
stub_goes_on() {
  start
  stop_script books 'sleep 5; echo closed > /root/books'
  # shellcheck disable=SC2046  # two words
  strike SEGV $(in_stage "$1") main
  vm_send 'init 0'
  vm_end off
  vm_console | grep -a 'rc cannot run (status 139)'
  [ "$(vm_console | grep -ac 'Stopping enhanced syslogd')" -eq 1 ]
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
  vm_clean
  [ "$(vm_file /root/books)" = closed ]
}

stopped() { struck STOP "$1" "${2:-0}" "${3:-off}" $((scripts + budget + ladder)) 'no progress for 11 s'; }
crashed() { struck SEGV "$1" "${2:-0}" "${3:-off}" $((scripts + ladder)) 'process [0-9]* has died'; }

@test "rc stopped among the scripts: the dead-man switches off within its budget" {
  start
  strike STOP stage 0 main
  vm_send 'init 0'
  vm_end off
  took $((scripts + budget + ladder))
  vm_console | grep -a 'curfew: dead-man: no progress for 11 s among the scripts'
  saved
}

@test "rc killed by SIGKILL between two scripts, the third hangs: the machine ends within FINAL_HARD" {
  start
  stop_script first 'kill -KILL "$(pidof -x /lib/curfew/rc)"'
  stop_script third 'exec sleep 1000'
  vm_run 'sed -i "s/^# Required-Start: .*/& third/" /etc/init.d/first
    update-rc.d first defaults; echo FINAL_HARD=15 >> /etc/default/curfew; sync'
  vm_send 'init 0'
  vm_end off
  took $((scripts + 15 + ladder))
  vm_console | grep -a 'curfew: dead-man: no rc for 15 s among the scripts'
  saved
}

@test "killall5 -15 and -9, and KILL to the dead-man, from a stop script: the end is in order" {
  start
  stop_script killer 'killall5 -15; killall5 -9; kill -KILL -1; kill -STOP -1
    before=$(pidof @curfew-deadman); kill -KILL $before; sleep 4
    echo "dead-man anew: $(pidof @curfew-deadman | grep -vc "^$before$")"'
  vm_send 'init 0'
  vm_end off
  vm_console | grep -a 'killer: dead-man anew: 1'
  [ "$(vm_console | grep -ac 'Stopping the ledger')" -eq 1 ]
  vm_clean
}

# bats test_tags=slow
@test "rc killed by SIGSEGV among the scripts: the stub runs the others, and the end is in order" {
  stub_goes_on none
}

# bats test_tags=slow
@test "rc stopped in stage unmount: the dead-man switches off within its budget" { stopped unmount; }

# bats test_tags=slow
@test "halt stopped in stage hooks, on its way to a restart: the dead-man restarts" {
  stopped hooks 6 restart
}

# bats test_tags=slow
@test "rc killed by SIGSEGV in stage unmount: the dead-man acts at once" { crashed unmount; }

@test "halt killed by SIGSEGV in stage sync, on its way to a restart: the dead-man restarts" {
  crashed sync 6 restart
}

# bats test_tags=slow
@test "rc stopped in stage kill: the dead-man switches off within its budget" { stopped kill; }
# bats test_tags=slow
@test "rc stopped in stage record: the dead-man switches off within its budget" { stopped record; }
# bats test_tags=slow
@test "rc stopped in stage quota: the dead-man switches off within its budget" { stopped quota; }
# bats test_tags=slow
@test "rc stopped in stage accounting: the dead-man switches off within its budget" {
  stopped accounting
}
# bats test_tags=slow
@test "rc stopped in stage unmount-network: the dead-man switches off within its budget" {
  stopped unmount-network
}
# bats test_tags=slow
@test "rc stopped in stage clock: the dead-man switches off within its budget" { stopped clock; }
# bats test_tags=slow
@test "rc stopped in stage read-only: the dead-man switches off within its budget" {
  stopped read-only
}
# bats test_tags=slow
@test "halt stopped in stage sync: the dead-man switches off within its budget" { stopped sync; }
# bats test_tags=slow
@test "halt stopped in stage drives: the dead-man switches off within its budget" {
  stopped drives
}
# bats test_tags=slow
@test "halt stopped in stage interfaces: the dead-man switches off within its budget" {
  stopped interfaces
}
# bats test_tags=slow
@test "halt stopped in stage beep: the dead-man switches off within its budget" { stopped beep; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage kill: the dead-man acts at once" { crashed kill; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage record: the dead-man acts at once" { crashed record; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage quota: the dead-man acts at once" { crashed quota; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage accounting: the dead-man acts at once" { crashed accounting; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage unmount-network: the dead-man acts at once" {
  crashed unmount-network
}
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage clock: the dead-man acts at once" { crashed clock; }
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage read-only: the dead-man acts at once" { crashed read-only; }
# bats test_tags=slow
@test "halt killed by SIGSEGV in stage hooks: the dead-man acts at once" { crashed hooks; }
# bats test_tags=slow
@test "halt killed by SIGSEGV in stage drives: the dead-man acts at once" { crashed drives; }
# bats test_tags=slow
@test "halt killed by SIGSEGV in stage interfaces: the dead-man acts at once" {
  crashed interfaces
}
# bats test_tags=slow
@test "halt killed by SIGSEGV in stage beep: the dead-man acts at once" { crashed beep; }

# bats test_tags=slow
@test "rc stopped in stage early-unmount-network: the dead-man switches off within its budget" {
  stopped early-unmount-network
}
# bats test_tags=slow
@test "rc killed by SIGSEGV in stage early-unmount-network: the stub runs the others" {
  stub_goes_on early-unmount-network
}
# bats test_tags=slow
@test "halt killed by SIGSEGV in stage power: the dead-man acts at once" { crashed power; }

# bats test_tags=slow
@test "halt that is stopped before reboot(2) has an effect: 90 s later the dead-man restarts" {
  start
  # halt waits for the watchdog to be disarmed, which is when it can be hit.
  plug
  strike STOP phase 1 main
  vm_send 'init 0'
  vm_end restart
  took $((scripts + 90))
  vm_console | grep -a 'curfew: dead-man: no driver has said anything for 90 s after reboot(2); restarting'
  vm_clean
  [ -z "$(vm_events WATCHDOG)" ]
}

@test "main and dead-man stopped: the hardware watchdog resets the machine" {
  start
  plug
  # shellcheck disable=SC2046  # two words
  strike STOP $(in_stage unmount) main dead_man
  vm_send 'init 0'
  vm_end restart
  took $((scripts + budget + 2))
  vm_events WATCHDOG
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
  e2fsck -fy "$(vm_image root)" > "$VM/fsck" || [ $? -eq 1 ]
}

# bats test_tags=slow
@test "a disk that is slow and honest is waited for: no alarm, no reset, and nothing is lost" {
  start
  plug
  # Each write takes four seconds, one flush of the journal three of these.
  vm_run 'size=$(blockdev --getsz /dev/vdb); mkfs.ext4 -q /dev/vdb
    dmsetup create slow --table "0 $size delay /dev/vdb 0 0 /dev/vdb 0 4000"
    mount /dev/mapper/slow /srv; sync
    head -c 20M /dev/zero | tr "\0" x > /srv/data'
  vm_send 'init 0'
  vm_end off
  took $((scripts + 60 + 20))
  # More than the budget, and more than the watchdog gives.
  awk -v took="$VM_SECONDS" -v least=$((2 * budget)) 'BEGIN { exit !(took > least) }'
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')$(vm_events WATCHDOG)" ]
  vm_clean root second
  [ "$(vm_file /data second | tr -d x | wc -c)" -eq 0 ]
  [ "$(vm_file /data second | wc -c)" -eq $((20 << 20)) ]
}

# nothing_begun: the guard of rc's start has waited 60 s for rc and 60 s for its death, has saved, where
# neither of the two keys that do comes to an end, and has switched off.
nothing_begun() {
  took $((60 + 60 + 20 + ladder))
  vm_console | grep -a 'curfew: dead-man: rc does not get on; it is killed'
  vm_console | grep -a 'curfew: dead-man: neither rc nor its stub gets on; .* switching off'
}

# bats test_tags=slow
@test "a root disk that never answers again: off all the same" {
  vm_start curfew
  vm_qmp '"execute": "block_set_io_throttle", "arguments": {"device": "root", "bps": 1, "bps_rd": 0,
    "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": 0}' > /dev/null
  vm_run 'echo lost > /root/lost; sync &'
  vm_send 'init 0'
  vm_end off
  nothing_begun
}

# bats test_tags=slow
@test "a root on device mapper that is suspended: off all the same" {
  vm_start curfew --boot -append "$vm_append dm_root=1"
  vm_run 'dmsetup suspend --noflush --nolockfs root'
  vm_send 'init 0'
  vm_end off
  nothing_begun
}

# bats test_tags=slow
@test "a machine that halts is not reset by its watchdog" {
  start
  plug
  vm_send 'shutdown -h -H now'
  vm_shows 'reboot: System halted'
  sleep $((budget + 4))
  [ -z "$(vm_events WATCHDOG)$(vm_events SHUTDOWN)" ]
  vm_end halted
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
}
