# SPDX-License-Identifier: GPL-2.0-or-later
# The tests on a real kernel, in QEMU.  Included by the Makefile.

.PHONY: check-vm soak vm-stock vm-curfew vm-daemons

# Each guest is installed and booted once; the cases start where that left it.
vm-stock vm-curfew vm-daemons: vm-%:
	@BUILD=$(abspath $(BUILD)) tests/vm/freeze $*
vm-curfew vm-daemons: packages

check-vm: need-deps
	$(MAKE) -j$(JOBS) packages vm-stock vm-curfew vm-daemons
	tests/suite vm

# What takes hours: SOAK cycles of boot and power-off, and the package tests that install whole systems.
SOAK ?= 200
soak: need-deps
	$(MAKE) -j$(JOBS) packages vm-curfew
	bats --filter-tags slow tests/packages/*.bats
	tests/vm/soak $(SOAK)
