#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016 # bodies of scripts
# `curfew report`, `blame`, `chain` and `log`: what a past change of level did.

load lib/tree
load lib/traces

setup() { tree_new && export TZ=UTC; }
teardown() { tree_end; }

@test "report says when, from where to where, the verdict, and what was unusual" {
  for number in 1 2 3; do clean_trace | keep "$number" 0; done
  clean_trace ledger=3030 | keep 4 0
  shown report
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "Shutdown 4: level 2 to 0, Fri 2025-11-28 at 21:59:41, in 3.57 s" ]
  [ "${lines[1]}" = clean ]
  [ "${lines[2]}" = "Services: 2 ended, 1 failed" ]
  has 'failed: nginx (exit status 1)'
  has 'unusually slow: ledger (3.03 s, usually 0.50 s)'
  has 'killed: stubborn[812]'
  squeezed '3.03 s +0.00 s ledger ended; usually 0.50 s'
  squeezed '0.36 s +0.00 s nginx failed (exit status 1); last line: no pid file'
}

@test "report, its JSON and log tell who asked, as far as it is known" {
  asked() { # FIELDS: a trace that has them
    clean_trace | sed "1a\\{\"time_us\":50000000,\"event\":\"asked\",$1}" | keep 1 0
    shown report
  }
  asked '"by":"halt","command":"poweroff","uid":0,"login_uid":1000,"terminal":"pts/3","from":["sudo[40]","sh[30]"],"before_us":9000000'
  has 'asked by uid 1000 (as uid 0) on pts/3: poweroff; from sudo[40], sh[30]; 9.00 s'
  shown report --json
  [[ $output == *'"asked":[{"by":"halt","command":"poweroff","terminal":"pts/3","from":["sudo[40]","sh[30]"],"uid":0,"login_uid":1000,"before_us":9000000}]'* ]]
  shown log
  [[ $output == *'asked by uid 1000 (as uid 0) on pts/3: poweroff'* ]]
  asked '"by":"rc","command":"rc 0\\n","uid":0,"login_uid":0,"from":[]'
  has 'asked by uid 0: rc 0\x0A'
  asked '"by":"init"'
  has 'asked through init'
  clean_trace | keep 1 0
  shown report
  [[ $output != *asked* ]]
}

@test "a reset is named with the service that the machine waited for" {
  clean_trace | sed '/"service":"ledger".*exit status/,$d' | keep 1 0
  shown report
  [ "$status" -eq 0 ]
  [ "${lines[1]}" = "unclean: reset or power lost while waiting for ledger (K01ledger)" ]
  squeezed '- +0.00 s ledger had not ended'
}

@test "N counts back from the last by number, whatever the clocks say, and boots are apart" {
  clean_trace | keep 9 0 19700101-000001
  clean_trace | keep 10 6 20991231-235959
  clean_trace | keep 11 0 19700101-000001
  boot_trace | keep 12 S
  touch "$ROOT/var/log/curfew/000013-notes.txt" "$ROOT/var/log/curfew/x-1-2-0.jsonl"
  for wanted in '1 11' '2 10' '3 9'; do
    shown report "${wanted% *}"
    [[ ${lines[0]} == "Shutdown ${wanted#* }: "* ]]
  done
  shown report --boot
  [ "${lines[0]}" = "Boot 12: to level S, then 2, Fri 2025-11-28 at 21:59:41, in 1.40 s" ]
  [ "${lines[1]}" = done ]
}

@test "blame has the slowest first, services and stages" {
  clean_trace | keep 1 0
  shown blame
  [ "${lines[0]}" = "  0.50 s  ledger" ]
  squeezed '0.20 s stage sync'
}

@test "chain goes from the end backwards, each with its reason" {
  clean_trace | keep 1 0
  shown chain
  squeezed '0.20 s +0.82 s stage sync after sendsigs'
  squeezed '0.30 s +0.50 s sendsigs after ledger'
  squeezed '0.50 s +0.00 s ledger from the start'
  hasnt nginx
}

@test "log has the wall clock, the name and the words; of NAME only its own" {
  clean_trace | keep 1 0
  shown log
  [ "${lines[0]}" = 'Fri 2025-11-28' ]
  has '21:59:41.360 nginx: no pid file'
  has '21:59:41.360 nginx: (ended: exit status 1)'
  shown log K01nginx
  hasnt ledger
  [ "${#lines[@]}" -eq 4 ]
}

