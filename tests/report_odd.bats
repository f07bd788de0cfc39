#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# Traces that are torn, foreign, old, new, huge, or of a machine whose clock was wrong.

load lib/tree
load lib/traces

setup() { tree_new && export TZ=UTC; }
teardown() { tree_end; }

# real_trace: what rc writes of a shutdown, with the end that halt and the next boot add.
real_trace() {
  service 0 K01quick && service 0 K01loud && service 0 K02bad
  body loud 'printf "\033[1mstopping\033[0m\n"; sleep 0.1'
  body bad 'exit 3'
  depend stop 'bad: loud'
  rc 0 >"$ROOT/out" 2>&1 || :
  cat "$ROOT/run/curfew/trace.jsonl"
  rm "$ROOT/run/curfew/trace.jsonl"
  clean_trace | grep -E '"(stage-start|stage-end|killed|trace-end|next-boot)"'
}

# each_command: runs all that read the kept trace; none may crash, or leave its reader without a word.
each_command() {
  local command
  for command in report 'report --json' blame 'chain --json' chain 'log --json' log 'log loud'; do
    # shellcheck disable=SC2086
    shown $command
    [[ $status -lt 126 && -n $output && $output != *runtime\ error* && $output != *Sanitizer* ]] || {
      echo "$command: $status: ${output:0:2000}" >&2
      return 1
    }
  done
}

called_clean() { shown report && [ "${lines[1]}" = clean ]; }

@test "a trace that rc wrote is whole: it is called clean, and each of its services is there" {
  real_trace | keep 1 0
  called_clean
  squeezed "$(grep -o '0.1[0-9]* s +[^ ]* s loud ended' <(tr -s ' ' <<<"$output"))"
  has 'failed: bad (exit status 3)'
  each_command
}

@test "130 traces that are odd: an answer to each, no crash, and with a gap none is clean" {
  real_trace >"$ROOT/real"
  for seed in {1..130}; do
    what=$("$BATS_TEST_DIRNAME/lib/odd-trace" "$seed" <"$ROOT/real" 2>&1 >"$ROOT/odd")
    keep 1 0 <"$ROOT/odd"
    each_command || { echo "seed $seed: $what" >&2; return 1; }
    if [[ $what == *gap ]] && called_clean; then
      echo "seed $seed: $what is called clean" >&2
      return 1
    fi
  done
}

@test "an empty trace and one that begins nothing are said to be none" {
  : | keep 1 0
  one_line "curfew: $(kept_file 1): no trace: it begins nothing" report
  real_trace | tail -n 1 | keep 1 0
  one_line "curfew: $(kept_file 1): no trace: it begins nothing" log
}

@test "of a file of 1 GB the beginning is read, in seconds, and it is said" {
  real_trace | keep 1 0
  truncate -s 1G "$(kept_file 1)"
  SECONDS=0
  shown report
  [ "$SECONDS" -le 10 ]
  [ "$status" -eq 0 ]
  [ "${lines[1]}" = 'ended as planned; not called clean: only the first 64 MiB of its trace were read' ]
  has "curfew: $(kept_file 1): longer than 64 MiB; the rest is not read"
  : | keep 2 0
  truncate -s 1G "$(kept_file 2)"
  one_line "curfew: $(kept_file 2): no trace: it begins nothing" report
}

@test "a FIFO, a directory, a loop of links and an unreadable name in the place of a trace" {
  mkdir -p "$ROOT/var/log/curfew/000001-20251128-215941-0.jsonl"
  shown report
  [[ $status -eq 1 && $output == "curfew: $(kept_file 1): "* ]]
  mkfifo "$ROOT/var/log/curfew/000002-20251128-215941-0.jsonl"
  one_line "curfew: $(kept_file 2): Invalid argument" report
  ln -s 000003-x-y-0.jsonl "$ROOT/var/log/curfew/000003-x-y-0.jsonl"
  shown report
  [[ $status -lt 126 && ${#lines[@]} -eq 1 ]]
}

@test "a trace from before schema 1 has the date of its name, and no edges" {
  real_trace | sed -E '/"event":"script"/d; s/,"(schema|wall_us)":[0-9]+//g' |
    keep 1 0 20240229-235958
  shown report
  [[ ${lines[0]} == *', Thu 2024-02-29 at 23:59:58, '* ]]
  shown chain
  [[ ${lines[0]} == 'What it waited for, the last first (a trace of this age'* ]]
}

@test "a trace by a newer curfew is shown as far as it is known, and that is said" {
  real_trace | sed 's/,"schema":1//; s/"event":"begin"/&,"schema":2,"new":{"x":[1]}/' | keep 1 0
  shown log
  has "curfew: $(kept_file 1): by a newer curfew; what this one knows of it is shown"
  [ "$status" -eq 0 ]
}

@test "a machine without a clock: that 1970 is no date is said" {
  clean_trace | sed 's/"wall_us":[0-9]*/"wall_us":61000000/' | keep 1 0 19700101-000101
  shown report
  [[ ${lines[0]} == *', Thu 1970-01-01 at 00:01:01 (clock not set),'* ]]
}
