#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Stop scripts that hang, in every way that people met: the machine goes down within the limits, all
# that does not hang is stopped in order, and the log names who hung.
# shellcheck disable=SC2016,SC2030,SC2031  # for the shell in the guest; each test has its own table

load vm
load ends

# Seconds in curfew(5)'s sense, real ones for `make soak`, and those that a slow guest has for all
# that is not waiting.
limit=${LIMIT:-6} rest=35

# The stops. Those above the line are left alone; those below end, and the flood does what it can.
declare -gA stops=(
  [sleeps]='exec sleep 100000'
  [polls]='while pidof init > /dev/null; do sleep 1; echo .; done'
  [deaf]='trap "" TERM HUP INT; while :; do sleep 1; done'
  [bomb]='i=0; while [ $i -lt 300 ]; do sh -c "while :; do sleep 1; done" & i=$((i+1)); done
          while :; do true & done'
  [holds]='exec flock /run/held sleep 100000'
  [wants]='until [ -e /run/held ]; do sleep 0.1; done; exec flock /run/held true'
  # ----
  [stops]='kill -STOP $$; sh -c "kill -STOP \$\$"'
  [forks]='setsid sh -c "sleep 100000; echo late" &'
  [reads]='read -r line; cat'
  [floods]='head -c 100000000 /dev/zero | tr "\\0" x'
  [interpreter]='#!/no/such/interpreter'
)
hung='sleeps polls deaf bomb holds wants'

# LIMIT for all but the ledger: its daemon takes three seconds, which a third of LIMIT does not give.
short_limit() {
  vm_run "printf '%s\n' LIMIT=$limit SERVICES=ledger LIMIT=30 >> /etc/default/curfew; sync"
}

# goes_down NAME...: power-off of a guest with these stops, none of which waits for another, in time.
goes_down() {
  vm_start curfew
  with "$@"
}

# with NAME...: the same for a guest that runs already.
with() {
  local name seconds=$((limit + limit / 3 + rest))
  for name in "$@"; do stop_script "$name" "${stops[$name]}"; done
  short_limit
  vm_send 'init 0'
  vm_end off $((240 + 6 * limit))
  echo "# $*: $VM_SECONDS s, limit $seconds s" >&3
  awk "BEGIN { exit !($VM_SECONDS < $seconds) }"
  [ "$(vm_console | grep -c 'ledger: Stopping the ledger')" -eq 1 ]
  vm_clean
  kept_trace > "$VM/log"
}

# told SERVICE: what the log says of it, when a test fails.
told() {
  echo "the log of $1:"
  grep "\"service\":\"$1\"" "$VM/log" | cut -c 1-160 | tail -n 40
  false
}

# The log says that it was left alone and shows its processes; or that it ended by itself.
culprit() {
  grep -q "\"abandoned\",\"service\":\"$1\",.*no progress for" "$VM/log" || told "$1"
  grep -q "\"process\",\"service\":\"$1\",\"text\":\".*\[[0-9]*\] [A-Z]" "$VM/log" || told "$1"
}
ended() { grep -q "\"exit\",\"service\":\"$1\",\"action\":\"stop\"" "$VM/log" || told "$1"; }

# after A B: A began after B was left alone or had ended.
after() {
  awk -v a="\"start\",\"service\":\"$1\"" -v b="\",\"service\":\"$2\"" '
    index($0, a) { began = NR }
    index($0, b) && (/"event":"abandoned"/ || /"event":"exit"/) && !over { over = NR }
    END { exit !(over && over < began) }' "$VM/log"
}

@test "stops that hang in every way, all at once: off within the limit, each named in the log" {
  goes_down "${!stops[@]}"
  for name in $hung; do culprit "$name"; done
  for name in stops forks reads interpreter ledger; do ended "$name"; done
  for name in "${!stops[@]}"; do [ "$name" = floods ] || after ledger "$name"; done
}

