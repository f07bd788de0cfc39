#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts of people and the tools that register them meet while the machine goes down.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# service NAME NEEDS DEFAULT-START START STOP: registers an init script that runs these commands.
service() {
  vm_run "cat > /etc/init.d/$1 << 'END'
#!/bin/sh
### BEGIN INIT INFO
# Provides: $1
# Required-Start: $2
# Required-Stop: $2
# Default-Start: $3
# Default-Stop: 0 6
# Short-Description: $1
### END INIT INFO
case \$1 in
  start) $4 ;;
  stop) $5 ;;
esac
END
    chmod 755 /etc/init.d/$1
    update-rc.d $1 defaults"
}

# A daemon that writes numbered lines, never asks for them to be on the disk, and says on the
# console how many it has written when it is told to end.
scribe() {
  vm_run "cat > /usr/local/sbin/scribe << 'END'
#!/usr/bin/perl
use Fcntl;
open my \$book, '>', '/var/lib/book';
sysopen my \$console, '/dev/console', O_WRONLY | O_NOCTTY;
\$SIG{TERM} = sub { \$end = 1 };
until (\$end) { syswrite \$book, ++\$n . \"\n\"; select undef, undef, undef, 0.001 }
syswrite \$console, \"scribe: \$n lines\n\";
END
    chmod 755 /usr/local/sbin/scribe"
  service scribe '$remote_fs $syslog' '2 3 4 5' \
    'start-stop-daemon --start --background --make-pidfile --pidfile /run/scribe.pid \
       --startas /usr/local/sbin/scribe' \
    'echo "stop of scribe" >> /var/lib/stops
     start-stop-daemon --stop --oknodo --retry TERM/10 --pidfile /run/scribe.pid'
  vm_run 'service scribe start; until test -s /var/lib/book; do sleep 0.1; done'
}

# The disk holds each line that the scribe says it has written.
book_is_whole() {
  local lines
  lines=$(vm_console | sed -n 's/.*scribe: \([0-9]*\) lines.*/\1/p')
  echo "# $lines lines, $VM_SECONDS s" >&3
  [ "$lines" -gt 100 ]
  diff <(vm_file /var/lib/book) <(seq "$lines")
}

# --- a virtual machine is suspended

# Prints what a virtual machine lives on, a count each.
needs='
  ip -o -4 address show dev eth0 | grep -c 10.0.2.15
  grep -c "/srv/machines ext4 rw" /proc/mounts
  pgrep -x -c rsyslogd
  pgrep -x -c ledgerd'

suspend_all() {
  vm_start "$1"
  vm_run 'mkfs.ext4 -q /dev/vdb; mkdir /srv/machines; mount /dev/vdb /srv/machines'
  service vmware.suspendall '$network $remote_fs $syslog ledger' '' : "
    { $needs; } > /var/lib/found
    dd if=/dev/urandom bs=1M count=8 | tee /srv/machines/memory | sha256sum > /var/lib/sum
    sleep 1
    logger -t suspendall suspended
    { $needs; } >> /var/lib/found"
  vm_run 'update-rc.d vmware.suspendall stop 05 0 6 .'
  vm_run 'ls -x /etc/rc?.d/*suspendall' > "$VM/links"
  grep -Eqx '/etc/rc0.d/K[0-9]+vmware.suspendall */etc/rc6.d/K[0-9]+vmware.suspendall' "$VM/links"
  vm_send "init $2"
  vm_end "$3"
  diff <(vm_file /var/lib/found) <(printf '1\n%.0s' 1 2 3 4 5 6 7 8)
  vm_file /var/log/syslog | grep -q 'suspendall: suspended'
  vm_clean root second
  [ "$(vm_file /memory second | sha256sum)" = "$(vm_file /var/lib/sum)" ]
}

@test "a virtual machine is suspended while network, disks and services are there, in 0" {
  suspend_all curfew 0 off
}
# bats test_tags=slow
@test "a virtual machine is suspended while network, disks and services are there, in 6" {
  suspend_all curfew 6 restart
}
# bats test_tags=control
@test "stock: a virtual machine is suspended while network, disks and services are there" {
  suspend_all stock 0 off
}

# --- update-rc.d, insserv and invoke-rc.d

# A service that runs though it is disabled; STOPS is what its script leaves.
disabled() { # STATE STOPS
  vm_start "$1"
  scribe
  vm_run 'update-rc.d scribe disable; ls /etc/rc2.d/K*scribe'
  vm_send 'init 0'
  vm_end off
  [ "$(vm_file /var/lib/stops)" = "$2" ]
  book_is_whole
  vm_clean
}

@test "update-rc.d disable: a service that still runs is stopped by its script" {
  disabled curfew 'stop of scribe'
}
# bats test_tags=control
@test "stock: update-rc.d disable: a service that still runs is killed, its script is not run" {
  disabled stock ''
}

removed() {
  vm_start "$1"
  scribe
  vm_run 'insserv -r scribe; ! ls /etc/rc?.d/*scribe'
  vm_send 'init 0'
  vm_end off
  [ -z "$(vm_file /var/lib/stops)" ]
  book_is_whole
  vm_clean
}

@test "insserv -r: the script is not run, and the daemon is asked to end like any process" {
  removed curfew
}
# bats test_tags=control
@test "stock: insserv -r: the script is not run, and the daemon is asked to end" { removed stock; }

invoked() {
  vm_start "$1"
  scribe
  service caller scribe '2 3 4 5' : '
    invoke-rc.d scribe stop > /var/lib/answer 2>&1
    echo "status $?, level $(runlevel), scribes $(pgrep -x -c scribe)" >> /var/lib/answer'
  vm_send 'init 0'
  vm_end off
  vm_file /var/lib/answer | tee "$VM/answer"
  grep -qx 'invoke-rc.d: during shutdown sequence.' "$VM/answer"
  grep -qx 'status 0, level 2 0, scribes 0' "$VM/answer"
  diff <(vm_file /var/lib/stops) <(printf 'stop of scribe\n%.0s' 1 2)
  book_is_whole
  vm_clean
}

@test "invoke-rc.d from a stop script stops another service at once, with its usual warning" {
  invoked curfew
}
# bats test_tags=control
@test "stock: invoke-rc.d from a stop script stops another service at once" { invoked stock; }

# --- what is written last

last_words() {
  vm_start "$1"
  scribe
  vm_send "$2"
  vm_end "$3"
  book_is_whole
  vm_clean
}

@test "what a daemon writes until it is told to stop is there after power-off" {
  last_words curfew 'init 0' off
}
# bats test_tags=slow
@test "what a daemon writes until it is told to stop is there after a restart" {
  last_words curfew 'init 6' restart
}
@test "what a daemon writes until it is told to stop is there after halt --fast -p" {
  last_words curfew 'halt --fast -p' off
}
# bats test_tags=control
@test "stock: what a daemon writes until it is told to stop is there after power-off" {
  last_words stock 'init 0' off
}
