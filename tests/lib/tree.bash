# SPDX-License-Identifier: GPL-2.0-or-later
# Makes small systems for `--root DIR`: `load lib/tree` in a .bats file, `tree_new` in setup().
# Every function works below $ROOT and refuses anything else.
# shellcheck disable=SC2016,SC2154 # text for other shells; $output comes from bats

# The programs under test are in $BUILD, from the top of the tree; default build.
case ${BUILD:-} in
  /*) ;;
  *) BUILD=$(cd "${BASH_SOURCE[0]%/*}/../.." && realpath -m -- "${BUILD:-build${RELEASE:+/$RELEASE}}") ;;
esac

# Where bash-builtins is installed these need no process each: a tree takes dozens of them, and a process
# costs more than its work. What their ln lacks is -n.
for name in ln mkdir rm; do enable -f "$name" "$name" 2>/dev/null || :; done

# shellcheck source-path=SCRIPTDIR source=within.bash
. "${BASH_SOURCE[0]%/*}/within.bash"

# tree_new: an empty system below $ROOT, with Debian's insserv.conf.
tree_new() {
  ROOT=$BATS_TEST_TMPDIR/root LEVELS=/etc/rc INIT_D=/etc/init.d
  mkdir -p "$ROOT/etc/init.d" "$ROOT/etc/default" "$ROOT/proc" "$ROOT/run" "$ROOT/var/log"
  cat >"$ROOT/etc/insserv.conf" <<'CONF'
$local_fs   +mountall +umountfs
$network    +networking
$remote_fs  $local_fs +mountnfs +umountnfs +sendsigs
$syslog     +rsyslog
$time       +hwclock
<interactive> cryptdisks
CONF
  unset PREVLEVEL RUNLEVEL INIT_HALT INIT_VERBOSE INIT_VERSION
}

# tree_layout suse|redhat|lfs: from here on the tree is one of that family's.
tree_layout() {
  tree_guard || return 1
  rm -r "${ROOT:?}/etc/init.d" "${ROOT:?}/etc/default"
  mkdir -p "$ROOT/etc/sysconfig"
  case $1 in
    suse) LEVELS=/etc/init.d/rc ;;
    redhat | lfs) LEVELS=/etc/rc.d/rc INIT_D=/etc/rc.d/init.d ;;
  esac
  mkdir -p "$ROOT$INIT_D" "$ROOT${LEVELS}3.d"
  [ -e "$ROOT/etc/init.d" ] || ln -s rc.d/init.d "$ROOT/etc/init.d"
  case $1 in
    suse) mkdir "$ROOT/etc/init.d/boot.d" ;;
    redhat) touch "$ROOT/etc/rc.d/init.d/functions" && mkdir -p "$ROOT/var/lock/subsys" ;;
    lfs) touch "$ROOT/etc/sysconfig/rc.site" ;;
  esac
}

# read_as debian|suse|redhat|lfs: a Debian tree that is read with the eyes of that family.
read_as() {
  tree_guard || return 1
  local level
  rm -f "$ROOT/etc/rc.d" "$ROOT/etc/init.d"/rc{0..6}.d "$ROOT/etc/init.d/rcS.d"
  ln -s . "$ROOT/etc/rc.d"
  for level in {0..6} S; do ln -s "../rc$level.d" "$ROOT/etc/init.d/rc$level.d"; done
  echo "LAYOUT=$1" >"$ROOT/etc/default/curfew"
}

# lock NAME...: services that run, for Red Hat.
lock() {
  tree_guard || return 1
  mkdir -p "$ROOT/var/lock/subsys"
  touch "${@/#/$ROOT/var/lock/subsys/}"
}

# utmp LEVEL PREVIOUS: the record that init makes of a change of level.
utmp() {
  tree_guard || return 1
  { printf '\1\0\0\0%s%s\0\0' "$1" "$2" && head -c 376 /dev/zero; } >"$ROOT/run/utmp"
}

# login_record USER TERMINAL: the record of utmp that somebody is logged in.
login_record() {
  perl -e 'print pack "s x2 i a32 a4 a32 a256 x52", 7, 1, @ARGV[1, 2], @ARGV[0, 2]' "$1" "$2" ""
}

tree_guard() {
  # An empty ROOT, or /, would be this machine.
  [[ -n ${BATS_TEST_TMPDIR:-} && ${ROOT:-} == "$BATS_TEST_TMPDIR/root" && -d $ROOT/etc/init.d ]] || {
    echo "tree.bash: no tree in ROOT='${ROOT:-}': call tree_new first" >&2
    return 1
  }
}

# sh_quote NAME TEXT: variable NAME gets TEXT as one word of plain sh (bash's %q writes $'..' for a
# newline).
sh_quote() { printf -v "$1" "'%s'" "${2//\'/\'\\\'\'}"; }

# script NAME [HEADER-LINE...]: $INIT_D/NAME, which notes "NAME ACTION" in $ROOT/ran. Header
# lines such as "Required-Stop: \$remote_fs" become its LSB header; none, and it has no header.
script() {
  tree_guard || return 1
  local name=$1 line word notes
  sh_quote word "$name"
  sh_quote notes "$ROOT/ran"
  shift
  {
    echo '#!/bin/sh'
    if (($# > 0)); then
      echo '### BEGIN INIT INFO'
      printf '# Provides: %s\n' "${name%.sh}"
      for line in "$@"; do printf '# %s\n' "$line"; done
      echo '### END INIT INFO'
    fi
    printf 'printf "%%s %%s\\n" %s "$1" >>%s\n' "$word" "$notes"
  } >"$ROOT$INIT_D/$name"
  chmod 755 "$ROOT$INIT_D/$name"
}

# body NAME COMMANDS: what NAME does after its note.
body() {
  tree_guard || return 1
  printf '%s\n' "$2" >>"$ROOT$INIT_D/$1"
}

# link LEVEL LINK [NAME]: /etc/rcLEVEL.d/LINK -> ../init.d/NAME, NAME without LINK's digits. LEVEL may
# be SUSE's boot.
link() {
  tree_guard || return 1
  local name=${3:-${2#[KS][0-9][0-9]}} directory=$LEVELS$1.d from_level=../init.d
  [ "$1" != boot ] || directory=/etc/init.d/boot.d
  # The levels of SUSE are folders of init.d.
  [[ $directory != "$INIT_D"/* ]] || from_level=..
  mkdir -p "$ROOT$directory"
  ln -s "$from_level/$name" "$ROOT$directory/$2"
}

# service LEVEL LINK [HEADER-LINE...]: script and link in one.
service() {
  local level=$1 name=${2#[KS][0-9][0-9]} link_name=$2
  shift 2
  script "$name" "$@" && link "$level" "$link_name"
}

# depend boot|start|stop|halt LINE...: the .depend file.
depend() {
  tree_guard || return 1
  local file=$ROOT$INIT_D/.depend.$1
  shift
  printf '%s\n' "$@" >"$file"
}

# plan LEVEL: runs `curfew plan`; then $output has stdout and stderr.
plan() {
  tree_guard || return 1
  run "$BUILD/curfew" plan "$1" --root "$ROOT"
}

# planned: the links of the plan in $output that run, in the plan's order, on one line.
planned() {
  sed -n '/^st[a-z]*:$/,/^[a-z-]*:/{s/^  \([KS][^ ]*\).*/\1/p}' <<<"${output%%left out:*}" | xargs
}

