# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Words for the steps of tests/packages; for the inside only.

# Debian's packages that take turns with ours are in /debs.
# shellcheck disable=SC2034  # for the steps
curfew=$(ls /curfew/packages/curfew_*.deb) curfew_halt=$(ls /curfew/packages/curfew-halt_*.deb)

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
DEBIAN_FRONTEND=noninteractive
export PATH DEBIAN_FRONTEND
# sysvinit-core's postinst would wait for an init to answer.
ln -s /bin/true /usr/local/bin/ischroot

no() { if "$@"; then echo "not so: $*"; return 1; fi; }

is_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2> /dev/null | grep -qx installed; }

# A service that tells the outside who starts and stops it, and a level 2 that, once reached, asks for
# the end of the machine.
add_witness() {
  cat > /etc/init.d/witness << 'END'
#!/bin/sh
### BEGIN INIT INFO
# Provides: witness
# Required-Start: $remote_fs
# Required-Stop: $remote_fs
# Default-Start: 2
# Default-Stop: 0 1 6
### END INIT INFO
by=$(readlink "/proc/$PPID/exe")
echo "$1 by ${by#/usr}" >> /seen/witness
END
  chmod 755 /etc/init.d/witness
  update-rc.d witness defaults
  echo 'up:2:once:/sbin/init 0' >> /etc/inittab
}

# version N DEB [COMMANDS]: the same package as version N, changed by COMMANDS in its folder; prints its
# path.
version() {
  local folder
  folder=$(mktemp -d)
  dpkg-deb -R "$2" "$folder"
  sed -i "s/^Version: .*/Version: $1/" "$folder/DEBIAN/control"
  (cd "$folder" && eval "${3:-}")
  dpkg-deb -Znone -b "$folder" "$folder.deb" > /dev/null
  echo "$folder.deb"
}

newer() { version 9 "$@"; }

# curfew as it was at first: in the place of sysv-rc, with rc and rcS as files of its own.
first_curfew() {
  version 0.0 "$curfew" '
    mkdir -p lib etc/init.d sbin
    mv usr/lib/curfew lib/
    mv lib/curfew/init lib/init
    mv usr/sbin/curfew sbin/
    ln -s /lib/init/rc /lib/init/rcS etc/init.d/
    sed -i "s|/usr/lib/curfew/init|/lib/init|; s|/usr/lib/curfew|/lib/curfew|" lib/init/rc lib/init/rcS
    rm DEBIAN/preinst DEBIAN/postinst DEBIAN/prerm DEBIAN/postrm DEBIAN/md5sums
    sed -i "/^Depends:/d; s/^Conflicts:.*/&, sysv-rc\nProvides: sysv-rc\nReplaces: sysv-rc/" DEBIAN/control'
}

# Each name that ends the machine is a whole program: ours or sysvinit's, for `theirs`.
programs_work() { # any|ours|theirs
  local name usage
  for name in halt reboot poweroff; do
    usage=$("$name" --help 2>&1) || :
    case $usage in
      "usage: $name "*--fast*) [ "$1" != theirs ] || { echo "$name is ours"; return 1; } ;;
      "usage: $name "*) [ "$1" != ours ] || { echo "$name is theirs"; return 1; } ;;
      *) echo "$name does not work: $usage"; return 1 ;;
    esac
  done
}

# What init calls is there and whole.
rc_works() {
  local stub
  for stub in rc rcS; do
    head -n 1 "/etc/init.d/$stub" | grep -qx "#! \?/bin/sh"
    sh -n "/etc/init.d/$stub"
  done
}

# What ours could have touched, with type, mode, target and content, and what dpkg says of it.
# A folder that is a link, as /sbin may be, is looked into.
snapshot() {
  local folders=(/sbin/ /usr/sbin/ /usr/share/man/man8 /usr/lib/curfew-halt /usr/share/curfew-halt)
  folders+=(/etc/init.d /lib/init /usr/lib/curfew)
  find "${folders[@]}" -printf '%p %M %l\n' 2> /dev/null | sort
  find "${folders[@]}" -type f -exec md5sum {} + 2> /dev/null | sort
  dpkg-divert --list | sort
  dpkg --audit
}

# cut_at N COMMAND...: runs COMMAND, dpkg, until its scripts have made N - 1 steps that change
# something, and kills all of it where the next would begin.  False if there was none.
cut_at() {
  local step
  mkdir -p /cut
  for step in cp ln mv rm dpkg-divert; do
    [ -e "/cut/$step" ] || cat > "/cut/$step" << END
#!/bin/sh
if [ -n "\$DPKG_MAINTSCRIPT_NAME" ]; then
  left=\$((\$(cat /cut/left) - 1))
  echo \$left > /cut/left
  [ \$left -gt 0 ] || kill -KILL 0
fi
exec $(command -v "$step") "\$@"
END
    chmod 755 "/cut/$step"
  done
  echo "$1" > /cut/left
  shift
  PATH=/cut:$PATH setsid --wait "$@" > /cut/out 2>&1 || :
  [ "$(cat /cut/left)" -le 0 ]
}

# killed_at CALL N COMMAND...: runs COMMAND, dpkg, and kills it in its Nth system call CALL.  False
# if there was none.
killed_at() {
  local status=0
  strace -qq -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "${@:3}" \
    > /tmp/out 2>&1 || status=$?
  [ $status -eq 137 ] || { [ $status -eq 0 ] && return 1; }
}
