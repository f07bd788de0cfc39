# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same services for Debian's rc, for ours and for OpenRC, as the PREPARE of lab_start:
#   lsb_services COUNT WORK       init scripts with a header, registered by insserv
#   openrc_services COUNT WORK    scripts of openrc-run, in the runlevel default
# The stop of each of the COUNT services runs WORK, shell code, and leaves a file in /lab/ran; a start does
# nothing.  All need one service more, which so stops last and writes the time (seconds since 1970) to
# /lab/stopped.

# sync(1) waits for all disks of the machine outside, and for what others write there.  Debian's
# sendsigs calls it.
prepare_services() { # COUNT WORK
  printf 'count=%q work=%q last=%q\n' "$1" "$2" 'date +%s.%N > /lab/stopped'
  echo 'cp /bin/true /bin/sync; mkdir /lab/ran; cd /etc/init.d'
}

lsb_services() {
  prepare_services "$@"
  cat << 'END'
# What the root with OpenRC does not have; several of these poll while their daemon ends.
for name in atd beanstalkd brightness cron dbus dnsmasq ledger nginx redis-server rsyslog ssh udev uuidd; do
  rm -f /etc/rc?.d/[SK]??$name
done
# By $remote_fs insserv lets a service stop before sendsigs.
script() { # NAME NEEDS WORK
  printf '%s\n' '#!/bin/sh' '### BEGIN INIT INFO' "# Provides: $1" "# Required-Start: \$remote_fs $2" \
    "# Required-Stop: \$remote_fs $2" '# Default-Start: 2' '# Default-Stop: 0' '### END INIT INFO' \
    "[ \"\$1\" != stop ] || { $3; }" > $1
  chmod 755 $1
}
script last '' "$last"
for i in $(seq $count); do script s$i last "$work; : > /lab/ran/$i"; done
insserv last $(seq -f s%g $count)
cd /
END
}

openrc_services() {
  prepare_services "$@"
  cat << 'END'
echo rc_parallel=YES >> /etc/rc.conf
script() { # NAME DEPENDENCIES WORK
  printf '%s\n' '#!/sbin/openrc-run' "depend() { $2; }" 'start() { :; }' "stop() { $3; }" > $1
  chmod 755 $1
  ln -s /etc/init.d/$1 /etc/runlevels/default/$1
}
script last : "$last"
for i in $(seq $count); do script s$i 'need last' "$work; : > /lab/ran/$i"; done
cd /
END
}
