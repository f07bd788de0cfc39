#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rc --root with a directory that is the machine itself.  Inside, since a mistake would end it.

load guard.bash

# in_level_0 COMMANDS: inside, with one service that K01a stops; "end" is printed if nothing ended it.
in_level_0() {
  run inside bash -c '. /tests/ns/guard.bash; require_inside
    unset -f rc; rm -f /etc/rc0.d/*; mkdir -p /run/curfew
    printf "#!/bin/sh\necho a ran\n" >/etc/init.d/a; chmod 755 /etc/init.d/a; ln -s ../init.d/a /etc/rc0.d/K01a
    '"$1"'; echo end'
  echo "$output"
}

@test "an empty --root is refused in one line, by rc and by curfew, and nothing runs" {
  in_level_0 '/curfew/rc --root "" 0; echo $?; /curfew/rc --root= 0 2>/dev/null; echo $?; /curfew/curfew plan 0 --root ""'
  [ "$status" -eq 0 ]
  [ "$output" = "rc: --root needs a directory, not an empty word; nothing is done
1
1
curfew: --root needs a directory, not an empty word; nothing is done
end" ]
}

@test "a dry run where /proc is missing mounts nothing" {
  in_level_0 'umount -l /proc; /curfew/rc --dry-run 0 >/dev/null; [ ! -e /proc/stat ] && echo none'
  [ "$status" -eq 0 ]
  [ "$output" = "none
end" ]
}

@test "--root / in every spelling is a tree: its scripts run, its end is only named" {
  for root in / // /. /../ /usr/.. /proc/1/root; do
    in_level_0 "/curfew/rc --root $root 0"
    [ "$status" -eq 0 ]
    [[ $output == *'K01a: a ran'*'hand-over: halt -f'* ]]
    [ "${lines[-1]}" = end ]
  done
}

@test "rc is called as the README writes it: the whole plan, also where the binary is missing nothing runs" {
  run inside -b "$ns_dir/../..:/source" bash -c '. /tests/ns/guard.bash; require_inside
    unset -f rc; DESTDIR= PREFIX= LAYOUT=debian BUILD=/curfew sh /source/rc/install.sh install >/dev/null
    call=$(grep -o "/etc/init.d/rc --dry-run 0" /source/README.md)
    diff <($call) <(curfew plan 0) && echo same
    rm /lib/curfew/rc; $call; echo "status $?, as before"'
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$output" = 'same
rc: /lib/curfew/rc cannot run (status 127)
status 127, as before' ]
}
