#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests/bench/compare makes of its measures: the table, its limits, the picture.

# Lines with fields apart by blanks, "_" for a blank in a field.
measures() { tr ' _' '\t ' > "$BATS_TEST_TMPDIR/measures"; }

table() { run "$BATS_TEST_DIRNAME/bench/table" "$BATS_TEST_TMPDIR/measures"; echo "$output"; }

# True if standard input is one element, its elements closed in their order, nothing unescaped.
is_xml() {
  # shellcheck disable=SC2016  # perl's
  perl -0777 -ne '
    while (m{\G(?:<(/?)([a-z]+)((?: [-a-zA-Z:]+="[^"<&]*")*) ?(/?)>|(&(?:lt|gt|amp);)|([^<&]))}gc) {
      next unless defined $2;
      if ($1) { (pop @open // "") eq $2 or exit 1 }
      else { @open or !$roots++ or exit 1; push @open, $2 unless $4 }
    }
    exit 1 if @open || !$roots || (pos // 0) < length'
}

@test "the table has medians, of an even number of runs the middle of two, and one line a peer" {
  measures << 'END'
time stop Curfew 900
time stop Curfew 10
time stop Debian 1000
time stop Debian 9
time stop OpenRC 200
time stop Curfew 20
time stop Debian 40
time stop Debian 60
END
  table
  [ "$status" -eq 0 ]
  [ "${#lines[@]}" -eq 4 ]
  [ "${lines[2]}" = '| stop | 20 | Debian | 50 | 0.40 |  | 3 |' ]
  [ "${lines[3]}" = '| stop | 20 | OpenRC | 200 | 0.10 |  | 1 |' ]
}

@test "a limit that is missed is named and makes it fail, one that is just met does not" {
  measures << 'END'
limit stop Debian 1.5
time stop Curfew 150
time stop Debian 100
END
  table
  [ "$status" -eq 0 ]
  measures << 'END'
limit stop Debian 1.5
time stop Curfew 151
time stop Debian 100
END
  table
  [ "$status" -eq 1 ]
  [ "${lines[2]}" = '| stop | 151 | Debian | 100 | 1.51 | 1.5: MISSED | 1 |' ]
}

@test "a peer without times is there with its reason, and Curfew with one failed run is a failure" {
  measures << 'END'
limit stop OpenRC 1
time stop Curfew 150
why stop OpenRC no_such_package
END
  table
  [ "$status" -eq 0 ]
  [ "${lines[2]}" = '| stop | 150 | OpenRC | no such package | | | |' ]
  measures << 'END'
time stop Curfew 150
time stop Debian 200
why stop Curfew stopped_3_of_50
END
  table
  [ "$status" -eq 1 ]
  [[ "${lines[2]}" == *'stopped 3 of 50: MISSED'* ]]
}

@test "runs of a peer that did not do the work are left out, and said" {
  measures << 'END'
time stop Curfew 150
time stop Debian 200
why stop Debian stopped_18_of_20
END
  table
  [ "$status" -eq 0 ]
  [ "${lines[2]}" = '| stop | 150 | Debian | 200 | 0.75 |  | 1 |' ]
  [ "${lines[3]}" = 'stop, Debian: 1 of 2 runs left out: stopped 18 of 20' ]
}

@test "the picture is XML without scripts, its bars as long as the times of their group" {
  measures << 'END'
time 1_<_2_&_3 Curfew 50
time 1_<_2_&_3 Debian 200
time 1_<_2_&_3 Slow 400
time other Curfew 7
why other Debian none
END
  table > "$BATS_TEST_TMPDIR/table"
  "$BATS_TEST_DIRNAME/bench/svg" "$BATS_TEST_TMPDIR/table" > "$BATS_TEST_TMPDIR/svg"
  cat "$BATS_TEST_TMPDIR/svg"
  is_xml < "$BATS_TEST_TMPDIR/svg"
  grep -q '>1 &lt; 2 &amp; 3<' "$BATS_TEST_TMPDIR/svg"
  bars=$(sed -n 's/^<rect class="\(ours\|peer\)" .* width="\([0-9.]*\)".*/\2/p' "$BATS_TEST_TMPDIR/svg")
  [ "$(paste -sd ' ' <<< "$bars")" = '50.0 200.0 400.0 400.0' ]
  grep -q 'prefers-color-scheme: dark' "$BATS_TEST_TMPDIR/svg"
  [ "$(grep -ci '<script\|href' "$BATS_TEST_TMPDIR/svg")" -eq 0 ]
}

@test "a file that is no XML would be noticed" {
  for bad in '<a><b></a>' '<a>1 & 2</a>' '<a>1 < 2</a>' '<a x=1/>' '<a/><b/>' '<a>'; do
    run is_xml <<< "$bad"
    [ "$status" -ne 0 ] || { echo "$bad"; false; }
  done
}
