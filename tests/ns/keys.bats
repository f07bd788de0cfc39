#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Keys and `curfew skip` under the real init, which gives rc no controlling terminal.
# shellcheck disable=SC2016,SC2154  # bodies of scripts; lab.bash

load lab.bash

teardown() { lab_stop; }

# Shell code for the inside: a service whose stop hangs, and one that is stopped after it.
hung='for name in hung later; do
  printf "%s\n" "#!/bin/sh" "### BEGIN INIT INFO" "# Provides: $name" \
    "# Required-Start: \$remote_fs" "# Required-Stop: \$remote_fs" "# Default-Start: 3" \
    "# Default-Stop: 0 1 6" "### END INIT INFO" > "/etc/init.d/$name"
  chmod 755 "/etc/init.d/$name"
done
sed -i "s/^# Required-Start:.*/& later/; s/^# Required-Stop:.*/& later/" /etc/init.d/hung
echo "exec sleep 1000" >> /etc/init.d/hung
(cd /etc/init.d; insserv later hung)
'

says() { grep -qE "$1" "$(lab_console)"; }

begun() { lab_trace | grep -q "\"event\":\"start\",\"service\":\"$1\""; }

@test "Ctrl-C at init's console skips a stop that hangs; what comes after it runs; the end comes" {
  lab_start curfew "$hung"
  lab_wait_level 2
  lab_run init 0
  within 30 says 'stopping hung [0-9]+ s, [0-9]+ s left: sleep\['
  lab_keys '\003'
  lab_end 2
  lab_trace | grep -q '"event":"abandoned","service":"hung".*"reason":"skipped by a key"'
  begun later
}

@test "curfew skip from another terminal does the same" {
  lab_start curfew "$hung"
  lab_wait_level 2
  lab_run init 6
  within 30 begun hung
  [ "$(lab_run curfew skip hung)" = "$(lab_run sh -c 'echo /etc/rc6.d/K*hung' |
    sed 's|.*/||') is left alone" ]
  lab_end 1
  begun later
}
