#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One whole life of a system of each layout: real init as PID 1 boots it, goes from level to level,
# and ends it by reboot(2).  The systems of suse, redhat and lfs are layout.sh's, with the inittab
# that `make install` brings as an example.  Each script notes its name and argument in /lab/calls.
# shellcheck disable=SC2016,SC2154  # bodies of scripts; lab.bash

load lab.bash

teardown() { lab_stop; }

# goes LEVEL: changes to it and waits until rc has done so; marks it in /lab/calls.
goes() {
  lab_run sh -c "echo '-- $1' >> /lab/calls; exec init $1"
  lab_wait_level "$1"
}

# ends LEVEL SIGNAL: goes to 0 or 6; init must be ended by that signal.
ends() {
  lab_run sh -c "echo '-- $1' >> /lab/calls; exec init $1"
  lab_end "$2"
  [ "$(shutdown_records "$(lab_file /var/log/wtmp)" | wc -l)" -eq 1 ]
}

# noted: compares /lab/calls with standard input.
noted() { diff "$(lab_file /lab/calls)" - ; }

console_shows() { within 20 grep -qF "$1" "$(lab_console)"; }

# Shell code that breaks rc before init starts.
crash='printf "%s\n" "#!/bin/sh" "[ \"\$1\" != --version ] || { echo crash; exit; }" \
  "kill -SEGV \$\$" > /lib/curfew/rc
'

suse='
service net; service db; service xdm; service boot.proc; service boot.clock
links boot S01boot.proc S02boot.clock K01boot.clock K02boot.proc
links 3 S01net S02db K01db K02net
links 5 S01net S02db S03xdm K01xdm K02db K03net
for hook in before after halt; do echo "echo $hook.local >> /lab/calls" > "/etc/init.d/$hook.local"; done
'

@test "suse: the level that is left stops, S01halt ends, with all hooks and boot.d" {
  lab_start suse "$suse"
  lab_wait_level 3
  goes 5
  goes 3
  ends 0 2
  noted << 'END'
boot.proc start
boot.clock start
before.local
net start
db start
after.local
-- 5
before.local
xdm start
after.local
-- 3
before.local
xdm stop
after.local
-- 0
before.local
db stop
net stop
halt.local
boot.clock stop
boot.proc stop
END
}

@test "suse: init 6 ends by S01reboot with a restart" {
  lab_start suse "$suse"
  lab_wait_level 3
  ends 6 1
  sed -n '/^-- 6$/,$p' "$(lab_file /lab/calls)" > "$LAB/end"
  diff "$LAB/end" - << 'END'
-- 6
before.local
db stop
net stop
halt.local
boot.clock stop
boot.proc stop
END
}

