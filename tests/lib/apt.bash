# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How this machine's own apt gets bookworm, for the roots the tests make.

# What apt says here about bookworm and about proxies, as files in directory $1: host.list and
# host.sources, as far as there are any, and proxy.conf.
apt_setup() {
  local list=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list)
  local stanzas=(/etc/apt/sources.list.d/*.sources)
  local blank='[[:blank:]]+' suite='bookworm(-updates|-security)?'
  cat "${list[@]}" 2> /dev/null |
    grep -E "^deb$blank(\\[[^]]*\\]$blank)?[^[:blank:]]+$blank$suite$blank" \
      > "$1/host.list" || rm "$1/host.list"
  cat "${stanzas[@]}" 2> /dev/null |
    awk 'BEGIN { RS = ""; ORS = "\n\n" } /(^|\n)Suites:[ \t]*bookworm(-updates|-security)?[ \t\n]/' \
      > "$1/host.sources"
  [ -s "$1/host.sources" ] || rm "$1/host.sources"
  apt-config dump --format '%f "%v";%n' Acquire | grep -i '::proxy' > "$1/proxy.conf" || :
}
