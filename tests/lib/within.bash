# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# within SECONDS COMMAND...: calls it each 20 ms until it succeeds; false if it never does.  Waits for
# something to happen, never for time to pass.
within() {
  local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
  shift
  until "$@"; do
    [ "${EPOCHREALTIME/[.,]/}" -lt "$end" ] || return 1
    sleep 0.02
  done
}
