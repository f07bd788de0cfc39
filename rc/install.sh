#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs and removes Curfew; `make install` and `make uninstall` call it with DESTDIR, PREFIX,
# LAYOUT and BUILD in the environment.
#
# What init and people call stays where they expect it; PREFIX moves only what is Curfew's own:
# PREFIX/lib/curfew, PREFIX/sbin/curfew and, where PREFIX is not empty, the pages below it.
#
# A file that is not ours is kept as NAME.pre-curfew (see `kept`) before ours takes its place.  The
# manifest says which file is ours: a line "STATE<tab>PATH" each, STATE being what `state` found when
# the file was put there.  A file in another state has been changed since: uninstall leaves it alone.
#
# To start a process takes longer than all else here, so what is done for each file starts few: a
# function leaves its answer in a variable, and `lines` has the manifest's lines, each between newlines.
set -eu

root=${DESTDIR:-}
prefix=${PREFIX:-}
layout=${LAYOUT:-debian}
build=${BUILD:-build}
source=$(dirname "$(dirname "$0")")
tab=$(printf '\t')
nl='
'

libdir=$prefix/lib/curfew
share=${prefix:-/usr}/share
manifest=$root$libdir/manifest

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

exists() { # FILE
  [ -L "$1" ] || [ -e "$1" ]
}

# Sets `state` to what PATH holds, in one word or two; to nothing where there is nothing.  What cannot
# be read has a state without its second word, and so is nothing of ours.
state() { # PATH
  state=
  if [ -L "$root$1" ]; then
    state="link $(readlink "$root$1")" || :
  elif [ -d "$root$1" ]; then
    state=directory
  elif [ -e "$root$1" ]; then
    state=$(sha256sum <"$root$1") || :
    state="file ${state%% *}"
  fi
}

# Whether the manifest has PATH, in STATE if that is given.
recorded() { # PATH [STATE]
  case $lines in
    *"${2+$nl$2}$tab$1$nl"*) ;;
    *) return 1 ;;
  esac
}

# Adds a line to the manifest, in place of the one that PATH has already.
record() { # PATH STATE
  if recorded "$1"; then
    others=$(awk -F "$tab" -v path="$1" '$2 != path' "$manifest")
    lines=$nl${others:+$others$nl}$2$tab$1$nl
    printf '%s' "${lines#"$nl"}" >"$manifest.new"
    mv "$manifest.new" "$manifest"
  else
    lines=$lines$2$tab$1$nl
    printf '%s\t%s\n' "$2" "$1" >>"$manifest"
  fi
}

# Makes a directory and what leads to it, and records what was not there.
directory() { # PATH
  [ ! -d "$root$1/" ] || return 0
  case $1 in
    */*) directory "${1%/*}" ;;
    *) directory . ;;
  esac
  # Where PREFIX ends in a slash, that was this directory by another name.
  [ ! -d "$root$1/" ] || return 0
  mkdir -m 755 "$root$1"
  record "$1" directory
}

# Reads the manifest, or makes it; it is to record the directory it lies in as well.
begin_manifest() {
  lines=$nl
  if [ -f "$manifest" ]; then
    # An editor may have left its last line without an end.
    [ -z "$(tail -c 1 "$manifest")" ] || echo >>"$manifest"
    lines=$nl$(cat "$manifest")$nl
    return
  fi
  mkdir -p "$root/"
  real=$manifest
  manifest=$(mktemp)
  directory "$libdir"
  cat "$manifest" >"$real"
  rm "$manifest"
  manifest=$real
}

# Sets `kept` to where what was at PATH is kept.  insserv takes each file of Debian's init.d for a
# script, and complains of it, but for those that begin with a dot.
kept() { # PATH
  case $layout:$1 in
    debian:/etc/init.d/*) kept=/etc/init.d/.${1##*/}.pre-curfew ;;
    *) kept=$1.pre-curfew ;;
  esac
}

# Moves PATH.new to PATH in one step, so that no moment is without a halt.  A file of others is
# kept first; one that holds the same already stays theirs.
settle() { # PATH
  state "$1.new"
  new=$state
  state "$1"
  if [ -n "$state" ] && ! recorded "$1" "$state"; then
    if [ "$state" = "$new" ]; then
      rm "$root$1.new"
      return
    fi
    # Without a line in the manifest an existing backup is the older file: it stays.
    kept "$1"
    if recorded "$1" || ! exists "$root$kept"; then
      rm -f "$root$kept"
      cp -a "$root$1" "$root$kept"
    fi
  fi
  recorded "$1" "$new" || record "$1" "$new"
  mv -fT "$root$1.new" "$root$1"
}

# Installs as PATH what FILTER makes of standard input.
file() { # MODE PATH FILTER...
  mode=$1 path=$2
  shift 2
  directory "${path%/*}"
  # One that is left of a torn installation may have other modes, or lead elsewhere.
  ! exists "$root$path.new" || rm -f "$root$path.new"
  # Most files are to be 644, and need no chmod after this.
  (umask 022 && "$@" >"$root$path.new")
  [ "$mode" = 644 ] || chmod "$mode" "$root$path.new"
  settle "$path"
}

