# SPDX-License-Identifier: GPL-2.0-or-later
# Traces made by hand, for `load lib/traces` behind `load lib/tree`.
# shellcheck disable=SC2154 # $output and $lines come from bats

# clean_trace [ledger=MS]: the trace of a shutdown that ended well; ledger takes 500 ms without it.
clean_trace() {
  local ledger=500 begin=50000000
  [ $# -eq 0 ] || local "${1?}"
  # event MS FIELDS: so long after the begin.
  event() { printf '{"time_us":%d,"event":%s}\n' $((begin + $1 * 1000)) "$2"; }
  event 0 '"begin","schema":1,"wall_us":1764367181000000,"level":"0","previous":"2","scripts":3'
  event 0 "$(of script ledger),\"link\":\"K01ledger\",\"after\":[],\"limit_s\":90"
  event 0 "$(of script nginx),\"link\":\"K01nginx\",\"after\":[],\"limit_s\":90"
  event 0 "$(of script sendsigs),\"link\":\"K03sendsigs\",\"stages\":\"kill\",\"after\":[\"ledger\",\"nginx\"]"
  event 0 "$(of start ledger),\"link\":\"K01ledger\",\"stages\":\"\",\"pid\":10,\"limit_s\":90"
  event 0 "$(of start nginx),\"link\":\"K01nginx\",\"stages\":\"\",\"pid\":11,\"limit_s\":90"
  event 360 '"line","service":"nginx","text":"no pid file"'
  event 360 "$(of exit nginx),\"status\":\"exit status 1\",\"outcome\":\"failed\""
  event "$ledger" "$(of exit ledger),\"status\":\"exit status 0\",\"outcome\":\"ended\""
  event "$ledger" "$(of start sendsigs),\"link\":\"K03sendsigs\",\"stages\":\"kill\",\"pid\":12"
  event $((ledger + 10)) '"stage-start","stage":"kill"'
  event $((ledger + 200)) '"killed","pid":812,"name":"stubborn"'
  event $((ledger + 290)) '"stage-end","stage":"kill","took_us":280000'
  event $((ledger + 300)) "$(of exit sendsigs),\"status\":\"exit status 0\",\"outcome\":\"ended\""
  event $((ledger + 300)) '"scripts-end"'
  event $((ledger + 320)) '"stage-start","stage":"sync"'
  event $((ledger + 520)) '"stage-end","stage":"sync","took_us":200000'
  event $((ledger + 540)) '"trace-end"'
  echo '{"time_us":9000000,"event":"next-boot","clean":1,"reason":""}'
}

# of EVENT SERVICE
of() { printf '"%s","service":"%s","action":"stop"' "$1" "$2"; }

# boot_trace: level S, then 2.
boot_trace() {
  local start='"event":"start","action":"start","pid":9' end='"event":"exit","action":"start"'
  cat <<JSON
{"time_us":1000000,"event":"begin","schema":1,"wall_us":100000,"level":"S","previous":"N","scripts":1}
{"time_us":1000000,$start,"service":"mountall","link":"S01mountall"}
{"time_us":1900000,$end,"service":"mountall","status":"exit status 0","outcome":"ended"}
{"time_us":1900000,"event":"scripts-end"}
{"time_us":2000000,"event":"begin","schema":1,"wall_us":1764367182000000,"level":"2","previous":"S","scripts":1}
{"time_us":2000000,$start,"service":"cups","link":"S02cups"}
{"time_us":2400000,$end,"service":"cups","status":"exit status 0","outcome":"ended"}
{"time_us":2400000,"event":"scripts-end"}
JSON
}

# keep NUMBER LEVEL [DATE-TIME]: keeps the trace on stdin.
keep() {
  tree_guard || return 1
  local directory=$ROOT/var/log/curfew
  mkdir -p "$directory"
  cat >"$directory/$(printf '%06d' "$1")-${3:-20251128-215941}-$2.jsonl"
}

# kept_file NUMBER
kept_file() { echo "$ROOT"/var/log/curfew/"$(printf '%06d' "$1")"-*; }

# shown COMMAND [ARGUMENT...]: runs `curfew COMMAND`.
shown() {
  tree_guard || return 1
  run "$BUILD/curfew" "$@" --root "$ROOT"
}

# has LINE: whether the output has it; squeezed LINE: the same without the blanks of a table.
has() { grep -qxF -e "$1" <<<"$output" || { echo "no line: $1 in: $output" >&2; return 1; }; }
squeezed() {
  tr -s ' ' <<<"$output" | grep -qxF -e " $1" || { echo "no line: $1 in: $output" >&2; return 1; }
}
hasnt() { [[ $output != *"$1"* ]]; }

# one_line LINE COMMAND [ARGUMENT...]: whether `curfew COMMAND` fails with this line alone.
one_line() {
  local line=$1
  shift
  shown "$@"
  [[ $status -eq 1 && $output == "$line" ]] || { echo "$status: $output" >&2; return 1; }
}

# json COMMAND EXPRESSION: what Perl makes of $d, the JSON of `curfew COMMAND --json`.
json() {
  tree_guard || return 1
  run perl -MJSON::PP -e "local \$/; my \$d = decode_json(<STDIN>); print join(' ', $2)" \
    < <("$BUILD/curfew" "$1" --json --root "$ROOT")
  [ "$status" -eq 0 ]
}
