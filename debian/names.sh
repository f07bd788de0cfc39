# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Pasted by dh_installdeb into the maintainer scripts of both packages.  A package takes a name of
# another one: theirs is kept elsewhere, dpkg is told so, and the name becomes a link to ours.  The
# package itself has no file there: when dpkg removes a file there would be none until the postrm.
# Any step below may be the last one before the power goes: at every moment each name is a whole
# program, theirs or ours.
package=$DPKG_MAINTSCRIPT_PACKAGE

# Prints "PATH KEPT" for each name that we have taken.
taken() {
  LC_ALL=C dpkg-divert --list | sed -n "s/^diversion of \(.*\) to \(.*\) by $package\$/\1 \2/p"
}

# Copies FROM, a file or a link, to TO in one step; they may be on two file systems.
put() { # FROM TO
  cp -aT --remove-destination "$1" "$2.curfew-new"
  mv -fT "$2.curfew-new" "$2"
}

# Keeps theirs as KEPT, or where it is kept already, and makes PATH a link to OURS.
take() { # PATH KEPT OURS
  kept=$2
  diverted=$(dpkg-divert --listpackage "$1")
  [ "$diverted" != "$package" ] || kept=$(dpkg-divert --truename "$1")
  mkdir -p "${kept%/*}"
  if [ -e "$1" ] && [ "$(readlink "$1")" != "$3" ]; then
    if [ "$diverted" != "$package" ] || [ ! -e "$kept" ]; then
      put "$1" "$kept"
    fi
  fi
  if [ "$diverted" != "$package" ]; then
    dpkg-divert --quiet --package "$package" --add --no-rename --divert "$kept" "$1"
  fi
  ln -sfn "$3" "$1.curfew-new"
  mv -fT "$1.curfew-new" "$1"
}

# True if PATH is a link to a file of ours.
is_ours() { # PATH
  case $(readlink "$1") in
    *"/lib/$package/"* | *.curfew.8.gz) ;;
    *) return 1 ;;
  esac
}

# Puts back what `take` has kept, if the other package still has it.
give_back() { # PATH KEPT
  if [ -e "$2" ]; then
    put "$2" "$1"
    rm "$2"
  elif is_ours "$1"; then
    rm "$1"
  fi
  dpkg-divert --quiet --package "$package" --remove --no-rename "$1"
}

# The first name comes last: what is kept of others may be links to what is kept of it, as sysvinit's
# reboot is one to halt.
give_all_back() {
  taken | sort -r | while read -r path kept; do give_back "$path" "$kept"; done
}

# Removes the folders in which something was kept.
remove_empty() { # FOLDER...
  rmdir -p --ignore-fail-on-non-empty "$@" 2>/dev/null || :
}