# Makes PATH a link to TARGET.
link() { # TARGET PATH
  directory "${2%/*}"
  ln -sfn "$1" "$root$2.new"
  settle "$2"
}

# Installs standard input as PATH unless PATH exists and is not as we left it.
configuration() { # MODE PATH
  state "$2"
  [ -z "$state" ] || recorded "$2" "$state" || return 0
  file "$1" "$2" cat
}

# Installs a script of ours with the paths of this layout.
script() { # NAME PATH
  file 755 "$2" sed -e "s|@LAYOUT@|$layout|" -e "s|@LIBDIR@|$libdir|" -e "s|@RCDIR@|$rcdir|" \
    -e "s|@STUBDIR@|$stubdir|" -e "s|@HALTCONF@|$conf_halt|" -e "s|@HALTLOCAL@|$halt_local|" \
    -e "s|@SBINDIR@|/sbin|" -e "s|@RUNDIR@|/run/curfew|" -e "s|@LOCKDIR@|/var/lock/subsys|" \
    <"$source/$1"
}

# Sets the places of a layout: levels (rcdir), stub (stubdir), scripts (initdir), the way from a link
# to its script (from_level), configuration (conf, conf_halt), what inittab calls, first (sysinit) and
# for each level (called), the number of halt's link (last) and the hook of halt (halt_local).
set_layout() {
  conf=/etc/sysconfig conf_halt=/etc/sysconfig/shutdown
  from_level=../init.d last=S01 halt_local=
  case $layout in
    debian)
      rcdir=/etc stubdir=/lib/init initdir=/etc/init.d sysinit=sysinit:/etc/init.d/rcS
      conf=/etc/default conf_halt=/etc/default/halt
      ;;
    suse)
      rcdir=/etc/init.d stubdir=/etc/init.d initdir=/etc/init.d sysinit=bootwait:/etc/init.d/boot
      from_level=.. halt_local=/etc/init.d/halt.local
      ;;
    redhat)
      rcdir=/etc/rc.d stubdir=/etc/rc.d initdir=/etc/rc.d/init.d sysinit=sysinit:/etc/rc.d/rc.sysinit
      halt_local=/sbin/halt.local
      ;;
    lfs)
      rcdir=/etc/rc.d stubdir=/etc/rc.d initdir=/etc/rc.d/init.d sysinit='sysinit:/etc/rc.d/rc S'
      last=S99
      ;;
    *) fail "LAYOUT=$layout: no such layout (debian, suse, redhat, lfs); nothing was installed" ;;
  esac
  called=$stubdir/rc
  [ "$layout" != debian ] || called=/etc/init.d/rc
}

install_programs() {
  file 755 "$libdir/rc" cat <"$build/rc"
  file 755 "$libdir/halt" cat <"$build/halt"
  file 755 "$prefix/sbin/curfew" cat <"$build/curfew"
  # A copy of its own, which still works when $libdir is damaged.
  file 755 /sbin/halt cat <"$build/halt"
  # dpkg's is on Debian alone, and stays in its place until somebody diverts it.
  [ "$layout" != debian ] || file 755 "$libdir/start-stop-daemon" cat <"$build/start-stop-daemon"
  for name in reboot poweroff; do
    link halt "$libdir/$name"
    link halt "/sbin/$name"
  done
}

install_stubs() {
  script rc/rc "$stubdir/rc"
  # LFS's inittab calls it there.
  [ "$layout" != lfs ] || link ../rc "$initdir/rc"
  [ "$layout" = debian ] || return 0
  script rc/rcS "$stubdir/rcS"
  # What inittab calls: of sysv-rc such a link already, of others a program.
  for name in rc rcS; do link "$stubdir/$name" "/etc/init.d/$name"; done
}

# The last script of level 0 and 6.  A level that has one by any number keeps its link.
install_init_d() {
  [ "$layout" != debian ] || return 0
  script init.d/halt "$initdir/halt"
  link halt "$initdir/reboot"
  link_end rc0.d halt
  link_end rc6.d reboot
}

link_end() { # LEVEL-DIRECTORY NAME
  for found in "$root$rcdir/$1"/S[0-9][0-9]"$2"; do
    ! exists "$found" || return 0
  done
  link "$from_level/$2" "$rcdir/$1/$last$2"
}

install_configuration() {
  configuration 644 "$conf/curfew" <"$source/sysconfig/curfew"
  configuration 644 /etc/curfew/final.d/README <"$source/rc/final.d/README"
  directory "$conf/curfew.d"
  for part in "$source"/sysconfig/curfew.d/*.conf; do
    [ ! -f "$part" ] || configuration 644 "$conf/curfew.d/${part##*/}" <"$part"
  done
  # Debian's mdadm has a script for this.
  [ "$layout" = debian ] ||
    configuration 755 /etc/curfew/final.d/md-wait-clean <"$source/rc/final.d/md-wait-clean"
  [ "$layout" != redhat ] ||
    configuration 755 /etc/curfew/final.d/ups-monitor <"$source/rc/final.d/ups-monitor"
  [ "$layout" = suse ] || return 0
  for name in boot shutdown clock; do
    configuration 644 "$conf/$name" <"$source/sysconfig/$name"
  done
}

