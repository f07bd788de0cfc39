#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bats file_tags=slow
# Servers of Debian's, each with its own init script, go down with the machine.
# shellcheck disable=SC2016,SC2154  # for the shell in the guest; servers is of servers.bash

load vm
load ends
load servers

# The console is to show when each init script begins, when it and each server ends, and who gets a
# SIGSTOP, with which the kill stage begins.  The script of munin-node ends as init-d-script.
watch='set -e
  mount -t tracefs tracefs /sys/kernel/tracing
  cd /sys/kernel/tracing/events/sched
  echo "filename ~ \"/etc/init.d/*\" || filename ~ \"/dev/fd/*\"" > sched_process_exec/filter
  filter="comm == \"memfd:halt\""
  for name in $(ls /etc/init.d | cut -c 1-15) init-d-script '$servers'; do
    filter="$filter || comm == \"$name\""
  done
  echo "$filter" > sched_process_exit/filter
  echo 1 > sched_process_exit/enable
  echo "sig == 19 && ($filter)" > ../signal/signal_generate/filter
  echo 1 > ../signal/signal_generate/enable
  sysctl -q kernel.tracepoint_printk=1'

# pids < TRACE: "PID SERVICE" of all that rc ran.
pids() { sed -nE 's/.*"event":"start","service":"([^"]*)".*"pid":([0-9]+).*/\2 \1/p'; }

# in_order PIDS DEPEND < CONSOLE: each script began after all that DEPEND has before it had ended.
in_order() {
  awk '
    FILENAME == ARGV[1] { service[$1] = $2; next }
    FILENAME == ARGV[2] {
      name = $1
      $1 = ""
      if (sub(/:$/, "", name)) before[name] = $0
      next
    }
    match($0, /sched_process_exec: filename=[^ ]+ pid=[0-9]+/) {
      split(substr($0, RSTART, RLENGTH), word, "[= ]")
      name = service[word[5]]
      if (name && !(name in begin)) begin[name] = FNR
    }
    match($0, /sched_process_exit: comm=[^ ]+ pid=[0-9]+/) {
      split(substr($0, RSTART, RLENGTH), word, "[= ]")
      if (word[5] in service) end[service[word[5]]] = FNR
    }
    END {
      for (name in before) {
        count = split(before[name], list, " ")
        for (i = 1; i <= count; i++) {
          if (!(name in begin) || !(list[i] in begin)) continue
          edges++
          if (end[list[i]] && end[list[i]] < begin[name]) continue
          print name " began before the end of " list[i]
          wrong = 1
        }
      }
      print edges " edges"
      exit wrong || edges < 20
    }' "$1" "$2" -
}

# lacks PATTERN FILE
lacks() { if grep -E -- "$1" "$2"; then return 1; fi; }

# killed PIDS < CONSOLE: the servers that the kill stage ends.  One may still be about to end by its own
# script's SIGTERM when that stage begins.
killed() {
  awk -v stage="pid=$(awk '$2 == "sendsigs" { print $1 }' "$1") " '
    /sched_process_exec/ && index($0 " ", stage) { begun = 1 }
    begun && /sched_process_exit/ && index($0, stage) { exit }
    begun && /signal_generate/ {
      match($0, /comm=[^ ]+/)
      print substr($0, RSTART + 5, RLENGTH - 5)
    }' | grep -v memfd:halt | sort -u
}

@test "real servers stop in the order of .depend.stop, none is killed that has a stop script" {
  start_servers daemons
  mount_own_export
  vm_run "$watch"
  vm_send 'init 0'
  vm_end off 120
  echo "# $VM_SECONDS s" >&3
  vm_clean
  vm_file /etc/init.d/.depend.stop > "$VM/depend"
  vm_console > "$VM/shown"
  kept_trace | pids > "$VM/pids"
  in_order "$VM/pids" "$VM/depend" < "$VM/shown"
  # Debian's scripts of cron and cups have no stop link in 0 and 6.
  killed "$VM/pids" < "$VM/shown" | tee "$VM/killed"
  [ "$(paste -sd ' ' "$VM/killed")" = 'cron cupsd' ]
  lacks 'halt: killed' "$VM/shown"
  vm_file /var/log/postgresql/postgresql-15-main.log | tail -n 1 |
    grep 'database system is shut down'
  vm_file /var/log/syslog | grep 'mariadbd: Shutdown complete'
  diff <(vm_file /srv/export/kept) <(seq 1000)
}

@test "postgres and mariadb start without recovery after init 6" {
  start_servers daemons --restarts
  mount_own_export
  vm_send 'init 6'
  vm_level
  vm_run 'cd /; su postgres -c "psql -At -c \"select count(*) from kept\""' | grep -qx 1000
  vm_run 'mariadb -NB -e "select count(*) from shop.kept"' | grep -qx 1000
  vm_run 'cat /var/log/postgresql/*-main.log' > "$VM/postgres"
  [ "$(grep -c 'database system was shut down at' "$VM/postgres")" -eq 2 ]
  lacks 'not properly shut down|interrupted' "$VM/postgres"
  vm_run 'grep mariadbd /var/log/syslog' > "$VM/mariadb"
  [ "$(grep -c 'ready for connections' "$VM/mariadb")" -eq 2 ]
  lacks '[Rr]ecover|[Cc]rash' "$VM/mariadb"
  vm_console | grep '/dev/vda: clean,'
}