@test "suse: what rc and halt did is one trace, boot.d included" {
  lab_start suse "$suse"
  lab_wait_level 3
  ends 0 2
  [ "$(lab_trace | sed -n 's/.*"event":"start","service":"\([^"]*\)".*/\1/p' | paste -sd' ')" = \
    "before.local db net halt boot.clock boot.proc" ]
  lab_trace | grep -q '"event":"stage-start".*"stage":"power"'
}

@test "suse: from S, where the boot scripts never ran, boot.d is not stopped (bnc#709825)" {
  lab_start suse "$suse"'sed -i s/^id:3/id:S/ /etc/inittab'
  lab_wait_level S
  ends 0 2
  noted << 'END'
before.local
after.local
-- 0
before.local
halt.local
END
}

@test "suse: with an rc that crashes the stub starts, stops and ends by the same rules" {
  lab_start suse "$suse$crash"
  lab_wait_level 3
  goes 5
  goes 3
  ends 0 2
  noted << 'END'
boot.proc start
boot.clock start
net start
db start
-- 5
xdm start
-- 3
xdm stop
-- 0
db stop
net stop
halt.local
boot.clock stop
boot.proc stop
END
}

redhat='
service net; service db; service xdm; service idle; service late
service killall
links 3 K05xdm K10idle S10net S20db
links 5 K10idle S10net S20db S30xdm
for level in 0 6; do
  links $level K05xdm K10idle K80db K90net S00killall S99late
  ln -s ../init.d/xdm "/etc/rc.d/rc$level.d/K06xdm.rpmsave"
done
note /sbin/halt.local
'

# red_hat_round [STEPS]: up and down through the levels, to a restart.
red_hat_round() {
  lab_start redhat "$redhat${1:-}"
  lab_wait_level 3
  goes 5
  goes 3
  ends 6 1
  noted << 'END'
rc.sysinit
net start
db start
-- 5
xdm start
-- 3
xdm stop
-- 6
db stop
net stop
killall start
halt.local <Going down: reboot> </sbin/reboot> <-f> <>
END
}

@test "redhat: lock files decide, S00killall and S01reboot are started, nothing after them" {
  red_hat_round
}

@test "redhat: init 0 powers off through S01halt" {
  lab_start redhat "$redhat"
  lab_wait_level 3
  ends 0 2
  tail -n 1 "$(lab_file /lab/calls)" | grep -xE 'halt.local <Going down: halt> </sbin/halt> <-f.* -p.*> <>'
}

@test "redhat: with an rc that crashes the stub starts, stops and ends by the same rules" {
  red_hat_round "$crash"
}

# As LFS's own, sendsignals ends every process outside its session.
lfs='
service proc; service net; service db; service xdm; service mountfs
service sendsignals "killall5 -15; sleep 0.2; killall5 -9; true"
links S S00proc
links 3 K05xdm S10net S20db
links 5 S10net S20db S30xdm
for level in 0 6; do links $level K05xdm K80db K90net S60sendsignals S70mountfs; done
'

# lfs_round LEVEL END [STEPS]: up and down through the levels, to the END of LEVEL.
lfs_round() {
  lab_start lfs "$lfs${3:-}"
  lab_wait_level 3
  goes 5
  goes 3
  ends "$1" "$2"
  noted << END
proc start
net start
db start
-- 5
xdm start
-- 3
xdm stop
-- $1
db stop
net stop
sendsignals start
mountfs start
END
}

@test "lfs: what the level before has is left alone; sendsignals does not end rc" {
  lfs_round 0 2
}

@test "lfs: with an rc that crashes the stub starts, stops and ends by the same rules" {
  lfs_round 6 1 "$crash"
}

@test "debian: set difference between levels, rc.shutdown first, all K links in level 6" {
  lab_start curfew '
    rm -f /etc/rc[2-5].d/S* /etc/rc[016].d/K*redis-server /etc/rc[016].d/K*nginx
    service() {
      printf "%s\n" "#!/bin/sh" "### BEGIN INIT INFO" "# Provides: $1" \
        "# Required-Start: \$remote_fs $4" "# Required-Stop: \$remote_fs $4" \
        "# Default-Start: $2" "# Default-Stop: $3" "### END INIT INFO" \
        "echo \"$1 \$1\" >> /lab/calls" > "/etc/init.d/$1"
      chmod 755 "/etc/init.d/$1"
      insserv "$1"
    }
    service net "2 3 4 5" "0 1 6"
    service xdm 5 "0 1 2 3 4 6" net
    printf "#!/bin/sh\necho rc.shutdown >> /lab/calls\n" > /etc/rc.shutdown
    chmod 755 /etc/rc.shutdown'
  lab_wait_level 2
  goes 5
  goes 3
  ends 6 1
  noted << 'END'
net start
-- 5
xdm start
-- 3
xdm stop
-- 6
rc.shutdown
xdm stop
net stop
END
}

@test "debian: an edited sendsigs ends neither rc nor the shutdown" {
  lab_start curfew 'rm -f /etc/rc[2-5].d/S* /etc/rc[016].d/K*redis-server /etc/rc[016].d/K*nginx
    echo "echo sendsigs \$1 >> /lab/calls" > /etc/sendsigs
    sed "1r /etc/sendsigs" /etc/init.d/sendsigs > /etc/sendsigs.new
    cat /etc/sendsigs.new > /etc/init.d/sendsigs'
  lab_wait_level 2
  ends 0 2
  noted <<< $'-- 0\nsendsigs stop'
}

@test "the example inittab: Alt-Up prints the status, Ctrl-Alt-Del restarts" {
  lab_start lfs "$lfs"
  lab_wait_level 3
  lab_run kill -WINCH 1
  console_shows 'level 3, from N: 2 of 2 scripts have ended'
  lab_run kill -INT 1
  lab_end 1
}
