# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian roots of the tests, made once, of packages from wherever this machine's own apt gets
# bookworm.

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

# debian_root TAR KEY PACKAGES OPTION...: makes TAR of bookworm with PACKAGES, unless it is there and
# was made with the same KEY, and prints its path.  OPTIONs are mmdebstrap's.
debian_root() {
  local tar=$1 key=$2 own=${1%.tar} lock
  mkdir -p "${tar%/*}"
  exec {lock}> "$own.lock"
  flock "$lock"
  if [ "$(cat "$own.key" 2> /dev/null)" != "$key" ] || [ ! -e "$tar" ]; then
    [ "$(id -u)" = 0 ] || { echo "mkroot: must be root" >&2; return 1; }
    rm -f "$own.key"
    # shellcheck disable=SC2064  # now
    trap "rm -f '$tar.new'" EXIT
    # In a mount namespace of its own: whatever happens, nothing is left on the disk but the result.
    "${BASH_SOURCE[0]%/*}/working" "making ${tar#"$PWD/"}, a minute or more" "$own.log" \
      unshare --mount bash -euo pipefail -c "$(declare -f apt_setup make_tar); make_tar \"\$@\"" \
      mkroot "$tar.new" "${@:3}" >&2
    mv "$tar.new" "$tar"
    echo "$key" > "$own.key"
  fi
  echo "$tar"
}

# make_tar TAR PACKAGES OPTION...: hides /mnt.
make_tar() {
  local tar=$1 packages=$2 work=/mnt sources=() file
  mount -t tmpfs -o mode=755 work "$work"
  apt_setup "$work"
  for file in "$work"/host.*; do [ ! -e "$file" ] || sources+=("$file"); done
  TMPDIR=$work mmdebstrap --variant=minbase --include="$packages" \
    --aptopt='APT::Install-Recommends "false"' --aptopt="$work/proxy.conf" \
    --dpkgopt=force-unsafe-io "${@:3}" bookworm "$work/root.tar" "${sources[@]}" >&2
  cp "$work/root.tar" "$tar"
}
