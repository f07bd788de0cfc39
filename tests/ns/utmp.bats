#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What who(1) shows of a change of level: libutempter's own helper, with a utmp of its own.

load guard.bash

@test "a stop that lasts is in utmp with its terminal while it runs, and not any more at its end" {
  local helper
  helper=$(dpkg -L libutempter0 | grep '/utempter$' | tail -n 1)
  run inside -b "$helper:$helper" bash -c '. /tests/ns/guard.bash; require_inside
    unset -f rc; rm -f /etc/rc0.d/*; mkdir -p /run/curfew; : >/run/utmp
    # TYPE LINE HOST of each record, but for empty ones.
    cat >/tmp/records <<"END"
open my $file, "<", "/run/utmp" or die;
while (read $file, my $record, 384) {
  my ($type, $line, $host) = (unpack "s x2 i a32 a4 a32 a256", $record)[0, 2, 5];
  s/\0.*//s for $line, $host;
  print "$type $line $host\n" if $type == 7;
}
END
    cat >/etc/init.d/a <<"END"
#!/bin/sh
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  found=$(perl /tmp/records) && [ -n "$found" ] && break
  sleep 0.5
done
echo "$found, mine is $(readlink /proc/self/fd/2)"
END
    chmod 755 /etc/init.d/a; ln -s ../init.d/a /etc/rc0.d/K01a
    /curfew/rc --root / 0
    echo "left: $(perl /tmp/records)"'
  echo "$output"
  [[ $output =~ 7\ (pts/[0-9]+)\ rc0:K01a,\ mine\ is\ /dev/(pts/[0-9]+) ]]
  [ "${BASH_REMATCH[1]}" = "${BASH_REMATCH[2]}" ]
  [ "${lines[-1]}" = 'left: ' ]
}
