#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# curfew plan --why, --json and --dot; nothing is started.

load lib/tree

setup() {
  tree_new
  service 0 K01a && service 0 K02b && service 0 K03c && service 0 K04sendsigs
  service 0 K01d && echo 'ro curfew.skip=d' >"$ROOT/proc/cmdline"
  mkdir "$ROOT/etc/rc0.d/K06dir"
  depend stop 'TARGETS = a b c sendsigs' 'b: a' 'c: a b'
}

# why NAME: what `plan 0 --why NAME` prints, blanks squeezed.
why() {
  run "$BUILD/curfew" plan 0 --root "$ROOT" --why "$1"
  output=$(grep -v '^curfew: /etc' <<<"$output" | tr -s ' ')
}

@test "--why says what a script waits for and by which file or rule, and what waits for it" {
  why b
  [ "$status" -eq 0 ]
  [ "$output" = "K02b runs: /etc/init.d/b stop; limit 90 s, 600 s in all
waits for:
 a /etc/init.d/.depend.stop
what waits for it:
 c /etc/init.d/.depend.stop" ]
  why K04sendsigs
  [[ $output == "K04sendsigs runs: /etc/init.d/sendsigs stop; limit 90 s, 600 s in all
waits for:
 c rule: processes and file systems end last
 and with these for a, b
nothing waits for it" ]]
  why a
  [[ $output == *$'\nwaits for nothing\nwhat waits for it:\n b /etc/init.d/.depend.stop' ]]
}

@test "--why says why a script does not run, or cannot" {
  why d
  [ "$status" -eq 0 ]
  [ "$output" = "K01d does not run: curfew.skip= on the kernel command line" ]
  why K06dir
  [ "$output" = "K06dir does not run: a directory" ]
  chmod 644 "$ROOT/etc/init.d/a"
  why a
  [[ $output == "K01a runs: /etc/init.d/a stop; cannot run: not executable; limit 90 s"* ]]
}

@test "--why of a service with STOP=no says so, and no level stops it" {
  mkdir -p "$ROOT/etc/default/curfew.d"
  printf 'SERVICES="b x"\nSTOP=no\n' >"$ROOT/etc/default/curfew.d/b.conf"
  why b
  [ "$output" = "K02b does not run: STOP=no of this service in the settings" ]
  rc 0 >"$ROOT/out"
  grep -x 'c stop' "$ROOT/ran"
  run grep '^b ' "$ROOT/ran"
  [ "$output" = '' ]
}

@test "--why of a header, a number, and through a service that does not run" {
  echo 'ro curfew.skip=b' >"$ROOT/proc/cmdline"
  depend stop 'TARGETS = a b c sendsigs' 'b: a' 'c: b'
  why c
  [[ $output == *$'waits for:\n a by way of services that do not run\n'* ]]
  depend stop ''
  : >"$ROOT/proc/cmdline"
  why b
  [[ $output == *$'waits for:\n a link number\n'* ]]
  service 0 K01e 'Required-Stop: f' && service 0 K01f 'Provides: f'
  why f
  [[ $output == *$'waits for:\n e LSB header\n'* ]]
}

@test "--why of a name that the plan does not know is one line with a hint, and exit 1" {
  why sendsgis
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: sendsgis: not in the plan of level 0; did you mean sendsigs?" ]
  why postgresql
  [ "$output" = "curfew: postgresql: not in the plan of level 0; no link of it leads there" ]
  why ''
  [ "$status" -eq 1 ]
  run "$BUILD/curfew" plan 0 --root "$ROOT" --json --dot
  [ "$status" -eq 1 ]
  [ "$output" = "curfew: plan has one of --why, --json and --dot at a time" ]
  run "$BUILD/curfew" status --root "$ROOT" --dot
  [ "$output" = "curfew: status has no --dot; curfew --help says more" ]
}

@test "--json is one object with every script, its edges and what it is left out for" {
  utmp 2 N
  login_record anna tty1 >>"$ROOT/run/utmp"
  printf '#!/nonexistent\n' >"$ROOT/etc/init.d/c"
  "$BUILD/curfew" plan 0 --root "$ROOT" --json 2>/dev/null >"$ROOT/out"
  # shellcheck disable=SC2016  # for perl
  run perl -MJSON::PP -e '
    my $json = JSON::PP->new->canonical;
    my $plan = $json->decode(join "", <>);
    my %scripts = map { $_->{service} => $_ } @{$plan->{scripts}};
    my $c = $scripts{c};
    print join(" ", @$plan{qw(schema level previous)}, $plan->{hand_over}[0], scalar %scripts), "\n";
    print $json->encode($c->{after}), " $c->{cannot_run} $c->{limit_s}\n";
    print "$_->{service}: $_->{reason}\n" for grep { $_->{link} eq "K06dir" } @{$plan->{left_out}};
    print map({ $json->encode($plan->{$_}), " " } qw(logged_in unstopped)),
      "$plan->{longest_quiet_s} $plan->{longest_s}\n"' "$ROOT/out"
  [ "$output" = '1 0 2 halt 4
[{"service":"b","source":"depend"}] its interpreter /nonexistent is missing 90
dir: a directory
[{"terminal":"tty1","user":"anna"}] [] 360 1800' ]
}

@test "--json and --dot stay whole with any name of a script" {
  for name in 'a b' 'q"' $'new\nline' $'\xff' 'back\slash' '<b>' '->'; do service 0 "K01$name"; done
  # shellcheck disable=SC2016  # for perl
  "$BUILD/curfew" plan 0 --root "$ROOT" --json 2>/dev/null |
    perl -MJSON::PP -e 'exit(@{decode_json(join "", <>)->{scripts}} != 11)'
  "$BUILD/curfew" plan 0 --root "$ROOT" --dot 2>/dev/null >"$ROOT/out"
  # Without its strings nothing but DOT's own words is left.
  run sed -E 's/"([^"\\]|\\.)*"/S/g; s/s[0-9]+_[0-9]+/N/g; s/^ +//' "$ROOT/out"
  [ "$(sort -u <<<"$output" | grep -vxE 'N( -> N)?( \[(label=S|style=dashed)\])?;|label=S;|\}')" = \
    $'compound=true;\ndigraph plan {\nnode [shape=box];\nrankdir=LR;\nsubgraph cluster_0 {' ]
}
