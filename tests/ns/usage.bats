#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2016,SC2154 # what runs inside is expanded inside
# Every name and command says what it is, and what is wrong with a call.  Nobody here is root: should
# a program do more than answer, it ends nothing.

load guard.bash

# called FUNCTION < TABLE: FUNCTION with each line of the table, inside, in which call WORD... fills
# `out`, `err` and `result`.
called() {
  inside bash -c '. /tests/ns/guard.bash; require_inside
    ln -s /curfew/{rc,halt,curfew} /usr/local/sbin/
    ln -s /curfew/halt /usr/local/sbin/reboot
    ln -s /curfew/halt /usr/local/sbin/poweroff
    call() {
      out=$(timeout 10 setpriv --reuid=1000 --clear-groups "$@" 2> /tmp/err) && result=0 || result=$?
      err=$(< /tmp/err)
    }
    '"$(declare -f "$1")"'
    wrong=0
    while read -r line; do '"$1"' $line || { echo "$line: $result: $out: $err"; wrong=1; }; done
    exit "$wrong"'
}

# The first WORDS are the name with a command, the others ask for help or the version.
answers() {
  local name=() word
  for word; do
    [[ $word == -* ]] || { name+=("$word"); continue; }
    call "${name[@]}" "$word"
    [[ $result -eq 0 && -z $err ]] || return
    case $word in
      -h | --help) [[ $out =~ ^usage:\ $1\  ]] || return ;;
      *) [[ $out =~ ^curfew\ [0-9][^$'\n']*$ ]] || return ;;
    esac
  done
}

@test "each name and each command prints help and version, for everybody, and is done" {
  called answers <<'END'
rc --help -h --version -V
halt --help --version -V
reboot --help --version -V
poweroff --help --version -V
curfew --help -h --version -V
curfew plan --help -h --version -V
curfew status --help -h --version -V
curfew skip --help -h --version -V
curfew extend --help -h --version -V
curfew report --help -h --version -V
curfew blame --help -h --version -V
curfew chain --help -h --version -V
curfew log --help -h --version -V
curfew next-boot --help -h --version -V
END
}

refuses() {
  call "$@"
  [[ $result -eq 1 && -z $out && $err =~ ^$1:\ [^$'\n']*\;\ $1\ --help\ (says\ more|lists\ them)$ ]]
}

@test "a call that is wrong is answered with one line on stderr, a hint and status 1" {
  called refuses <<'END'
rc --nope
rc -x 0
rc 0 --root
rc 2 3
rc --x%canonical_option%
rc --root%value%=%value%
halt -p%canonical_option%
halt --nope
halt -w -x
reboot -fq
poweroff now
halt --stage=nonsense
halt -t
curfew --nope
curfew -x
curfew -Z%canonical_option%
curfew nope
curfew plan
curfew plan 0 --nope
curfew plan 0 --boot
curfew status 1
curfew status --all
curfew skip
curfew extend cups
curfew report --root
curfew blame 1 2
curfew chain --dot
curfew log a b
curfew next-boot 1
END
}
