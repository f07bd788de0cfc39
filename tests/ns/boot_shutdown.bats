#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real init as PID 1, Debian's own scripts, our rc and halt: from the first script of the boot to
# reboot(2).  What ran is judged by the trace and, apart from it, by the scripts themselves: each
# that says so adds "begin NAME ACTION" and "end NAME ACTION" to /lab/calls.
# shellcheck disable=SC2016,SC2154  # bodies of scripts; lab.bash

load lab.bash

teardown() { lab_stop; }

# --- shell code for the inside, run before init starts

# Nothing is started in level 2; of Debian's stops those stay that do not sleep.
bare='rm -f /etc/rc[2-5].d/S* /etc/rc[016].d/K*redis-server /etc/rc[016].d/K*nginx
'

# service NAME START-LEVELS STOP-LEVELS START-CODE STOP-CODE [HEADER-LINE]: made, not yet registered.
# register: all of them, by the real insserv.
service='service() {
  made="$made $1"
  printf "%s\n" "#!/bin/sh" "### BEGIN INIT INFO" "# Provides: $1" \
    "# Required-Start: \$remote_fs" "# Required-Stop: \$remote_fs" "# Default-Start: $2" \
    "# Default-Stop: $3" "# ${6:-Description:}" "### END INIT INFO" \
    "echo \"begin $1 \$1\" >> /lab/calls" "case \$1 in start) $4 ;; stop) $5 ;; esac" \
    "echo \"end $1 \$1\" >> /lab/calls" > "/etc/init.d/$1"
}
register() { (cd /etc/init.d; chmod 755 $made; insserv $made); }
'

# Each stop of level 0 says that it ran; those that rc knows by checksum must stay what they are.
# udev's stop fails where there is no sysfs, and a stop that failed would be tried again.
witness='
mkdir /lab/real
for link in /etc/rc0.d/K*; do
  script=$(readlink -f "$link") name=${script##*/}
  case $name in sendsigs | umountnfs.sh | hwclock.sh | umountfs | umountroot | halt) continue ;; esac
  ! grep -q /lab/calls "$script" || continue
  mv "$script" /lab/real/
  cat > "$script" << END
#!/bin/sh
echo "begin $name \$1" >> /lab/calls
/lab/real/$name "\$@"
status=\$?
[ $name != udev ] || status=0
echo "end $name \$1" >> /lab/calls
exit \$status
END
  chmod 755 "$script"
done
'

# --- for the outside

# Arguments as for lab_start; returns when level 2 is up.
boot() {
  lab_start curfew "$@"
  lab_wait_level 2
}

no() { if "$@"; then echo "not so: $*"; return 1; fi; }

calls() { cat "$(lab_file "${1:-/lab/calls}")"; }

# True once "$1" is a line of /lab/calls.
called() { within 20 grep -qsxF "$1" "$(lab_file "${2:-/lab/calls}")"; }

console_shows() { within 20 grep -qF "$1" "$(lab_console)"; }

# The trace as lines "begin NAME" and "end NAME".
trace_order() {
  sed -nE 's/.*"event":"start","service":"([^"]*)".*/begin \1/p
    s/.*"event":"exit","service":"([^"]*)".*/end \1/p'
}

# True if no service in the lines on standard input runs while or after one that has to wait for it
# by the .depend file $1.
satisfies() {
  awk '
    NR == FNR { if (split($0, part, ":") == 2 && part[2] !~ /=/) after[part[1]] = part[2] " "; next }
    { for (late in begun) if (index(after[late], " " $2 " ")) { print late " before " $2; bad = 1 } }
    $1 == "begin" { begun[$2] = 1; seen++ }
    END { exit bad || !seen }' "$1" -
}

# The services of level $1 that have a K link, one a line, without those given after it.
to_be_stopped() {
  local level=$1
  shift
  (cd "$(lab_file "/etc/rc$level.d")" && printf '%s\n' K*) | sed 's/^K[0-9]*//' |
    grep -vxF "$(printf '%s\n' halt reboot "$@")" | sort
}

# And rc.shutdown, which has no link: what rc itself runs in level $1, but where newer Debians give
# rc.local, which runs it too, a stop.
to_be_run() {
  { to_be_stopped "$1" | grep -x rc.local || echo rc.shutdown; to_be_stopped "$1"; } | sort -u
}

records() { shutdown_records "$(lab_file /var/log/wtmp)" | wc -l; }

