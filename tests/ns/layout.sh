# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced inside, before init starts; layout is suse, redhat or lfs.  A small system of that layout,
# written after the facts about it, of which only the tests' own services run:
#   layout_bare            takes Debian's scripts away, makes the layout's directories and what its
#                          inittab calls first
#   service NAME [CODE]    a script of init.d that notes "NAME ARGUMENT" in /lab/calls, then runs CODE
#   links LEVEL LINK...    links of a level (or of SUSE's boot.d: LEVEL is boot)
#   note PATH              a program that notes its own name and each <argument>

read -r first base _ < /proc/self/uid_map
pid_namespace=$(readlink /proc/self/ns/pid)
case "$first $base ${CURFEW_OUTER:-$pid_namespace}" in
  *"$pid_namespace"*) refused=yes ;;
  "0 100000 "*) refused= ;;
  *) refused=yes ;;
esac
[ -z "$refused" ] || { echo "layout.sh: refused: this runs only inside tests/ns/enter" >&2; exit 125; }

case ${layout:?} in
  suse) levels=/etc/init.d init_d=/etc/init.d to_init_d=.. ;;
  *) levels=/etc/rc.d init_d=/etc/rc.d/init.d to_init_d=../init.d ;;
esac

layout_bare() {
  rm -rf /etc/init.d /etc/rc?.d /etc/insserv.conf* /etc/default /etc/rc.shutdown /etc/rc.local
  mkdir -p "$init_d"
  for level in 0 1 2 3 4 5 6 S; do mkdir "$levels/rc$level.d"; done
  # What the boot scripts of all of them see to.
  : > /run/utmp
  : >> /var/log/wtmp
  mkdir -p /var/lock/subsys
  case $layout in
    suse)
      mkdir /etc/init.d/boot.d
      printf '#!/bin/sh\nexec /etc/init.d/rc boot\n' > /etc/init.d/boot
      chmod 755 /etc/init.d/boot
      ;;
    redhat)
      ln -s rc.d/init.d /etc/init.d
      for level in 0 1 2 3 4 5 6; do ln -s "rc.d/rc$level.d" "/etc/rc$level.d"; done
      : > /etc/rc.d/init.d/functions
      note /etc/rc.d/rc.sysinit
      ;;
    lfs) ln -s rc.d/init.d /etc/init.d ;;
  esac
}

note() { # PATH
  # shellcheck disable=SC2016  # the program's
  printf '#!/bin/sh\n{ printf %%s "${0##*/}"; [ $# = 0 ] || printf " <%%s>" "$@"; echo; } >> /lab/calls\n' > "$1"
  chmod 755 "$1"
}

service() { # NAME [CODE]
  printf '#!/bin/sh\necho "%s $*" >> /lab/calls\n' "$1" > "$init_d/$1"
  if [ "$layout" = redhat ]; then
    # shellcheck disable=SC2016
    printf 'case $1 in start) : > %s ;; stop) rm %s ;; esac\n' \
      "/var/lock/subsys/$1" "/var/lock/subsys/$1" >> "$init_d/$1"
  fi
  printf '%s\n' "${2:-}" >> "$init_d/$1"
  chmod 755 "$init_d/$1"
}

links() { # LEVEL LINK...
  directory=$levels/rc$1.d
  [ "$1" != boot ] || directory=$levels/boot.d
  shift
  for link; do ln -s "$to_init_d/${link#[KS][0-9][0-9]}" "$directory/$link"; done
}
