#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command by which people end a Debian, with our packages and with the stock ones.

load vm
load ends

@test "init 0 powers off" { down curfew off 'init 0'; }
# bats test_tags=control
@test "stock: init 0 powers off" { down stock off 'init 0'; }

# bats test_tags=slow
@test "shutdown -h now powers off" { down curfew off 'shutdown -h now'; }
# bats test_tags=control
@test "stock: shutdown -h now powers off" { down stock off 'shutdown -h now'; }

@test "shutdown -h -H now halts and leaves the power on" { down curfew halted 'shutdown -h -H now'; }
# bats test_tags=control
@test "stock: shutdown -h -H now halts and leaves the power on" {
  down stock halted 'shutdown -h -H now'
}

@test "poweroff powers off" { down curfew off poweroff; }
# bats test_tags=control
@test "stock: poweroff powers off" { down stock off poweroff; }

# bats test_tags=slow
@test "halt -p powers off" { down curfew off 'halt -p'; }
# bats test_tags=control
@test "stock: halt -p powers off" { down stock off 'halt -p'; }

@test "halt -f -p powers off at once, and what was written before is on the disk" {
  forced curfew off 'halt -f -p'
}
# bats test_tags=control
@test "stock: halt -f -p powers off at once, and what was written before is on the disk" {
  forced stock off 'halt -f -p'
}

@test "halt --fast -p runs no script and yet leaves a clean disk" {
  forced curfew off 'halt --fast -p'
  vm_clean
}

@test "init 6 restarts" { down curfew restart 'init 6'; }
# bats test_tags=control
@test "stock: init 6 restarts" { down stock restart 'init 6'; }

@test "shutdown -r now restarts" { down curfew restart 'shutdown -r now'; }
# bats test_tags=control
@test "stock: shutdown -r now restarts" { down stock restart 'shutdown -r now'; }

# bats test_tags=slow
@test "reboot restarts" { down curfew restart reboot; }
# bats test_tags=control
@test "stock: reboot restarts" { down stock restart reboot; }

@test "reboot -f restarts at once, and what was written before is on the disk" {
  forced curfew restart 'reboot -f'
}
# bats test_tags=control
@test "stock: reboot -f restarts at once, and what was written before is on the disk" {
  forced stock restart 'reboot -f'
}
