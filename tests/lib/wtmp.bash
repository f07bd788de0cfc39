# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Not by last(1), which reads no wtmp from Debian 13 on; struct utmp of x86 is in utmp(5).

# shutdown_records FILE: the times of the records of a shutdown in a wtmp, one a line.
shutdown_records() {
  # shellcheck disable=SC2016  # perl's
  perl -e '
    $/ = \384;
    while (<>) {
      my ($type, $user, $time) = unpack "s x42 Z32 x264 l";
      print scalar localtime $time, "\n" if $type == 1 and $user eq "shutdown";
    }' "$1"
}

# sessions_and_ends FILE: what a wtmp says, newest first, a line each: "shutdown", "reboot" ("reboot,
# running" of a boot without an end), "USER LINE, till down" of a session that lasted until init went
# to level 0 or 6, else "USER LINE".
sessions_and_ends() {
  # shellcheck disable=SC2016  # perl's
  perl -e '
    $/ = \384;
    my (@told, %open, $boot);
    while (<>) {
      my ($type, $pid, $line, $user) = unpack "s x2 l Z32 x4 Z32";
      if ($type == 1 && $user eq "runlevel" && chr($pid & 255) =~ /[06]/) {
        $$_ .= ", till down" for values %open;
        %open = ();
      } elsif ($type == 1 && $user eq "shutdown") {
        push @told, \(my $text = $user);
        undef $boot;
      } elsif ($type == 2) {
        push @told, $boot = \(my $text = "reboot");
      } elsif ($type == 7) {
        push @told, $open{$line} = \(my $text = "$user $line");
      } elsif ($type == 8) {
        delete $open{$line};
      }
    }
    $$boot .= ", running" if $boot;
    print "$$_\n" for reverse @told;' "$1"
}