@test "a chain of stops that hang costs LIMIT, and LIMIT/3 for each but the first" {
  vm_start curfew
  stops[second]=${stops[sleeps]} stops[third]=${stops[polls]}
  for name in sleeps second third; do stop_script "$name" "${stops[$name]}"; done
  vm_run 'sed -i "s/^# Required-\(Start\|Stop\): .*/& sleeps/" /etc/init.d/second
    sed -i "s/^# Required-\(Start\|Stop\): .*/& second/" /etc/init.d/third
    update-rc.d second defaults; update-rc.d third defaults'
  short_limit
  vm_send 'init 0'
  vm_end off $((240 + 6 * limit))
  seconds=$((limit + 2 * (limit / 3) + rest))
  echo "# $VM_SECONDS s, limit $seconds s" >&3
  awk "BEGIN { exit !($VM_SECONDS < $seconds) }"
  vm_clean
  kept_trace > "$VM/log"
  for name in sleeps second third; do culprit "$name"; done
  ended ledger
  after second third && after sleeps second && after ledger sleeps
}

# bats test_tags=slow
@test "all at once, with a stop that goes into a mount whose NFS server is gone" {
  vm_start daemons
  vm_run 'for name in apache2 cups exim4 mariadb nginx nmbd postgresql smbd; do
      /etc/init.d/$name stop > /dev/null
    done'
  stops[visits]='cd /srv/import && ls'
  dead_nfs
  rest=60
  with "${!stops[@]}"
  for name in $hung visits; do culprit "$name"; done
  for name in stops forks reads interpreter ledger; do ended "$name"; done
  for name in "${!stops[@]}"; do [ "$name" = floods ] || after ledger "$name"; done
}

# bats test_tags=slow
@test "each of these stops alone: off within the limit, and the log says which it was" {
  for name in "${!stops[@]}"; do
    goes_down "$name"
    case $name in
      floods) ;;
      stops | forks | reads | interpreter) ended "$name" ;;
      *) culprit "$name" ;;
    esac
    vm_stop
  done
}

# bats test_tags=slow
@test "a stop that writes steadily for five limits is waited for, with its progress" {
  vm_start curfew
  stops[writes]="i=0; while [ \$i -lt $((5 * limit)) ]; do
    dd if=/dev/zero of=/var/data bs=64k count=4 conv=fsync; sleep 1; i=\$((i+1)); done"
  stop_script writes "${stops[writes]}"
  short_limit
  vm_send 'init 0'
  vm_end off $((240 + 6 * limit))
  echo "# $VM_SECONDS s" >&3
  kept_trace > "$VM/log"
  ended writes && after ledger writes
  [ "$(grep -c '"event":"abandoned"' "$VM/log")" -eq 0 ]
}

# bats test_tags=slow
@test "a checkpoint of PostgreSQL on a slow disk is waited for over many limits, and loses nothing" {
  vm_start daemons
  vm_run 'set -e
    for name in apache2 cups exim4 mariadb nfs-kernel-server nginx nmbd smbd; do
      /etc/init.d/$name stop > /dev/null
    done
    size=$(blockdev --getsz /dev/vdb)
    dmsetup create slow --table "0 $size delay /dev/vdb 0 0 /dev/vdb 0 200"
    mkfs.ext4 -q /dev/mapper/slow; mount /dev/mapper/slow /srv
    /etc/init.d/postgresql stop
    cp -a /var/lib/postgresql /srv; mount --bind /srv/postgresql /var/lib/postgresql
    /etc/init.d/postgresql start
    for n in $(seq 300); do echo "create table t$n as select generate_series(1, 1000) n;"; done |
      su postgres -c "cd /; psql -q -1"'
  # Its stop begins with seconds of Perl.
  limit=10
  vm_run "printf '%s\n' SERVICES=postgresql LIMIT=$limit > /etc/default/curfew.d/slow.conf"
  vm_send 'init 0'
  vm_end off 400
  echo "# $VM_SECONDS s, more than $((5 * limit)) s" >&3
  awk "BEGIN { exit !($VM_SECONDS > 5 * $limit) }"
  kept_trace > "$VM/log"
  ended postgresql
  [ -z "$(grep '"event":"abandoned"' "$VM/log")" ]
  vm_clean
}

