# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Comes behind names.sh in the scripts of curfew that remove it.
# shellcheck disable=SC2154 # $package

# Our start-stop-daemon takes the place of dpkg's by the administrator's hand alone, maybe with a local
# diversion, or none.  Puts dpkg's back; fails, and does nothing, where it would be gone with ours.
give_start_stop_daemon_back() {
  for path in /usr/sbin/start-stop-daemon /sbin/start-stop-daemon; do
    is_ours $path || continue
    owner=$(dpkg-divert --listpackage $path)
    kept=$(dpkg-divert --truename $path)
    # One of two names of a merged /usr: the other one may be that of the diversion.
    [ -n "$owner" ] || [ -z "$(dpkg-divert --list '*/sbin/start-stop-daemon')" ] || continue
    [ -n "$owner" ] || kept=$path.dpkg
    if [ ! -e "$kept" ] || [ "$(readlink -f "$kept")" = "$(readlink -f $path)" ]; then
      echo "$package: $path leads to this package, and that of dpkg is not at $kept" >&2
      return 1
    fi
    put "$kept" $path
    rm "$kept"
    [ "$owner" != LOCAL ] || dpkg-divert --quiet --local --remove --no-rename $path
    [ "$owner" != "$package" ] || dpkg-divert --quiet --package "$package" --remove --no-rename $path
  done
}
