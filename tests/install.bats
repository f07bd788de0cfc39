#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# make install and make uninstall, over roots of the test's own: nothing is installed here.

setup() {
  T=$BATS_TEST_TMPDIR
  export DESTDIR=$T/root BUILD=$T/build PREFIX='' LAYOUT=debian
  install=$BATS_TEST_DIRNAME/../rc/install.sh
  mkdir -p "$BUILD" "$DESTDIR"/{sbin,lib/init,etc/init.d,etc/default,usr/share/man/man8}
  for name in rc halt curfew start-stop-daemon; do echo "our $name" >"$BUILD/$name"; done
  chmod 755 "$BUILD"/*
  # What Debian's sysvinit-core and sysv-rc put there.
  echo "their halt" >"$DESTDIR/sbin/halt"
  ln -s halt "$DESTDIR/sbin/reboot"
  echo "their rc" >"$DESTDIR/lib/init/rc"
  chmod 750 "$DESTDIR/lib/init/rc"
  touch -d 2001-02-03 "$DESTDIR/lib/init/rc"
  ln -s /lib/init/rc "$DESTDIR/etc/init.d/rc"
  echo "their page" >"$DESTDIR/usr/share/man/man8/halt.8.gz"
}

# Every name below the root with type, mode, owner, time, target and content.
snapshot() {
  (
    cd "$DESTDIR"
    find . -type f -printf '%p %m %U:%G %T@\n' -o -type l -printf '%p -> %l\n' -o -printf '%p/ %m\n' |
      sort
    find . -type f -exec sha256sum {} + | sort -k 2
  )
}

@test "uninstall gives back what was there, twice" {
  before=$(snapshot)
  # shellcheck disable=SC2034 # twice is all it says
  for round in 1 2; do
    "$install" install
    [ "$(snapshot)" != "$before" ]
    "$install" uninstall
    diff <(echo "$before") <(snapshot)
  done
}

@test "an installed root has every program, stub, page and configuration" {
  "$install" install
  cd "$DESTDIR"
  for name in lib/curfew/rc lib/curfew/halt sbin/halt sbin/curfew; do grep -q our "$name"; done
  [ "$(readlink sbin/reboot) $(readlink sbin/poweroff)" = "halt halt" ]
  [ "$(readlink lib/curfew/reboot)" = halt ]
  grep -q '^lib=/lib/curfew$' lib/init/rc
  grep -q '^exec /lib/init/rc S$' lib/init/rcS
  [ "$(readlink etc/init.d/rc) $(readlink etc/init.d/rcS)" = "/lib/init/rc /lib/init/rcS" ]
  [ -d etc/default/curfew.d ]
  [ -s etc/default/curfew ]
  [ -s etc/curfew/final.d/README ]
  for page in rc.8 halt.8 reboot.8 poweroff.8 curfew.8 curfew.5 curfew-trace.5 shutdown-sequence.7; do
    gzip -t "usr/share/man/man${page##*.}/$page.gz"
  done
  [ "$(stat -c %a sbin/halt)$(stat -c %a lib/init/rc)$(stat -c %a etc/default/curfew)" = 755755644 ]
  # shellcheck disable=SC2314 # the last command
  ! grep -r '@[A-Z]*@' lib/init
}

@test "bash and zsh find the completion of every program, where their distribution looks" {
  for where in debian:/usr:vendor-completions debian:/usr/local:site-functions \
    redhat:/usr:site-functions suse::site-functions; do
    IFS=: read -r layout prefix folder <<<"$where"
    DESTDIR=$T/$where LAYOUT=$layout PREFIX=$prefix "$install" install
    cd "$T/$where${prefix:-/usr}/share"
    for name in curfew rc halt reboot poweroff; do
      grep -qE "^complete -F [^ ]+ (.* )?$name( |\$)" "bash-completion/completions/$name"
      [ "$(head -qn 1 zsh/$folder/_* | grep -cw "$name")" -eq 1 ]
    done
  done
}

@test "a replaced file is kept as NAME.pre-curfew, and a second install does not lose it" {
  "$install" install
  echo "our newer halt" >"$BUILD/halt"
  "$install" install
  [ "$(cat "$DESTDIR/sbin/halt")" = "our newer halt" ]
  [ "$(cat "$DESTDIR/sbin/halt.pre-curfew")" = "their halt" ]
  [ "$(cat "$DESTDIR/lib/init/rc.pre-curfew")" = "their rc" ]
  [ ! -e "$DESTDIR/sbin/reboot.pre-curfew" ]
  "$install" uninstall
  [ "$(cat "$DESTDIR/sbin/halt")" = "their halt" ]
}

@test "what a torn installation left as PATH.new gives its mode to no file and leads none elsewhere" {
  mkdir -p "$DESTDIR/etc/curfew/final.d"
  (umask 077 && echo half >"$DESTDIR/etc/default/curfew.new")
  echo theirs >"$T/elsewhere"
  ln -s "$T/elsewhere" "$DESTDIR/etc/curfew/final.d/README.new"
  "$install" install
  [ "$(stat -c '%a %F' "$DESTDIR/etc/default/curfew")" = '644 regular file' ]
  [ ! -L "$DESTDIR/etc/curfew/final.d/README" ]
  [ "$(cat "$T/elsewhere")" = theirs ]
}

@test "without its manifest a second install still keeps the first backup" {
  "$install" install
  rm "$DESTDIR/lib/curfew/manifest"
  echo "our newer halt" >"$BUILD/halt"
  "$install" install
  [ "$(cat "$DESTDIR/sbin/halt.pre-curfew")" = "their halt" ]
}

@test "a link that is replaced is kept as a link" {
  ln -sf busybox "$DESTDIR/sbin/halt"
  "$install" install
  [ "$(readlink "$DESTDIR/sbin/halt.pre-curfew")" = busybox ]
  "$install" uninstall
  [ "$(readlink "$DESTDIR/sbin/halt")" = busybox ]
}

@test "a file that a package replaced after us is kept by the next install, left by uninstall" {
  "$install" install
  echo "their upgraded halt" >"$DESTDIR/sbin/halt"
  "$install" install
  [ "$(cat "$DESTDIR/sbin/halt.pre-curfew")" = "their upgraded halt" ]
  echo "their latest rc" >"$DESTDIR/lib/init/rc"
  run "$install" uninstall
  [ "$status" -eq 0 ]
  [ "$output" = "install.sh: /lib/init/rc: changed since the installation; left as it is" ]
  [ "$(cat "$DESTDIR/lib/init/rc")" = "their latest rc" ]
  [ "$(cat "$DESTDIR/sbin/halt")" = "their upgraded halt" ]
}

@test "edited configuration outlives install and uninstall" {
  "$install" install
  echo "LIMIT=5" >>"$DESTDIR/etc/default/curfew"
  echo "mine" >"$DESTDIR/etc/default/curfew.d/mine.conf"
  "$install" install
  "$install" uninstall
  [ "$(tail -n 1 "$DESTDIR/etc/default/curfew")" = "LIMIT=5" ]
  [ "$(cat "$DESTDIR/etc/default/curfew.d/mine.conf")" = "mine" ]
}

@test "an /etc/init.d/rc that is a file, or a link elsewhere, is taken over and given back" {
  cd "$DESTDIR/etc/init.d"
  rm rc
  echo "file-rc's" >rc
  ln -s /lib/other/rcS rcS
  before=$(snapshot)
  "$install" install
  "$install" install
  [ "$(readlink rc) $(readlink rcS)" = "/lib/init/rc /lib/init/rcS" ]
  # By insserv's rule no script.
  [ "$(cat .rc.pre-curfew) $(readlink .rcS.pre-curfew)" = "file-rc's /lib/other/rcS" ]
  [ "$(ls)" = $'rc\nrcS' ]
  "$install" uninstall
  diff <(echo "$before") <(snapshot)
}

@test "uninstall puts halt back in one step: it removes nothing that there is another for" {
  "$install" install
  mkdir "$T/bin"
  printf '#!/bin/sh\necho "$@" >>%s\nexec %s "$@"\n' "$T/removed" "$(command -v rm)" >"$T/bin/rm"
  chmod 755 "$T/bin/rm"
  PATH=$T/bin:$PATH "$install" uninstall
  grep -q /sbin/poweroff "$T/removed"
  [ "$(grep -cE '/sbin/(halt|reboot)$|/init/rc$' "$T/removed")" -eq 0 ]
}

@test "an installation says how to look, how to go back, and what inittab still lacks" {
  echo "l0:0:wait:/etc/init.d/rc 0" >"$DESTDIR/etc/inittab"
  run "$install" install
  [[ $output == *"curfew plan 0"* && $output == *"kb::kbrequest:/sbin/curfew status"* ]]
  [[ $output == *"make uninstall"* && $output != *"does not call"* ]]
  [ "${#lines[@]}" -le 12 ]
  echo "#l0:0:wait:/etc/init.d/rc 0" >"$DESTDIR/etc/inittab"
  run "$install" install
  [[ $output == *"/etc/inittab does not call /etc/init.d/rc: its lines are in /usr/share/doc/"* ]]
}

@test "PREFIX moves what is Curfew's own and nothing that init calls" {
  PREFIX=/opt/c "$install" install
  cd "$DESTDIR"
  [ -x opt/c/lib/curfew/rc ]
  [ -x opt/c/sbin/curfew ]
  [ -f opt/c/share/man/man8/rc.8.gz ]
  [ ! -e lib/curfew ]
  [ ! -e sbin/curfew ]
  grep -q '^lib=/opt/c/lib/curfew$' lib/init/rc
  PREFIX=/opt/c "$install" uninstall
  [ ! -e opt ]
}

@test "the other layouts get their stub where their init looks for it" {
  for where in suse:etc/init.d/rc:/etc/init.d redhat:etc/rc.d/rc:/etc/rc.d lfs:etc/rc.d/rc:/etc/rc.d; do
    IFS=: read -r layout stub links <<<"$where"
    export LAYOUT=$layout DESTDIR=$T/$layout
    "$install" install
    grep -q "^links=$links$" "$DESTDIR/$stub"
    [ -s "$DESTDIR/etc/sysconfig/curfew" ]
    [ ! -e "$DESTDIR/lib/init" ]
    "$install" uninstall
    [ -z "$(find "$DESTDIR" -mindepth 1)" ]
  done
}

@test "the other layouts get their halt, and the links that their levels lack" {
  for where in suse:etc/init.d:etc/init.d:..:S01 redhat:etc/rc.d/init.d:etc/rc.d:../init.d:S01 \
    lfs:etc/rc.d/init.d:etc/rc.d:../init.d:S99; do
    IFS=: read -r layout scripts levels there number <<<"$where"
    export LAYOUT=$layout DESTDIR=$T/$layout
    mkdir -p "$DESTDIR/$scripts" "$DESTDIR/$levels/rc6.d"
    for name in halt rc; do echo "their $name" >"$DESTDIR/$scripts/$name"; done
    ln -s "$there/halt" "$DESTDIR/$levels/rc6.d/S20reboot"
    before=$(snapshot)
    "$install" install
    "$install" install
    cd "$DESTDIR"
    grep -q "^layout=$layout$" "$scripts/halt"
    [ "$(cat "$scripts/halt.pre-curfew")" = "their halt" ]
    [ "$(readlink "$scripts/reboot")" = halt ]
    [ "$(readlink "$levels/rc0.d/${number}halt")" = "$there/halt" ]
    [ "$(ls "$levels/rc0.d" "$levels/rc6.d" | grep -c reboot)" -eq 1 ]
    [ -x etc/curfew/final.d/md-wait-clean ]
    [ "$layout" != redhat ] || [ -x etc/curfew/final.d/ups-monitor ]
    [ "$layout" != lfs ] || [ "$(readlink etc/rc.d/init.d/rc)" = ../rc ]
    [ -z "$(grep -r '@[A-Z]*@' etc)" ]
    "$install" uninstall
    diff <(echo "$before") <(snapshot)
  done
}

@test "the examples: an inittab that calls what the layout has, and rc.shutdown" {
  for where in debian,2,sysinit:/etc/init.d/rcS,/etc/init.d/rc \
    suse,3,bootwait:/etc/init.d/boot,/etc/init.d/rc \
    redhat,3,sysinit:/etc/rc.d/rc.sysinit,/etc/rc.d/rc \
    'lfs,3,sysinit:/etc/rc.d/rc S,/etc/rc.d/rc'; do
    IFS=, read -r layout level first rc <<<"$where"
    LAYOUT=$layout DESTDIR=$T/$layout PREFIX=/opt/c "$install" install
    example=$T/$layout/opt/c/share/doc/curfew/examples
    grep -qx "id:$level:initdefault:" "$example/inittab"
    grep -qx "si::$first" "$example/inittab"
    [ "$(grep -c "^l[0-6]:[0-6]:wait:$rc [0-6]$" "$example/inittab")" -eq 7 ]
    grep -qx "kb::kbrequest:/opt/c/sbin/curfew status" "$example/inittab"
    sh -n "$example/rc.shutdown"
  done
}

@test "an unknown layout, a missing binary, nothing installed: one line, and nothing is touched" {
  before=$(snapshot)
  LAYOUT=beos run "$install" install
  [ "$status" -eq 1 ]
  [ "${#lines[@]}" -eq 1 ]
  [[ $output == *"LAYOUT=beos"* ]]
  rm "$BUILD/halt"
  run "$install" install
  [ "$status" -eq 1 ]
  [[ $output == *"/halt is missing"* ]]
  run "$install" uninstall
  [ "$status" -eq 1 ]
  [[ $output == *"nothing of ours"* ]]
  [ "$(snapshot)" = "$before" ]
}

@test "75: killall5 and shutdown stay sysvinit's: nothing of ours takes their place" {
  for name in killall5 shutdown init; do echo "theirs" >"$DESTDIR/sbin/$name"; done
  "$install" install
  for name in killall5 shutdown init; do
    [ "$(cat "$DESTDIR/sbin/$name")" = theirs ]
    [ ! -e "$DESTDIR/sbin/$name.pre-curfew" ]
  done
}

@test "start-stop-daemon is installed on Debian, takes no place, and stays where one leads to it" {
  "$install" install
  grep -qx 'our start-stop-daemon' "$DESTDIR/lib/curfew/start-stop-daemon"
  [ ! -e "$DESTDIR/sbin/start-stop-daemon" ]
  [ -s "$DESTDIR/usr/share/man/man8/curfew-start-stop-daemon.8.gz" ]
  ln -s /lib/curfew/start-stop-daemon "$DESTDIR/sbin/"
  run "$install" uninstall
  [ "$status" -eq 1 ]
  [[ $output == *'/sbin/start-stop-daemon leads to ours'*'nothing was removed'* ]]
  [ -e "$DESTDIR/lib/curfew/start-stop-daemon" ] && [ -e "$DESTDIR/lib/curfew/rc" ]
  rm "$DESTDIR/sbin/start-stop-daemon"
  "$install" uninstall
  [ ! -e "$DESTDIR/lib/curfew/start-stop-daemon" ]
  LAYOUT=lfs "$install" install
  [ ! -e "$DESTDIR/lib/curfew/start-stop-daemon" ]
  [ ! -e "$DESTDIR/usr/share/man/man8/curfew-start-stop-daemon.8.gz" ]
}