# steps: all that the plan in $output runs, in its order: "K01a stop, S02b start".
steps() {
  awk '/^(start|stop)(:|, after these:)$/ { action = substr($1, 1, length($1) - 1); next }
    /^[a-z]/ { action = "" }
    action && /^  [^ ]/ { printf "%s%s %s", comma, $1, action; comma = ", " }' <<<"$output"
}

# unfolded: the plan in $output with each script, and each link that is left out, on one line.
unfolded() {
  awk '/^      / { sub(/^ +/, " "); printf "%s", $0; next }
    { printf "%s%s", newline, $0; newline = "\n" } END { print "" }' <<<"$output"
}

# plan_line LINK: the line of LINK, blanks squeezed.
plan_line() {
  unfolded | grep -F "  $1 " | tr -s ' ' | sed 's/^ //;s/ $//'
}

# left_out LINK: why LINK does not run.
left_out() {
  unfolded | sed -n '/^left out:$/,$p' | grep -F "  $1 " | tr -s ' ' | cut -d' ' -f3-
}

# rc ARGS...: the program under test, in the foreground. Always --root: so it never goes down itself.
rc() {
  tree_guard || return 1
  "$BUILD/rc" --root "$ROOT" "$@"
}

# start_rc ARGS...: the same in the background; its pid in $RC, what it prints in $ROOT/out.
start_rc() {
  tree_guard || return 1
  "$BUILD/rc" --root "$ROOT" "$@" </dev/null >"$ROOT/out" 2>&1 3>&- &
  RC=$!
}

