#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The hardware clock at the end, by the bytes that QEMU sees go to the chip's ports 0x70 and 0x71.

load vm

AHEAD=10007 # s, so that a guest that set nothing shows
ZONE=19800  # s, Asia/Kolkata

# end STATE END COMMAND [PREPARATION]: ends a guest whose clock is ahead, and watches the chip.
end() {
  vm_start "$1" -msg timestamp=on
  vm_run "date -s @$(($(date +%s) + AHEAD)); ${4:-:}"
  local before=$EPOCHREALTIME
  ahead=$(awk -v guest="$(vm_run 'date +%s.%N')" -v before="$before" -v after="$EPOCHREALTIME" \
    'BEGIN { print guest - (before + after) / 2 }')
  vm_qmp '"execute": "trace-event-set-state",
    "arguments": {"name": "memory_region_ops_write", "enable": true}'
  vm_send "$3"
  vm_end "$2" 240
  vm_file /etc/adjtime > "$VM/adjtime"
}

# The trace, each line after its second since 1970; up to QEMU 10 that is what it has, later a date.
moments() {
  # shellcheck disable=SC2016  # perl's
  perl -MTime::Local=timegm -pe 's/^\d+@//;
    s/^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.\d+)Z /timegm($6, $5, $4, $3, $2 - 1, $1) . "$7:"/e' \
    "$VM/trace"
}

# Each time that the seconds were written, as "SECOND-OF-THE-HOST DATE TIME"; they come last.
writes() {
  local port='memory_region_ops_write .* addr 0x(7[01]) value 0x([0-9a-f]+) '
  moments | sed -nE "s/^([0-9.]+):$port.*/\1 \2 \3/p" | awk '
    $2 == 70 { place = $3 }
    $2 == 71 { chip[place] = $3 }
    $2 == 71 && place == "0" {
      day = sprintf("20%02d-%02d-%02d", chip[9], chip[8], chip[7])
      print $1, day, sprintf("%02d:%02d:%02d", chip[4], chip[2], chip[0])
    }'
}

# once EAST BASE DRIFT: one write, of a zone that many seconds east; /etc/adjtime says the same.
once() {
  local host day time noted
  writes | tee "$VM/writes"
  [ "$(wc -l < "$VM/writes")" -eq 1 ]
  read -r host day time < "$VM/writes"
  # Half a second: a CMOS clock ticks that long after it was set.
  awk -v chip="$(date -u -d "$day $time" +%s)" -v east="$1" -v written="$host" -v ahead="$ahead" '
    BEGIN { wrong = chip - east + 0.5 - (written + ahead); print wrong " s"; exit wrong^2 >= 1 }'
  cat "$VM/adjtime"
  noted=$(sed -n 2p "$VM/adjtime")
  diff "$VM/adjtime" <(printf '%s %s 0.000000\n%s\n%s\n' "$3" "$noted" "$noted" "$2")
  awk -v noted="$noted" -v written="$host" -v ahead="$ahead" '
    BEGIN { late = noted - written - ahead; print late " s"; exit late^2 >= 9 }'
}

# A clock that keeps local time and is known to gain.
local_time="ln -sf /usr/share/zoneinfo/Asia/Kolkata /etc/localtime
  printf '0.125000 1700000000 0.250000\n1700000000\nLOCAL\n' > /etc/adjtime"

@test "a power-off sets the clock once, in UTC" {
  end curfew off 'init 0'
  once 0 UTC 0.000000
}
# bats test_tags=control
@test "stock: a power-off sets the clock once, in UTC" {
  end stock off 'init 0'
  once 0 UTC 0.000000
}

@test "a restart sets the clock once, in local time, and keeps the measured drift" {
  end curfew restart 'init 6' "$local_time"
  once $ZONE LOCAL 0.125000
}
# bats test_tags=control
@test "stock: a restart sets the clock once, in local time, and keeps the measured drift" {
  end stock restart 'init 6' "$local_time"
  once $ZONE LOCAL 0.125000
}

@test "USE_HWCLOCK=no leaves the clock and /etc/adjtime alone" {
  end curfew off 'init 0' "$local_time; echo USE_HWCLOCK=no >> /etc/default/curfew"
  writes | diff - /dev/null
  diff "$VM/adjtime" <(printf '0.125000 1700000000 0.250000\n1700000000\nLOCAL\n')
}
