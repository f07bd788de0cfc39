#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bash and zsh offer what --help lists: no word less, and none that the program refuses.

load lib/tree

# The options of PROGRAM that have a line in its --help.
helped() { # PROGRAM
  "$BUILD/$1" --help | awk '
    /^ +-/ { for (i = 1; i <= NF && $i ~ /^-/; ++i) { sub(/,$/, "", $i); print $i } }' | sort -u
}

# The lines of usage of curfew, one a command: "report [N] [--boot] ...".
usage() {
  "$BUILD/curfew" --help | sed -nE 's/^(usage:|      ) curfew //p' |
    sed -E ':again; s/^([a-z-]+) \| ([a-z-]+)(.*)/\1\3\n\2\3/; P; D'
}

usage_options() { grep -oE -- '--[a-z]+' | sort -u; }

bash_file() { case $1 in curfew | rc) echo curfew ;; *) echo curfew-halt ;; esac; }

# What bash offers in the place of the last WORD.
bash_offers() { # WORD...
  bash -c '
    . "$1"
    shift
    curfew() { :; }
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    "$(complete -p "$1" | sed -E "s/.*-F ([^ ]+).*/\1/")"
    printf "%s\n" "${COMPREPLY[@]}"' - "debian/$(bash_file "$1").bash-completion" "$@" | sort
}

# What FUNCTION of the file has zsh offer: bash can read the file, too.
zsh_offers() { # PROGRAM FUNCTION [WORD]
  bash -c '
    _describe() { local -n list=$2; printf "%s\n" "${list[@]%%:*}"; }
    _arguments() {
      local spec
      for spec; do sed -nE "s/^(\([^)]*\))?(--?[A-Za-z-]+)[+=]?\[.*/\2/p" <<<"$spec"; done
    }
    service=$2
    . "$1" >/dev/null
    "${@:3}"' - "debian/$(bash_file "$1").zsh-completion" "$@" | sort
}

setup() { cd "$BATS_TEST_DIRNAME/.." || return; }

@test "the commands of curfew, and what stands before them, are those of its help" {
  want=$(usage | sed 's/ .*//' && comm -23 <(helped curfew) <(usage | usage_options))
  want=$(sort <<<"$want")
  grep -qx next-boot <<<"$want" && grep -qx -- --version <<<"$want"
  diff <(echo "$want") <(bash_offers curfew '')
  diff <(echo "$want") <({ zsh_offers curfew _curfew_commands; zsh_offers curfew _curfew_program; } | sort)
}

@test "each command of curfew has the options of its line of usage" {
  usage >"$BATS_TEST_TMPDIR/usage"
  while read -r command rest; do
    want=$(usage_options <<<"$rest")
    grep -qx -- --root <<<"$want"
    diff <(echo "$want") <(bash_offers curfew "$command" -)
    diff <(echo "$want") <(zsh_offers curfew _curfew_after "$command")
  done <"$BATS_TEST_TMPDIR/usage"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/usage")" -ge 9 ]
}

@test "rc, halt, reboot and poweroff have the options of their help" {
  for program in rc halt reboot poweroff; do
    built=halt
    [ "$program" != rc ] || built=rc
    [ "$(helped "$built" | wc -l)" -ge 5 ]
    diff <(helped "$built") <(bash_offers "$program" -)
    diff <(helped "$built") <(zsh_offers "$program" "_$(bash_file "$program" | tr - _)")
  done
}

@test "levels, and directories after --root" {
  [ "$(bash_offers curfew plan '' | paste -sd ' ')" = "0 1 2 3 4 5 6 S" ]
  [ "$(bash_offers rc '' | paste -sd ' ')" = "0 1 2 3 4 5 6 S" ]
  [ "$(bash_offers rc --root debian/sour)" = debian/source ]
  [ "$(bash_offers curfew status --root debian/sour)" = debian/source ]
}

@test "zsh reads its files without a complaint" {
  command -v zsh >/dev/null || skip "there is no zsh here"
  for file in debian/*.zsh-completion; do zsh -f -n "$file"; done
}