# root_rate BYTES: what the disk of / reads and writes in a second.
root_rate() {
  vm_qmp '"execute": "block_set_io_throttle", "arguments": {"device": "root", "bps": '"$1"', "bps_rd": 0,
    "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": 0}' > /dev/null
}

# silent OPTION...: halt begins 5 s after the disk of / has gone silent, with nothing of it in memory.
silent() {
  vm_start curfew
  vm_run "mount -o remount,exec /dev/shm; cp /lib/curfew/halt /dev/shm/
    (sleep 5; exec /dev/shm/halt $*) > /dev/console 2>&1 &
    sync; echo 3 > /proc/sys/vm/drop_caches"
  root_rate 1
  vm_end off
  echo "# $VM_SECONDS s" >&3
}

@test "halt --now with a silent disk and an empty cache is off at once" {
  silent --now -p
  awk -v took="$VM_SECONDS" 'BEGIN { exit took > 15 }'
}

# bats test_tags=slow
@test "halt --fast with a silent disk and an empty cache is off all the same" {
  silent --fast -p
}

# bats test_tags=slow
@test "halt -f with a silent disk and an empty cache is off all the same" {
  silent -f -p
}

# bats test_tags=slow
@test "a disk of / that reads and writes 200 kB a second is waited for, and nothing is lost" {
  vm_start curfew
  stop_script witness 'echo stopped in its turn'
  vm_run 'sync; echo 3 > /proc/sys/vm/drop_caches; seq 200000 > /root/kept'
  root_rate 200000
  vm_send 'init 0'
  vm_end off 600
  echo "# $VM_SECONDS s" >&3
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
  vm_console | grep -a 'witness: stopped in its turn'
  orderly off
  diff <(vm_file /root/kept) <(seq 200000)
}

# bats test_tags=slow
@test "a disk of / that goes silent among the scripts, with an empty cache: off all the same" {
  vm_start curfew
  stop_script silence 'sync; echo 3 > /proc/sys/vm/drop_caches; echo silent; sleep 5'
  vm_run 'echo LIMIT=10 >> /etc/default/curfew'
  vm_send 'init 0'
  vm_shows 'silent'
  root_rate 1
  vm_end off 600
  echo "# $VM_SECONDS s" >&3
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
  vm_console | grep -aF 'halt: / is NOT read-only: its device does not answer'
  [ "$(vm_console | grep -ac 'K[0-9]*[a-z]*: no progress for [0-9]* s; left alone, the run')" -ge 5 ]
}

@test "with both files of halt empty, as after a power cut, sysvinit's own ends the machine" {
  vm_start curfew
  vm_run 'for file in /lib/curfew/halt /lib/curfew-halt/halt; do
      rm $file; : > $file; chmod 755 $file
    done; seq 1000 > /root/kept; sync'
  vm_send 'init 0'
  vm_end off
  vm_shows 'cannot become halt'
  diff <(vm_file /root/kept) <(seq 1000)
  vm_clean
}

# TIOCCONS, TIOCSPTLCK, TIOCGPTN.
@test "a console that is sent to a terminal whose reader hangs costs lines: every stop runs, / is clean" {
  vm_start curfew
  stop_script flood 'seq 100000; echo whole > /root/flood'
  vm_run 'cat > /root/cons << "END"
$SIG{TERM} = $SIG{HUP} = q(IGNORE); my $n = pack q(i), 0;
open M, q(+<), q(/dev/ptmx) and ioctl(M, 0x40045431, $n) and ioctl(M, 0x80045430, $n) or die;
open S, q(+<), q(/dev/pts/) . unpack(q(i), $n) and ioctl(S, 0x541d, 0) or die;
open R, q(>), q(/run/redirected); sleep 1 while 1;
END
    printf "%s\n" KILL_WAIT=1 FINAL_BUDGET=20 >> /etc/default/curfew
    setsid perl /root/cons > /dev/null 2>&1 < /dev/null & until [ -e /run/redirected ]; do sleep 0.1; done'
  vm_send 'init 0'
  vm_end off
  [ -z "$(vm_console | grep -a 'curfew: dead-man:')" ]
  [ "$(vm_file /root/flood)" = whole ]
  vm_clean
}
