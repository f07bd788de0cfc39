#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Ends that begin elsewhere than at a command for it, or change their mind on the way.

load vm
load ends

single_user_and_back() {
  vm_start "$1"
  vm_send 'telinit 1'
  vm_shows 'press Control-D to continue'
  vm_enter 'root@guest:~#'
  vm_keys 'init 2\r'
  vm_level 60
  vm_run 'runlevel; pgrep -x cron'
  vm_send 'init 0'
  vm_end off
  [ "$(vm_console | grep -c 'Stopping the ledger')" -eq 2 ]
  vm_clean
}

@test "telinit 1, init 2 and init 0 end in power-off, the services stopped each time" {
  single_user_and_back curfew
}
# bats test_tags=control
@test "stock: telinit 1, init 2 and init 0 end in power-off, the services stopped each time" {
  single_user_and_back stock
}

half_way='setsid sh -c "
  until pgrep -f /etc/init.d/ledger; do sleep 0.1; done
  init 0" > /dev/null 2>&1 &
  init 6'

@test "init 6 turned into init 0 half-way powers off, and no service is stopped twice" {
  down curfew off "$half_way"
}
# bats test_tags=control
@test "stock: init 6 turned into init 0 half-way powers off" {
  vm_start stock
  vm_send "$half_way"
  vm_end off 240
  vm_clean
}

@test "a stop that hangs: init 6, then init 0, which starts it no second time, then poweroff --now" {
  vm_start curfew
  stop_script hangs 'echo begins; exec sleep 100000'
  vm_send 'setsid sh -c "init 6; sleep 8; init 0; sleep 5; poweroff --now" > /dev/null 2>&1 &'
  vm_end off 120
  echo "# $VM_SECONDS s" >&3
  vm_console | grep -a 'Switching to runlevel: 0'
  [ "$(vm_console | grep -ac 'hangs: begins')" -eq 1 ]
  [ "$(vm_console | grep -ac 'Stopping the ledger')" -eq 0 ]
  e2fsck -fy "$(vm_image root)" > "$VM/fsck" || [ $? -eq 1 ]
}

ctrl_alt_del() {
  vm_start "$1"
  VM_BEGIN=$EPOCHREALTIME
  vm_qmp '"execute": "send-key", "arguments": {"keys": [{"type": "qcode", "data": "ctrl"},
    {"type": "qcode", "data": "alt"}, {"type": "qcode", "data": "delete"}]}'
  orderly restart
}

@test "Ctrl-Alt-Del on the keyboard restarts" { ctrl_alt_del curfew; }
# bats test_tags=control
@test "stock: Ctrl-Alt-Del on the keyboard restarts" { ctrl_alt_del stock; }

power_button() {
  vm_start "$1"
  # elogind would take the button, too.
  vm_run '/etc/init.d/elogind stop; pgrep -x acpid'
  VM_BEGIN=$EPOCHREALTIME
  vm_qmp '"execute": "system_powerdown"'
  orderly off
}

@test "the ACPI power button powers off" { power_button curfew; }
# bats test_tags=control
@test "stock: the ACPI power button powers off" { power_button stock; }

powerfail='sed -i "s|^pf::powerwait:.*|pf::powerwait:/sbin/shutdown -h now|" /etc/inittab
  telinit q; sleep 1; kill -PWR 1'

@test "SIGPWR with shutdown -h now in inittab powers off" { down curfew off "$powerfail"; }
# bats test_tags=control
@test "stock: SIGPWR with shutdown -h now in inittab powers off" { down stock off "$powerfail"; }

# elogind makes a record of its own before it calls shutdown(8).
@test "loginctl poweroff with elogind powers off" { down curfew off 'loginctl poweroff' 2; }
# bats test_tags=control
@test "stock: loginctl poweroff with elogind powers off" {
  down stock off 'loginctl poweroff' 2
}

# typist: types Ctrl-C on the terminal that it opens or has, 5412 being TIOCSTI.
typist='#!/usr/bin/perl
  $SIG{TERM} = $SIG{HUP} = "IGNORE";
  for (1 .. $ARGV[1] || 1e9) {
    if (open my $tty, "+<", $ARGV[0]) { 1 while ioctl($tty, 0x5412, my $key = "\x03") and !select(undef, undef, undef, 0.3) }
    select undef, undef, undef, 0.3;
  }'

@test "a user who had the console as terminal, and one within a script, type no Ctrl-C; a person does" {
  vm_start curfew
  vm_run "printf '%s\n' '$typist' > /root/typist; chmod 755 /root /root/typist; cp /root/typist /usr/bin/typist"
  stop_script waits 'setpriv --reuid=65534 --clear-groups typist /dev/tty 3 & exec sleep 12'
  stop_script person 'exec sleep 1000'
  vm_run 'sed -i "s/^# Required-Start: .*/& person/" /etc/init.d/waits; update-rc.d waits defaults
    chown 65534 /dev/tty1; chmod 600 /dev/tty1; sync
    setsid setpriv --reuid=65534 --clear-groups typist /dev/tty1 > /dev/null 2>&1 < /dev/null &'
  vm_send 'init 0'
  vm_shows 'stopping person' 60
  vm_console > "$VM/before"
  ! grep -a 'skipped by a key' "$VM/before" || false
  vm_keys '\003'
  vm_end off
  vm_console | grep -a 'person: skipped by a key'
  [ "$(vm_console | grep -c 'Stopping the ledger')" -eq 1 ]
  vm_clean
}

@test "a boot splash is taken away once, when the shutdown first waits, and holds up nothing" {
  vm_start curfew
  vm_run "printf '#!/bin/sh\necho asked to \"\$@\" >/dev/console\nexec sleep 600\n' >/usr/bin/plymouth
    chmod 755 /usr/bin/plymouth
    setsid perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; listen S, 8 if
      bind S, sockaddr_un(qq(\0/org/freedesktop/plymouthd)); sleep 600' >/dev/null 2>&1 &"
  stop_script slow 'sleep 6'
  vm_send 'init 0'
  vm_end off
  [ "$(vm_console | grep -c 'asked to hide-splash')" -eq 1 ]
  vm_clean
}