@test "--json of each is JSON, and has the same" {
  clean_trace | keep 1 0
  json report '$d->{verdict}, scalar @{$d->{services}}, $d->{services}[0]{took_us}'
  [ "$output" = 'clean 3 500000' ]
  json report 'join(",", map { "$_->{stage} $_->{began_us} $_->{took_us}" } @{$d->{stages}})'
  [ "$output" = 'sync 820000 200000' ]
  json blame '$d->[0]{name}, $d->[0]{took_us}'
  [ "$output" = 'ledger 500000' ]
  json chain '$d->[0]{kind}, $d->[1]{reason}, $d->[1]{waited_for}'
  [ "$output" = 'stage after ledger' ]
  json log '$d->[0]{wall}, $d->[0]{event}, scalar @$d'
  [ "$output" = '2025-11-28T21:59:41.000+0000 begin 19' ]
}

@test "what is not there is said in one line with a hint" {
  one_line 'curfew: /var/log/curfew has no shutdown; --boot shows boots' report
  clean_trace | keep 1 0
  one_line 'curfew: /var/log/curfew has no boot; without --boot it is shutdowns' blame --boot
  one_line 'curfew: only 1 are kept in /var/log/curfew; 1 is the last, 1 the oldest' chain 2
  one_line 'curfew: none: no number of a run; 1 is the last, 2 the one before' report none
  one_line 'curfew: 0: no number of a run; 1 is the last, 2 the one before' log 0
  one_line "curfew: ngnix: not in $(kept_file 1); near: nginx" log ngnix
  one_line 'curfew: report has no --all; curfew --help says more' report --all
  one_line 'curfew: log has one NAME and one N; curfew --help says more' log a b
}

# too_wide WIDTH: the lines of more than WIDTH characters, but for a long word alone; colours have none.
too_wide() { sed 's/\r//g; s/\x1b\[[0-9;]*m//g' | awk -v width="$1" 'length > width && NF > 1'; }

@test "no line but a long word is wider than the terminal, or than 80 columns where there is none" {
  long=$(printf 'n%.0s' {1..200})
  clean_trace | sed "s/nginx/$long/; s/no pid file/many words $long and more/" | keep 1 0
  for command in report blame chain; do
    shown "$command"
    [ -z "$(too_wide 80 <<<"$output")" ]
    wide=$(COLUMNS=80 expect -c "set stty_init {rows 10 columns 40}" -c \
      "spawn -noecho {$BUILD/curfew} $command --root {$ROOT}" -c 'expect eof' | too_wide 40)
    [ -z "$wide" ]
  done
}

@test "the durations are those that the scripts measured themselves, within 50 ms" {
  for i in {1..5}; do
    service 0 "K01s$i"
    body "s$i" "date +%s%N >'$ROOT/s$i.begin'; sleep 0.$i; date +%s%N >'$ROOT/s$i.end'"
  done
  rc 0 >/dev/null 2>&1 || :
  for i in {1..5}; do
    took=$("$BUILD/curfew" report --json --root "$ROOT" |
      perl -MJSON::PP -e 'local $/; my $d = decode_json(<STDIN>);
        print map { $_->{took_us} } grep { $_->{service} eq $ARGV[0] } @{$d->{services}}' "s$i")
    own=$((($(<"$ROOT/s$i.end") - $(<"$ROOT/s$i.begin")) / 1000))
    echo $((took > own ? took - own : own - took))
  done | sort -n >"$ROOT/differences"
  cat "$ROOT/differences"
  # On a host with much to do `date` itself has to wait.
  [ "$(sed -n 2p "$ROOT/differences")" -le 50000 ]
}

@test "the shutdown that goes on is read from memory, and what it waits for is named" {
  clean_trace | keep 1 0
  service 0 K01hung
  body hung "echo \$\$ >'$ROOT/pid'; exec sleep 1000"
  start_rc 0
  until_true going_on
  shown report
  [[ ${lines[1]} == 'goes on, while waiting for hung (K01hung)'* ]]
  has "curfew: $ROOT/run/curfew/trace.jsonl: the trace in memory; it is not complete while it goes on"
  shown report 2
  [[ ${lines[0]} == 'Shutdown 1: '* && ${lines[1]} == clean ]]
  kill "$(<"$ROOT/pid")"
  rc_ended || :
}

@test "curfew-trace(5) has each event that is written, and each key of --json" {
  cd "$BATS_TEST_DIRNAME/.."
  page=$(tr -s ' ,\n' '\n' <man/curfew-trace.5)
  missing=
  for word in $(grep -rhoE '(TraceLine|LineOf|[.>]Event)\("[a-z-]+"' src | sed 's/.*("//; s/"//') \
    $(grep -rhoE '\{"[a-z_]+", [^"]' src/report/*_text.cc | sed 's/{"//; s/",.*//'); do
    grep -qxF -e "$word" <<<"$page" || missing+="$word "
  done
  echo "$missing"
  [ -z "$missing" ]
}

going_on() { "$BUILD/curfew" report --root "$ROOT" | grep -q '^goes on, while waiting for hung'; }
