# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# shutdown_records FILE: the times of the records of a shutdown in a wtmp, one a line.  Not by
# last(1), which Debian 13 has no more; struct utmp of x86 is in utmp(5).
shutdown_records() {
  # shellcheck disable=SC2016  # perl's
  perl -e '
    $/ = \384;
    while (<>) {
      my ($type, $user, $time) = unpack "s x42 Z32 x264 l";
      print scalar localtime $time, "\n" if $type == 1 and $user eq "shutdown";
    }' "$1"
}
