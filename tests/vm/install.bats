#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What changes below a machine that runs, and the end that follows at once.
# shellcheck disable=SC2016  # for the shell in the guest

load vm

# Lays the packages, as the state `curfew` has them, into the second disk of the running guest and
# installs them.
install_packages() {
  debugfs -R "rdump /root/packages $VM" "$BUILD/vm/curfew/root.img"
  tar -c -f "$VM/packages.tar" -C "$VM/packages" .
  vm_qmp '"execute": "human-monitor-command", "arguments": {"command-line":
    "qemu-io second \"write -s '"$VM/packages.tar"' 0 '"$(stat -c %s "$VM/packages.tar")"'\""}'
  vm_run 'cd /root/packages && tar -x -f /dev/vdb && dpkg -i ./*.deb'
}

services='for name in rsyslogd cron ledgerd acpid; do echo $name $(pgrep -x $name); done'

# bats test_tags=release-slow
@test "the packages go onto a running machine, init 6 at once, and the next boot is Curfew's" {
  vm_start stock --restarts
  vm_run "$services" > "$VM/before"
  install_packages
  vm_run "$services" | diff "$VM/before" -
  vm_send 'init 6'
  vm_level
  [ "$(vm_console | grep -c 'Stopping the ledger')" -eq 1 ]
  vm_console | grep -q 'hand-over: reboot -f'
  vm_console | grep -q '/dev/vda: clean,'
  vm_run 'head -n 1 /run/curfew/trace.jsonl | grep "\"level\":\"2\""; runlevel; pgrep -x -c ledgerd'
  vm_send 'init 0'
  vm_end off
  vm_clean
}

# Replaces each file that init maps, as dpkg does when libc is upgraded.
upgrade_libraries='
  for file in $(sed -n "s|.* /|/|p" /proc/1/maps | sort -u); do
    cp -a $file $file.new && mv $file.new $file
  done
  grep -c deleted /proc/1/maps'

upgraded() {
  vm_start "$1"
  vm_run "$upgrade_libraries"
  vm_send "$2"
  vm_end "$3"
  echo "# $VM_SECONDS s" >&3
}

@test "libc upgraded while init runs, then init 0: root is read-only all the same" {
  upgraded curfew 'init 0' off
  vm_clean
}
# bats test_tags=slow
@test "libc upgraded while init runs, then init 6: root is read-only all the same" {
  upgraded curfew 'init 6' restart
  vm_clean
}
# bats test_tags=control
@test "stock: libc upgraded while init runs, then init 0: root stays writable" {
  upgraded stock 'init 0' off
  run vm_clean
  [ "$status" -ne 0 ]
  [[ $output == *needs_recovery* ]]
}

# bats test_tags=slow
@test "upgraded from Debian 12 to 13 and to testing with our packages: it boots, and ends clean" {
  vm_start upgraded
  vm_run 'head -n 1 /run/curfew/trace.jsonl | grep "\"level\":\"2\""; pgrep -x -c ledgerd'
  vm_send 'init 0'
  vm_end off
  vm_console | grep -q 'halt: / is read-only'
  vm_clean
}

# autopkgtest's own part: the program that restarts the testbed.
testbed='printf "%s\n" "#!/bin/sh" "init 6; sleep 1000" > /tmp/autopkgtest-reboot
  chmod 755 /tmp/autopkgtest-reboot; cat > /root/test'

# bats test_tags=slow
@test "debian/tests/reboot restarts its testbed by Curfew, and finds all in order" {
  local mark
  vm_start curfew --restarts
  for mark in '' sysvinit; do
    vm_run "$testbed << 'END OF TEST'
$(cat "$BATS_TEST_DIRNAME/../../debian/tests/reboot")
END OF TEST"
    vm_send "AUTOPKGTEST_REBOOT_MARK=$mark sh /root/test"
    vm_level
  done
  vm_run "AUTOPKGTEST_REBOOT_MARK=curfew sh /root/test"
  vm_send 'init 0'
  vm_end off
}