install_documents() {
  for page in "$source"/man/*.[1-8]; do
    case $layout:${page##*/} in
      debian:*) ;;
      *:curfew-start-stop-daemon.8) continue ;;
    esac
    installed=$share/man/man${page##*.}/${page##*/}.gz
    if [ -L "$page" ]; then
      link "$(readlink "$page").gz" "$installed"
    else
      file 644 "$installed" gzip -9nc <"$page"
    fi
  done
  install_completion
  file 644 "$share/doc/curfew/examples/rc.shutdown" cat <"$source/rc/rc.shutdown.example"
  file 644 "$share/doc/curfew/examples/inittab" inittab <"$source/rc/inittab.example"
}

# bash looks for a file by the name of the program; zsh finds the names in the first line of each file
# of a folder.  Debian's zsh has one for packages.
install_completion() {
  bash=$share/bash-completion/completions
  zsh=$share/zsh/site-functions
  [ "$layout$share" != debian/usr/share ] || zsh=$share/zsh/vendor-completions
  file 644 "$bash/curfew" cat <"$source/debian/curfew.bash-completion"
  link curfew "$bash/rc"
  file 644 "$bash/halt" cat <"$source/debian/curfew-halt.bash-completion"
  for name in reboot poweroff; do link halt "$bash/$name"; done
  file 644 "$zsh/_curfew" cat <"$source/debian/curfew.zsh-completion"
  file 644 "$zsh/_curfew_halt" cat <"$source/debian/curfew-halt.zsh-completion"
}

# Gives the example on standard input, which is Debian's, the paths of this layout and the level it
# boots to.
inittab() {
  level=3
  [ "$layout" != debian ] || level=2
  sed -e "s|sysinit:/etc/init.d/rcS|$sysinit|" -e "s|/etc/init.d/rc |$called |" -e "s|^id:2|id:$level|" \
    -e "s|/sbin/curfew|$prefix/sbin/curfew|"
  [ "$layout" != suse ] ||
    printf '\n# Single-user mode.\n%s\n%s\n' "ls:S:wait:$called S" '~~:S:respawn:/sbin/sulogin'
}

# Says what is left to do by hand, and how to look.
say_next() {
  grep -qs -e "^[^#].*:$called " -e "^[^#].*:$initdir/rc " "$root/etc/inittab" ||
    echo "/etc/inittab does not call $called: its lines are in $share/doc/curfew/examples/inittab"
  cat <<END
Curfew is installed: init calls it from the next change of level on.
  see what a shutdown would do:  $prefix/sbin/curfew plan 0
  see what it waits for, by Alt-Up: add this line to /etc/inittab, then run "telinit q"
      kb::kbrequest:$prefix/sbin/curfew status
  go back:  make uninstall
END
}

install_all() {
  for name in rc halt curfew start-stop-daemon; do
    [ -x "$build/$name" ] || fail "$build/$name is missing; run make first; nothing was installed"
  done
  begin_manifest
  install_programs
  install_stubs
  install_init_d
  install_configuration
  install_documents
  say_next
}

# Removes PATH if nobody changed it, or puts back the file that was there before, in one step.
remove() { # STATE PATH
  state "$2"
  if [ -n "$state" ] && [ "$state" != "$1" ]; then
    echo "install.sh: $2: changed since the installation; left as it is" >&2
    return
  fi
  kept "$2"
  if exists "$root$kept"; then
    mv -fT "$root$kept" "$root$2"
  else
    rm -f "$root$2"
  fi
}

uninstall_all() {
  [ -f "$manifest" ] || fail "$manifest is missing: nothing of ours is installed there"
  for name in /sbin/start-stop-daemon /usr/sbin/start-stop-daemon; do
    state "$name"
    [ "$state" != "link $libdir/start-stop-daemon" ] ||
      fail "$name leads to ours: put dpkg's back first, see curfew-start-stop-daemon(8); nothing was removed"
  done
  # A directory has its line before its contents have theirs, so the last is the first to go.
  set --
  while IFS=$tab read -r was path || [ -n "$was" ]; do
    case $was in
      directory) set -- "$root$path" "$@" ;;
      *) remove "$was" "$path" ;;
    esac
  done <"$manifest"
  # The manifest itself lies in one of these directories.
  rm "$manifest"
  [ $# -eq 0 ] || rmdir "$@" 2>/dev/null || :
}

set_layout
case ${1:-} in
  install) install_all ;;
  uninstall) uninstall_all ;;
  *) fail "usage: install.sh install|uninstall" ;;
esac