# on_terminal ARGS...: the same with a new terminal, its controlling one and stdin, stdout, stderr.
on_terminal() {
  tree_guard || return 1
  in_terminal "$BUILD/rc" --root "$ROOT" "$@"
}

# in_terminal COMMAND...: COMMAND with such a terminal; its output, without carriage returns.
in_terminal() {
  expect - "$@" 3>&- <<'END' | tr -d '\r'
set timeout 20
spawn -noecho {*}$argv
expect eof
END
}

# terminal_talk LEVEL [MODES]: rc on a new terminal with stty(1)'s MODES, driven by the expect
# commands on stdin. 10 s without what is expected are an error. $CALLER, if set, calls rc.
# stty(1) folds its lines at COLUMNS where it does not write to a terminal.
terminal_talk() {
  tree_guard || return 1
  local -x COLUMNS=200
  {
    printf 'set timeout 10\nset stty_init {%s}\n' "${2:-}"
    printf 'spawn -noecho %s {%s} --root {%s} %s\n' "${CALLER:-}" "$BUILD/rc" "$ROOT" "$1"
    echo 'expect_before timeout { puts "TIMEOUT"; exit 9 }'
    cat
  } | expect - 3>&- | tr -d '\r'
  return "${PIPESTATUS[1]}"
}

# rc_ended: waits for the rc of start_rc and returns its exit status.
rc_ended() { until_true not_alive "$RC" && wait "$RC"; }

not_alive() {
  local state
  state=$(ps -o stat= -p "$1") || return 0
  [[ $state == Z* ]]
}

# until_true COMMAND...: waits for it for 30 s, and says so if that was in vain.
until_true() { within 30 "$@" || { echo "30 s went by without: $*" >&2; return 1; }; }

# shows TEXT: whether $ROOT/out has the line TEXT.
shows() { grep -qxF -e "$1" "$ROOT/out"; }

# ran SERVICE: whether the note of SERVICE is in $ROOT/ran.
ran() { grep -qs "^$1 " "$ROOT/ran"; }

# until_file NAME: sh code for a script's body that waits for $ROOT/NAME, 10 s at the most.
until_file() {
  printf 'i=0; until [ -e %q ] || [ $i -ge 200 ]; do sleep 0.05; i=$((i+1)); done' "$ROOT/$1"
}

# tree_end: ends what the test's scripts left behind. Their command lines or pid notes name $ROOT.
tree_end() {
  tree_guard || return 1
  local pid
  for pid in $(cat "$ROOT"/pids 2>/dev/null) $(pgrep -f -- "$ROOT" || :) ${RC:-}; do
    [ "$pid" -eq $$ ] || kill -KILL "$pid" 2>/dev/null || :
  done
}
