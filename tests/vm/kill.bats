#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kill stage does to processes that disks need, and to those that need disks.
# shellcheck disable=SC2016  # for the shell in the guest

load vm
load ends

# copy FILE: into the guest's /root.
copy() {
  vm_run "echo $(base64 -w 0 "$1") | base64 -d > /root/${1##*/}; chmod 755 /root/${1##*/}"
}

# apart COMMAND: the shell code COMMAND runs in the guest in a session of its own.
apart() { vm_run "setsid sh -c '$1' > /dev/null 2>&1 < /dev/null & sleep 1"; }

@test "a plain server of a network block device loses nothing of what is on its disk" {
  vm_start curfew
  copy "$BATS_TEST_DIRNAME/devices/nbd-server"
  vm_run 'modprobe nbd nbds_max=1; truncate -s 32M /root/disk'
  apart 'exec /root/nbd-server /dev/nbd0 /root/disk'
  vm_run 'for i in $(seq 100); do [ "$(cat /sys/block/nbd0/size)" = 0 ] || break; sleep 0.1; done
    mkfs.ext4 -q /dev/nbd0; mount /dev/nbd0 /srv; sync; seq 100000 > /srv/new'
  vm_send 'halt --fast -p'
  vm_end off
  vm_clean
  vm_file /root/disk > "$VM/disk"
  e2fsck -fn "$VM/disk"
  diff <(debugfs -R 'cat /new' "$VM/disk" 2> /dev/null) <(seq 100000)
}

@test "what waits for a frozen file system is written, and costs no KILL_WAIT" {
  vm_start curfew
  vm_run 'mkfs.ext4 -q /dev/vdb; mount /dev/vdb /srv'
  # The file is open before: who waits to create a file gets TERM ahead of the first write.
  apart 'exec 3> /srv/late; fsfreeze -f /srv; seq 100 >&3'
  vm_send 'init 0'
  vm_end off
  vm_shows '/srv was frozen; it is thawed'
  vm_clean root second
  diff <(vm_file /late second) <(seq 100)
}

@test "a process in an omit file that writes to / is ended by the last halt: / is clean" {
  vm_start curfew
  apart 'exec 3>> /var/log/agent.log; mkdir -p /run/sendsigs.omit.d
    echo $$ > /run/sendsigs.omit.d/agent; exec sleep 100000'
  vm_send 'init 0'
  vm_end off
  vm_clean
}

@test "with all scripts skipped, Debian's rsyslog in an omit file leaves / clean" {
  vm_start curfew
  vm_run 'pgrep -x rsyslogd'
  vm_run 'printf "%s\n" "#!/bin/sh" "sleep 600" > /etc/init.d/slow
    chmod 755 /etc/init.d/slow; ln -s ../init.d/slow /etc/rc0.d/K01slow; rm -f /etc/init.d/.depend.stop'
  # Ahead of init, which ends what runs in the session of this shell.
  apart 'until curfew status | grep slow && curfew skip --all; do sleep 0.2; done'
  vm_send 'init 0'
  vm_end off
  vm_shows 'slow: skipped'
  vm_shows '/ is read-only'
  vm_clean
}

