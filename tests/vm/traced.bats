#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# curfew.trace= changes nothing but what is printed: Debian's munin-node, whose script only sets variables
# for /lib/init/init-d-script, its mariadb, which is bash, and a script in perl stop as they do without.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# Level 4 stops the three; the one in perl comes last, and writes down which of the others still run.
level_4() {
  vm_run 'set -e
    cat > /etc/init.d/witness << "END"
#!/usr/bin/perl -w
### BEGIN INIT INFO
# Provides: witness
# Required-Start:
# Required-Stop:
# X-Stop-After: munin-node mariadb
# Default-Start: 2
# Default-Stop: 0 4
### END INIT INFO
use strict;
my %seen = map { $_ => 1 } `ps -eo args=` =~ m{(munin-node|mariadbd)}g;
open(my $out, ">", "/root/$ARGV[0]") or die;
print $out join(" ", "runs:", sort keys %seen), "\n";
exit($ARGV[0] eq "stop" ? 3 : 0);
END
    chmod 755 /etc/init.d/witness
    rm /etc/rc4.d/*
    for name in munin-node mariadb; do ln -s ../init.d/$name /etc/rc4.d/K01$name; done
    ln -s ../init.d/witness /etc/rc4.d/K02witness'
}

# stopped TRACED: all three stop in a change from 2 to 4 with curfew.trace=TRACED; what rc prints is in
# $VM/said.
stopped() {
  vm_run 'for name in munin-node mariadb witness; do /etc/init.d/$name start; done > /dev/null 2>&1
    pgrep -x mariadbd && pgrep munin-node && cat /root/start' >&2
  vm_run "umount /proc/cmdline 2> /dev/null
    echo \"\$(cat /proc/cmdline) curfew.trace=$1\" > /run/cmdline && mount --bind /run/cmdline /proc/cmdline"
  vm_run 'rm -rf /run/curfew; PREVLEVEL=2 RUNLEVEL=4 /etc/init.d/rc 4 2>&1' > "$VM/said"
  vm_run 'grep "\"event\":\"exit\"" /run/curfew/trace.jsonl' |
    sed -nE 's/.*"service":"([^"]*)".*"status":"([^"]*)".*/\1 \2/p' | sort |
    diff <(printf '%s\n' 'mariadb exit status 0' 'munin-node exit status 0' 'witness exit status 3') -
  vm_run 'cat /root/stop; rm /root/stop' | diff <(echo runs:) -
}

@test "munin-node, mariadb and a script in perl end alike with curfew.trace= and without" {
  vm_start daemons
  level_4
  stopped ''
  [ -z "$(grep -E '^K0.*: \+|no shell' "$VM/said")" ]
  stopped mariadb
  [ "$(grep -c '^K01mariadb: +' "$VM/said")" -gt 10 ]
  stopped munin-node
  grep 'curfew.trace=munin-node: /lib/init/init-d-script is no shell; the script runs untraced' "$VM/said"
  stopped witness
  grep 'curfew.trace=witness: /usr/bin/perl is no shell; the script runs untraced' "$VM/said"
}
