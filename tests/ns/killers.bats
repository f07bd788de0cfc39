#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Scripts that signal every process they can, on the way down, under a real init: whatever they call,
# the scripts behind them run and the machine ends.
# shellcheck disable=SC2016  # bodies of scripts

load lab.bash

teardown() { lab_stop; }

# Run inside, before init starts: killer stops before db, and beside runs while killer does.
# A helper is the program under a name that nobody knows.
prepare='
rm -f /etc/rc[2-5].d/S* /etc/rc[016].d/K*redis-server /etc/rc[016].d/K*nginx
cp /sbin/killall5 /lab/ender
cp /bin/kill /lab/sender
service() {
  printf "%s\n" "#!/bin/sh" "### BEGIN INIT INFO" "# Provides: $1" "# Required-Start: $2" \
    "# Required-Stop: $2" "# Default-Start: 2" "# Default-Stop: 0 1 6" "### END INIT INFO" \
    "[ \$1 = stop ] || exit 0" "$3" "echo $1 >> /lab/stopped" > "/etc/init.d/$1"
  chmod 755 "/etc/init.d/$1"
  (cd /etc/init.d && insserv "$1")
}
service db "\$remote_fs" :
'

# goes_down: init 0 ends the machine, db has stopped.
goes_down() {
  lab_wait_level 2
  lab_run sh -c 'sleep 1000 & init 0'
  lab_end 2 60
  grep -qx db "$(lab_file /lab/stopped)"
}

deaf='trap : HUP INT QUIT ABRT SEGV USR1 USR2 ALRM PIPE TERM'
everybody='
for signal in 15 9; do killall5 -$signal; /lab/ender -$signal; done
for signal in HUP INT QUIT USR1 USR2 ALRM PIPE TERM KILL STOP; do
  ('$deaf'; kill -$signal -1; /lab/sender -$signal -1)
done'

@test "killall5 in a stop script, under any name, spares rc and the scripts beside it" {
  lab_start curfew "$prepare"'
service killer db "sleep 0.5; killall5 -15; killall5 -9; /lab/ender -15; /lab/ender -9"
service beside db "sleep 2"'
  goes_down
  [ "$(sort "$(lab_file /lab/stopped)" | xargs)" = "beside db killer" ]
}

@test "signals to all processes from a stop script: the others stop, the machine ends" {
  lab_start curfew "$prepare service killer db '$deaf$everybody'"
  goes_down
  grep -qx killer "$(lab_file /lab/stopped)"
  grep -q "SIGTERM from .* is no request of init's; rc goes on" "$(lab_console)"
}

# Where rc.local runs rc.shutdown itself it dies of these signals, as under any rc, and nobody waits for
# what it leaves behind.
@test "the same from rc.shutdown" {
  lab_start curfew "$prepare rm -f /etc/rc0.d/K*rc.local; printf '%s\n' '#!/bin/sh' '$deaf$everybody' > /etc/rc.shutdown
chmod 755 /etc/rc.shutdown"
  goes_down
}

@test "the same where the binary is broken and the stub runs the links" {
  lab_start curfew "$prepare service killer db '$deaf
killall5 -15; killall5 -9
for signal in HUP QUIT ABRT SEGV USR1 ALRM TERM; do ($deaf; kill -\$signal -1); done'
: > /lib/curfew/rc"
  goes_down
}