@test "init 0: each service is stopped once, in the order of .depend.stop, and recorded" {
  boot "$witness"
  [ "$(lab_run pgrep -c 'nginx|cron|sshd|redis|rsyslogd|ledgerd')" -ge 6 ]
  lab_run init 0
  lab_end 2

  depend=$(lab_file /etc/init.d/.depend.stop)
  lab_trace | trace_order > "$LAB/order"
  diff <(sed -n 's/^begin //p' "$LAB/order" | sort) <(to_be_run 0)
  diff <(sed -n 's/^end //p' "$LAB/order" | sort) <(to_be_run 0)
  satisfies "$depend" < "$LAB/order"

  native=(sendsigs umountnfs.sh hwclock.sh umountfs umountroot)
  diff <(calls | sed -n 's/^begin \(.*\) stop$/\1/p' | sort) <(to_be_stopped 0 "${native[@]}")
  diff <(calls | sed -n 's/^end \(.*\) stop$/\1/p' | sort) <(to_be_stopped 0 "${native[@]}")
  calls | grep ' stop$' | satisfies "$depend"

  [ "$(records)" -eq 1 ]
}

@test "init 6 ends by a restart, recorded as a shutdown" {
  boot "$bare"
  lab_run init 6
  lab_end 1
  [ "$(records)" -eq 1 ]
  diff <(lab_trace | trace_order | sed -n 's/^begin //p' | sort) <(to_be_run 6)
}

@test "shutdown -h now ends by power-off or halt" {
  boot "$bare"
  lab_run shutdown -h now
  lab_end 2
  [ "$(records)" -eq 1 ]
}

@test "shutdown -r now ends by a restart" {
  boot "$bare"
  lab_run shutdown -r now
  lab_end 1
  [ "$(records)" -eq 1 ]
}

