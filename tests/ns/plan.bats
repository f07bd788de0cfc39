#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a plan of the machine itself says of its processes.  Inside, where no other service runs.

load guard.bash

@test "a service that runs without a stop link is named, one that sendsigs omits is not, by both" {
  run inside bash -c '. /tests/ns/guard.bash; require_inside
    for name in runs spared ended; do
      printf "#!/bin/sh\n# pidfile: /run/%s.pid\n" $name >/etc/init.d/$name
      sleep 100 & echo $! >/run/$name.pid
    done
    kill %3 && wait %3
    mkdir -p /run/sendsigs.omit.d && ln -s /run/spared.pid /run/sendsigs.omit.d/spared
    curfew() { /curfew/curfew "$@"; }
    diff <(/curfew/rc --dry-run 0) <(curfew plan 0) && curfew plan 0 | grep -A 1 "stop link"
    curfew plan 0 --why runs; curfew plan 2 | grep -c "stop link"' 2>/dev/null
  echo "$output"
  [[ ${lines[0]} =~ ^'without a stop link, ended by the kill stage: runs (sleep['[0-9]+'])'$ ]]
  [[ ${lines[1]} =~ ^'runs does not run: level 0 has no link of it; the kill stage ends sleep['[0-9]+]$ ]]
  [ "${lines[2]}" = 0 ]
}