# The older hierarchy is not mounted any more when the stage comes, as cgroupfs-umount leaves it.
@test "frozen cgroups of both versions are thawed: what their processes save at SIGTERM is on the disk" {
  vm_start curfew
  vm_run 'set -e
    printf "%s\n" "#!/usr/bin/perl" "\$SIG{TERM} = sub {" \
      "open F, q(>), \$ARGV[0]; print F qq(saved\n); close F; exit };" \
      "open R, qq(>\$ARGV[0].ready); sleep 1 while 1" > /root/saver
    chmod 755 /root/saver; mkdir /fz; mount -t cgroup -o freezer none /fz
    pause=/sys/fs/cgroup/pause; mkdir -p $pause/inner /fz/a
    for dir in $pause/inner /fz/a; do
      setsid /root/saver /root/of-${dir##*/} > /dev/null 2>&1 < /dev/null & echo $! > $dir/cgroup.procs
    done
    until [ -e /root/of-inner.ready ] && [ -e /root/of-a.ready ]; do sleep 0.1; done
    echo 1 > $pause/cgroup.freeze; echo FROZEN > /fz/a/freezer.state; sleep 0.5
    grep "frozen 1" $pause/inner/cgroup.events; grep FROZEN /fz/a/freezer.state; umount /fz; set +e'
  vm_send 'init 0'
  vm_end off
  vm_clean
  for saved in inner a; do diff <(vm_file /root/of-$saved) <(echo saved); done
  [ -z "$(vm_console | grep -a 'killed:')" ]
}

@test "a spinner of real-time priority on the only CPU: every script runs, the machine goes off clean" {
  vm_start curfew
  vm_run '(setsid chrt -f 50 setpriv --reuid=65534 --regid=65534 --clear-groups \
    sh -c "while :; do :; done" > /dev/null 2>&1 < /dev/null &)'
  vm_send 'init 0'
  vm_end off
  vm_shows 'takes all CPUs; it has normal priority now'
  vm_clean
}

@test "a process that begins to spin at the highest real-time priority among the stops: the machine goes off clean" {
  vm_start curfew
  vm_run 'cat > /etc/init.d/spinner << "END"
#!/bin/sh
setsid chrt -f 99 sh -c "while :; do :; done" > /dev/null 2>&1 < /dev/null &
END
    chmod 755 /etc/init.d/spinner; ln -s ../init.d/spinner /etc/rc0.d/K01spinner
    rm -f /etc/init.d/.depend.stop'
  vm_send 'init 0'
  vm_end off
  vm_shows 'takes all CPUs; it has normal priority now'
  vm_clean
}

# init and the stub have what real-time throttling leaves, 5 % of a slow CPU.
# bats test_tags=slow
@test "a spinner of root's at the highest real-time priority: the machine goes off clean" {
  vm_start curfew
  vm_run 'setsid chrt -f 99 perl -e "\$SIG{TERM} = q(IGNORE); 1 while 1" > /dev/null 2>&1 < /dev/null &'
  vm_send 'init 0'
  vm_end off
  vm_shows 'takes all CPUs; it has normal priority now'
  vm_clean
}

# The storm takes each PID that is free, rests, and takes them again.  One that does not rest stops
# sysvinit before it can run anything: "INIT: cannot fork, retry..".  /run/full says that it has all;
# who waits for that becomes init 0, for which no new process is needed.
@test "all PIDs used up by a user: every stop script runs, and the machine goes off clean" {
  vm_start curfew
  stop_script witness 'echo stopped in its turn'
  vm_run 'seq 5000 > /root/kept; sysctl -qw kernel.pid_max=600
    setsid setpriv --reuid=65534 --clear-groups perl -e "
      while (1) {
        \$pid = fork;
        if (!defined \$pid) { syswrite STDOUT, 1; sleep 30 } elsif (!\$pid) { sleep }
      }" > /run/full 2> /dev/null < /dev/null &'
  vm_send 'exec perl -e "sleep 1 until -s q(/run/full); exec qw(/sbin/init 0)"'
  orderly off
  vm_console | grep -a 'rc: [0-9]*: Cannot fork'
  vm_console | grep -a 'K01witness: stopped in its turn'
  [ -z "$(vm_console | grep -a 'failed, not run')" ]
  diff <(vm_file /root/kept) <(seq 5000)
}

@test "limits of the kernel that hold up real time and epoll: all stops run, the machine goes off clean" {
  vm_start curfew
  # Since Linux 6.12 other tasks have a share that no limit of real time takes: 50 ms of a second.
  vm_run 'sysctl -w kernel.sched_rt_runtime_us=1000 || sysctl -w kernel.sched_rt_runtime_us=60000
    sysctl -w fs.epoll.max_user_watches=0'
  apart 'perl -e "\$SIG{HUP} = q(IGNORE); \$SIG{TERM} = sub { sleep 7; open F, q(>), q(/root/saved);
    print F q(saved); close F; exit }; sleep 1 while 1"'
  vm_send 'init 0'
  vm_end off
  vm_shows 'Stopping the ledger'
  vm_clean
  [ "$(vm_file /root/saved)" = saved ]
}

@test "who traces init and all that it starts does not hold up the end" {
  vm_start curfew
  "${CXX:-g++}" -Os -static -s -o "$BATS_TEST_TMPDIR/tracer" "$BATS_TEST_DIRNAME/devices/tracer.cc"
  copy "$BATS_TEST_TMPDIR/tracer"
  vm_run 'printf "%s\n" "#!/bin/sh" "grep TracerPid /proc/\$PPID/status > /dev/console" > /etc/init.d/witness
    chmod 755 /etc/init.d/witness; ln -s ../init.d/witness /etc/rc0.d/K01witness
    rm -f /etc/init.d/.depend.stop'
  apart 'exec /root/tracer 1'
  vm_send 'init 0'
  vm_end off 100
  vm_console | grep -a 'TracerPid:.*[1-9]'
  vm_shows 'is ended first: it traces what ends the machine'
  vm_clean
}