@test "telinit 1 ends what has no stop script and asks for the root password; init 0 then halts" {
  boot 'mkdir /lab/keep; mv /etc/rc2.d/S*cron /etc/rc2.d/S*ssh /lab/keep
    '"$bare"'mv /lab/keep/* /etc/rc2.d'
  lab_run pgrep -x cron
  lab_run telinit 1
  lab_wait_level S
  no lab_run pgrep 'cron|sshd'
  [ "$(records)" -eq 0 ]
  console_shows 'press Control-D to continue'
  lab_run init 0
  lab_end 2
  [ "$(records)" -eq 1 ]
}

@test "a file system check that fails ends in sulogin on the console; Ctrl-D there boots on" {
  lab_start curfew "$bare"'printf "#!/bin/sh\nexit 4\n" > /sbin/fsck'
  console_shows 'press Control-D to continue'
  no lab_level_is 2
  lab_keys '\004'
  lab_wait_level 2
  lab_run init 0
  lab_end 2
}

@test "with an rc that crashes at once the stub boots and halts" {
  boot "$bare$service"'
    service plain 2 "0 1 6"
    register
    printf "%s\n" "#!/bin/sh" "[ \"\$1\" != --version ] || { echo crash; exit; }" \
      "kill -SEGV \$\$" > /lib/curfew/rc'
  lab_run init 0
  lab_end 2
  grep -c 'rc cannot run (status 139)' "$(lab_console)"
  diff <(calls) <(printf '%s\n' {begin,end}' plain '{start,stop} | sort -k3,3 -k1,1)
  [ "$(records)" -eq 1 ]
}

@test "what a stop script left and a daemon of a start script survive the end of rc and are heard" {
  boot "$bare$service"'
    service leaver 2 "0 1 3 4 5 6" "" "sleep 1001 &"
    service daemon 3 "0 1 2 4 5 6" "sh -c \"sleep 1; echo daemon speaks; exec sleep 1002\" &"
    register'
  lab_run telinit 3
  lab_wait_level 3
  console_shows 'daemon speaks'
  no lab_run pgrep -x rc
  lab_run pgrep -xf 'sleep 1001'
  lab_run pgrep -xf 'sleep 1002'
  lab_run init 0
  lab_end 2
}

@test "1,000 services registered by insserv all start and all stop, once" {
  boot "$bare$service"'
    for n in $(seq 1000); do service "number$n" 2 "0 1 6"; done
    register'
  lab_run init 0
  lab_end 2
  diff <(calls | sort) <(printf '%s\n' {begin,end}' number'{1..1000}' '{start,stop} | sort) | head
  [ "$(calls | sort -u | wc -l)" -eq 4000 ]
  [ "$(calls | wc -l)" -eq 4000 ]
}

@test "init 0 during a slow stop of init 6: no stop runs twice, and the machine halts" {
  boot "$bare$service"'
    service slow 2 "0 1 6" "" "sleep 2"
    register'"$witness"
  lab_run init 6
  called 'begin slow stop'
  lab_run init 0
  lab_end 2
  diff <(calls | sed -n 's/^end \(.*\) stop$/\1/p' | sort) \
    <(to_be_stopped 0 sendsigs umountnfs.sh hwclock.sh umountfs umountroot)
  [ "$(records)" -eq 1 ]
}

@test "the trace says who called reboot; of a later init 0 it says that nobody is known" {
  boot "$bare$service"'
    service slow 2 "0 1 6" "" "sleep 2"
    register'
  no grep -q '"event":"asked"' "$(lab_file /run/curfew/trace.jsonl)"
  # Of init's children: halt stops all processes, and a nsenter that stops reaps none.
  lab_run sh -c '(sleep 0.3; reboot -t 1; sleep 9) < /dev/null > /dev/null 2>&1 &'
  called 'begin slow stop'
  lab_run init 0
  lab_end 2
  mapfile -t asked < <(lab_trace | grep -o '"event":"asked".*')
  [ "${#asked[@]}" -eq 2 ]
  [[ ${asked[0]} == *'"by":"halt","command":"reboot -t 1","uid":0,"from":["sh['*']"]'*'"before_us":'* ]]
  [ "${asked[1]}" = '"event":"asked","by":"init"}' ]
}

@test "init 0 while level 2 still starts: the start is not killed, and ends before its stop begins" {
  # Nothing orders this service before the stages kill and read-only: / may be gone, /run is not.
  lab_start curfew "$bare$service"'
    service slow 2 "0 1 6" "sleep 2"
    sed -i "s|/lab/calls|/run/calls|; s|\$remote_fs||" /etc/init.d/slow
    register'
  called 'begin slow start' /run/calls
  lab_run init 0
  lab_end 2
  diff <(calls /run/calls) <(printf '%s\n' {begin,end}' slow '{start,stop} | sort -k3,3 -k1,1)
}

@test "an interactive service of the boot has the console alone: it reads, and Ctrl-C reaches it" {
  lab_start curfew "$bare$service"'
    service asker S "" "printf \"name? \"; read name; echo \"\$name\" >> /lab/calls
      trap \"echo interrupted >> /lab/calls\" INT; echo asleep; sleep 1000" "" "X-Interactive: true"
    for n in 1 2 3; do service "other$n" S "" "sleep 0.2"; done
    register'
  console_shows 'name? '
  lab_keys 'a person\r'
  console_shows asleep
  lab_keys '\x03'
  lab_wait_level 2
  diff <(calls | sed -n '/begin asker/,/end asker/p') \
    <(printf '%s\n' 'begin asker start' 'a person' interrupted 'end asker start')
  [ "$(calls | grep -c '^end other')" -eq 3 ]
  lab_run init 0
  lab_end 2
}

@test "a .depend.boot that cannot be read and an empty .depend.start still boot, by the headers" {
  boot "$bare$service"'
    service plain 2 "0 1 6"
    register
    sed -i "s|^si:.*|si::sysinit:/bin/sh -c \"/etc/init.d/rcS; cp /run/curfew/trace.jsonl /lab/boot\"|" \
      /etc/inittab
    cd /etc/init.d
    mv .depend.boot /lab/depend.boot
    mkdir .depend.boot
    : > .depend.start'
  console_shows .depend.boot
  trace_order < "$(lab_file /lab/boot)" | satisfies "$(lab_file /lab/depend.boot)"
  called 'end plain start'
  lab_run init 0
  lab_end 2
  called 'end plain stop'
}

@test "with /run full from the start it boots, stops each service once and halts" {
  boot "$bare$service"'
    service plain 2 "0 1 6"
    register'"$witness"'
    mount -t tmpfs -o mode=755,size=64k run /run
    mkdir -m 1777 /run/lock
    cat /dev/zero > /run/fill || :'
  lab_run init 0
  lab_end 2
  diff <(calls | sed -n 's/^end \(.*\) stop$/\1/p' | sort) \
    <(to_be_stopped 0 sendsigs umountnfs.sh hwclock.sh umountfs umountroot)
  [ "$(records)" -eq 1 ]
}

@test "wtmpdb's own script writes the end once, ours writes wtmp where there is one, and makes none" {
  local root with
  root=$("$ns_dir/mkroot")
  tar -tf "$root" | grep -q /bin/wtmpdb || skip "this Debian has no wtmpdb"
  for with in ': >' 'rm -f'; do
    boot "$bare $with /var/log/wtmp; "
    lab_run init 0
    lab_end 2
    chroot "$(lab_file /)" wtmpdb last -f /var/log/wtmp.db | grep '^s-reboot' > "$BATS_TEST_TMPDIR/boots"
    [ "$(grep -c ' - [0-9][0-9]:' "$BATS_TEST_TMPDIR/boots")" -eq 1 ]
    [ "$with" = 'rm -f' ] || [ "$(records)" -eq 1 ]
    [ "$with" = ': >' ] || [ ! -e "$(lab_file /var/log/wtmp)" ]
    lab_stop
  done
}

@test "the log on the disk goes on until / is about to turn read-only" {
  boot "$bare"
  lab_run init 0
  lab_end 2
  local copy
  copy=$(echo "$(lab_file /var/log/curfew)"/*-0.jsonl)
  lab_trace | head -n "$(wc -l < "$copy")" | diff - "$copy"
  tail -n 1 "$copy" | grep '"event":"trace-end"'
  # Both levels of the boot are in one log of their own.
  grep '"event":"begin"' "$(lab_file /var/log/curfew)"/*-S.jsonl |
    grep -o '"level":"."' | tr -d '\n' | grep -qx '"level":"S""level":"2"'
}
