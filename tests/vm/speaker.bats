#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The speaker, as QEMU records it.

load vm

# end STATE COMMAND [HALT_SOUND]: powers a guest off.
end() {
  vm_start "$1"
  [ -z "${3:-}" ] || vm_run "echo HALT_SOUND=$3 >> /etc/default/curfew"
  vm_send "$2"
  vm_end off 240
}

# The tones that were heard, in semitones from the concert pitch: eight periods alike and more.
tones() {
  od -An -v -t d2 -w4 -j 44 "$VM/speaker.wav" | awk '
    function tone() {
      if (periods >= 8) printf "%.0f ", 12 * log(44100 * periods / (last - first) / 440) / log(2)
      periods = 0
    }
    function differs(a, b) { return (a - b) ^ 2 > 9 }
    $1 > 0 && before <= 0 {
      if (periods && differs(NR - last, (last - first) / periods)) tone()
      if (!periods++) first = last
      last = NR
    }
    { before = $1 }
    END { tone() }'
}

@test "power-off sounds a quint, once" {
  end curfew 'init 0'
  [ "$(tones)" = '3 10 ' ]
}
# bats test_tags=control
@test "stock: power-off is silent" {
  end stock 'init 0'
  [ "$(stat -c %s "$VM/speaker.wav")" -eq 44 ]
}

# bats test_tags=slow
@test "HALT_SOUND=yes and quint sound alike" {
  end curfew 'halt --fast -p' yes
  [ "$(tones)" = '3 10 ' ]
  vm_stop
  end curfew 'halt --fast -p' quint
  [ "$(tones)" = '3 10 ' ]
}

# bats test_tags=slow
@test "HALT_SOUND=octave sounds a scale" {
  end curfew 'halt --fast -p' octave
  [ "$(tones)" = '3 5 7 8 10 12 14 15 ' ]
}

# bats test_tags=slow
@test "any other HALT_SOUND is one beep" {
  end curfew 'halt --fast -p' ding
  [ "$(tones)" = '14 ' ]
}

@test "HALT_SOUND=no is silent" {
  end curfew 'halt --fast -p' no
  [ "$(stat -c %s "$VM/speaker.wav")" -eq 44 ]
}
