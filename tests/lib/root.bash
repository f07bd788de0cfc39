# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian roots of the tests, made once.  RELEASE says of which Debian: bookworm, trixie or testing;
# without it, of the one that this machine is.  Packages come from wherever this machine's apt gets its
# own.

# The release that this machine is.
own_release() {
  local name
  name=$(sed -n 's/^VERSION_CODENAME="\?\([^"]*\)"\?$/\1/p' /etc/os-release 2> /dev/null) || :
  [ "$name" != forky ] || name=testing
  echo "${name:-unknown}"
}

# The names of release $1 in apt's sources, as a pattern.
suite_names() {
  case $1 in
    bookworm) echo 'bookworm|oldstable' ;;
    trixie) echo 'trixie|stable' ;;
    testing) echo 'testing|forky' ;;
    *) echo "the release '$1' is not known: RELEASE is bookworm, trixie or testing" >&2; return 1 ;;
  esac
}

# apt_setup DIR RELEASE: where packages of RELEASE come from, as files in DIR: host.list and
# host.sources, as far as there are any, and proxy.conf.  For this machine's own release what apt has for
# it; for another what Debian's archive has of it at the place where apt has its own.
apt_setup() {
  local own names
  own=$(own_release)
  apt-config dump --format '%f "%v";%n' Acquire | grep -i '::proxy' > "$1/proxy.conf" || :
  names=$(suite_names "$2") || return
  if [ "$own" = "$2" ]; then
    own_sources "$1" "$names"
  else
    names=$(suite_names "$own") || return
    other_source "$1" "$names" "$2"
  fi
  [ -s "$1/host.list" ] || [ -s "$1/host.sources" ] ||
    { echo "apt's sources have nothing of $own: there is no way to $2's packages" >&2; return 1; }
}

# Each source of this machine that has one of the suites $2, of whatever archive.
own_sources() {
  local blank='[[:blank:]]+' suite="($2)(-updates|-security)?" list parts
  eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
  cat "$list" "$parts"/*.list 2> /dev/null |
    grep -E "^[[:blank:]]*deb$blank(\\[[^]]*\\]$blank)?[^[:blank:]]+$blank$suite$blank" \
      > "$1/host.list" || :
  cat "$parts"/*.sources 2> /dev/null |
    awk -v suite="$suite" 'BEGIN { RS = ""; ORS = "\n\n" }
      $0 ~ "(^|\n)[Ss]uites:([^\n]*[ \t])?" suite "([ \t\n]|$)"' > "$1/host.sources" || :
  [ -s "$1/host.list" ] || rm "$1/host.list"
  [ -s "$1/host.sources" ] || rm "$1/host.sources"
}

# Release $3 at the first place from where apt, which knows both formats, would read a suite $2.
other_source() {
  local place keyring
  place=$(apt-get update --print-uris 2> /dev/null |
    sed -nE "s#^'(.*)/dists/($2)/InRelease' .*#\\1#p" | head -n 1) || :
  for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [ ! -e "$keyring" ] || break
  done
  [ -z "$place" ] || echo "deb [signed-by=$keyring] $place $3 main" > "$1/host.list"
}

# debian_root TAR KEY PACKAGES OPTION...: makes TAR of RELEASE with PACKAGES, unless it is there and
# was made with the same KEY, and prints its path.  OPTIONs are mmdebstrap's.
debian_root() {
  local tar=$1 key="$2 ${RELEASE:=$(own_release)}" own=${1%.tar} lock
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
      unshare --mount bash -euo pipefail -c "$(declare -f); make_tar \"\$@\"" \
      mkroot "$tar.new" "$RELEASE" "${@:3}" >&2 || return
    mv "$tar.new" "$tar"
    echo "$key" > "$own.key"
  fi
  echo "$tar"
}

# make_tar TAR RELEASE PACKAGES OPTION...: hides /mnt.  Of a suite whose Release file has expired, as it
# does where an archive is a copy that nobody renews, the root is made all the same.
make_tar() {
  local tar=$1 work=/mnt number
  # apt lets a shell write to a descriptor of mmdebstrap's, and dash takes one digit alone.
  for number in /proc/self/fd/*; do
    number=${number##*/}
    [ "$number" -le 2 ] || eval "exec $number>&-"
  done
  mount -t tmpfs -o mode=755 work "$work"
  apt_setup "$work" "$2"
  if ! bootstrap "${@:2}"; then
    grep -q 'Release file .* expired' "$work/log" || return
    echo "the Release file of $2 has expired: used all the same, for this root alone" >&2
    bootstrap "${@:2}" --aptopt='Acquire::Check-Valid-Until "false"'
  fi
  cp "$work/root.tar" "$tar"
}

# bootstrap RELEASE PACKAGES OPTION...: makes $work/root.tar.
bootstrap() {
  local sources=() file
  for file in "$work"/host.*; do [ ! -e "$file" ] || sources+=("$file"); done
  TMPDIR=$work mmdebstrap --variant=minbase --include="$2" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
    --aptopt="$work/proxy.conf" --dpkgopt=force-unsafe-io "${@:3}" \
    "$1" "$work/root.tar" "${sources[@]}" 2>&1 | tee "$work/log" >&2
}
