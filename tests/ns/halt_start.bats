#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What halt does before its first stage keeps it from no end.

load guard.bash

# ends COMMAND: the shell code COMMAND ends the machine by reboot(2), and soon.
ends() {
  local begin=$SECONDS
  run inside bash -c ". /tests/ns/guard.bash; require_inside; cd /; exec $1"
  echo "$output"
  [[ $output == *'ended by reboot(2)'* ]] && [ $((SECONDS - begin)) -lt 60 ]
}

# In here it cannot be lifted.
@test "a limit of the size of files does not stop halt" {
  ends 'prlimit --fsize=0 /curfew/halt --fast -p'
}

@test "a time zone and a utmp that do not answer cost their limits" {
  ends 'sh -c "mkfifo /tmp/zone; rm -f /run/utmp; mkfifo /run/utmp; TZ=:/tmp/zone /curfew/halt --fast -p"'
}

@test "--now ends at once, with neither" {
  ends 'sh -c "mkfifo /tmp/zone; rm -f /run/utmp; mkfifo /run/utmp; TZ=:/tmp/zone /curfew/halt --now -p"'
}

@test "a root that refuses chdir(2) is no reason to stay up" {
  ends 'strace -o /dev/null -e inject=chdir:error=EIO /curfew/halt -f -p'
}

# All of it is locked: 8 MB is what a small machine can spare.
@test "halt needs no more than 8 MB of memory, code and stack included" {
  ends 'prlimit --as=8388608 /curfew/halt --fast -p'
  [[ $output == *'all file systems are clean'* ]]
}
