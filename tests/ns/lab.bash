# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A booted Debian for Bats and for the demo:
#   lab_start [stock|curfew|suse|redhat|lfs] [PREPARE]
#                                        boots (see tests/ns/boot), returns when the root stands
#   lab_wait_level N [SECONDS]           waits until rc has ended in level N
#   lab_run COMMAND [ARG]...             runs a command inside, with its output and status
#   lab_end SIGNAL [SECONDS]             waits for the end; true if reboot(2) ended it with SIGNAL:
#                                        2 halt or power-off, 1 restart
#   lab_console                          prints the path of the recorded console
#   lab_file PATH                        prints a path where PATH of the inside is found, also after
#                                        the end (on the root and on /run, not on what was mounted
#                                        on these)
#   lab_trace                            prints what the last run of rc and halt recorded
#   lab_keys TEXT                        types TEXT (printf escapes) on the console
#   lab_stop                             leaves nothing; for teardown
# LAB_BIND="HOST:INSIDE[:rw]" lab_start ...: with a directory of the outside, as in `enter`.
# LAB_TAR=ROOT lab_start ...: another root than mkroot's, as -r of `enter`.
# LAB_SECONDS after lab_end: from the last lab_run to the end.

# shellcheck source-path=SCRIPTDIR source=guard.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/guard.bash"
# shellcheck source-path=SCRIPTDIR/../lib source=within.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/within.bash"
# shellcheck source-path=SCRIPTDIR/../lib source=wtmp.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib/wtmp.bash"

lab_start() {
  local build=${BUILD:-build${RELEASE:+/$RELEASE}}
  case $build in /*) ;; *) build=${ns_dir%/tests/ns}/$build ;; esac
  mkdir -p "$build/lab"
  LAB=$(mktemp -d "$build/lab/run.XXXXXX")
  mkfifo "$LAB/keys"
  touch "$LAB/console" "$LAB/pid"
  exec {LAB_KEYS}<> "$LAB/keys"
  BUILD=$build "$ns_dir/boot" -p "$LAB/pid" ${LAB_BIND:+-b "$LAB_BIND"} ${LAB_TAR:+-r "$LAB_TAR"} \
    "${1:-stock}" "${2:-}" \
    <&"$LAB_KEYS" > "$LAB/console" 2>&1 3>&- &
  LAB_JOB=$!
  within 300 lab_gone_or test -s "$LAB/pid" || :
  [ -s "$LAB/pid" ] || { lab_complain "the root was not built"; return 1; }
  LAB_PID=$(cat "$LAB/pid")
  if [ "$(readlink "/proc/$LAB_PID/ns/pid")" = "$(readlink /proc/self/ns/pid)" ]; then
    lab_complain "refused: PID $LAB_PID is in our own namespace"
    return 125
  fi
  # These keep the two tmpfs readable after the end.
  exec {LAB_ROOT}< "/proc/$LAB_PID/root" {LAB_RUN}< "/proc/$LAB_PID/root/run"
}

lab_wait_level() {
  within "${2:-30}" lab_gone_or lab_level_is "$1" || :
  lab_level_is "$1" || { lab_complain "level $1 was not reached"; return 1; }
}

# No process each time that within() asks.
lab_level_is() {
  local file=/proc/$$/fd/$LAB_ROOT/lab/levels levels=()
  [ ! -e "$file" ] || mapfile -t levels < "$file"
  [ "${levels[*]: -1}" = "$1" ]
}

lab_run() {
  LAB_BEGIN=$EPOCHREALTIME
  nsenter -a -t "$LAB_PID" -- /usr/bin/env -i HOME=/root TERM=linux CURFEW_OUTER="$(lab_outer)" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" || ended_by_shutdown $?
}

# What asks init for a level may be ended by the scripts of that level before it returns.
ended_by_shutdown() { [ "$1" -eq $((128 + 15)) ] || [ "$1" -eq $((128 + 9)) ]; }

lab_outer() {
  local ns
  for ns in user pid mnt net uts ipc; do printf '%s ' "$(readlink "/proc/self/ns/$ns")"; done
}

lab_end() {
  local limit=${2:-60} status=0 end
  within "$limit" lab_is_gone || { lab_complain "not ended after $limit s"; return 1; }
  end=$EPOCHREALTIME
  # shellcheck disable=SC2034  # for the caller
  LAB_SECONDS=$(awk -v a="$LAB_BEGIN" -v b="$end" 'BEGIN { printf "%.2f", b - a }')
  wait "$LAB_JOB" || status=$?
  LAB_SIGNAL=$((status - 128))
  [ "$LAB_SIGNAL" = "$1" ] || { lab_complain "ended with status $status, not signal $1"; return 1; }
}

lab_gone_or() { lab_is_gone || "$@"; }

lab_is_gone() { ! kill -0 "$LAB_JOB" 2> /dev/null; }

lab_console() { echo "$LAB/console"; }

lab_file() {
  case $1 in
    /run/*) echo "/proc/$$/fd/$LAB_RUN/${1#/run/}" ;;
    *) echo "/proc/$$/fd/$LAB_ROOT$1" ;;
  esac
}

# A trace that was moved to /var/log has its final stages still in /run.
lab_trace() {
  cat "$(lab_file /run/curfew/trace.jsonl)" 2> /dev/null || :
}

lab_keys() {
  # shellcheck disable=SC2059  # escapes are the point
  printf "$1" >&"$LAB_KEYS"
}

lab_stop() {
  [ -n "${LAB:-}" ] || return 0
  if ! lab_is_gone; then
    kill -TERM "$LAB_JOB" 2> /dev/null || :
    within 5 lab_is_gone || kill -KILL "$LAB_PID" || :
    wait "$LAB_JOB" 2> /dev/null || :
  fi
  exec {LAB_KEYS}>&-
  [ -z "${LAB_ROOT:-}" ] || exec {LAB_ROOT}<&- {LAB_RUN}<&-
  rm -rf "$LAB"
  unset LAB LAB_ROOT LAB_RUN
}

lab_complain() {
  echo "lab: $1; the console's last lines:" >&2
  tail -n 30 "$LAB/console" >&2
}
