# SPDX-License-Identifier: GPL-2.0-or-later
# The tests on a real kernel, in QEMU.  Included by the Makefile.

.PHONY: check-vm soak vm-stock vm-curfew vm-daemons vm-upgraded

# Each guest is installed and booted once; the cases start where that left it.
vm-stock vm-curfew vm-daemons vm-upgraded: vm-%:
	@BUILD=$(abspath $(BUILD)) tests/vm/freeze $*
vm-curfew vm-daemons vm-upgraded: packages

check-vm: need-deps
	@$(WORKING) 'building packages, and booting two guests' $(BUILD)/make.log \
	  $(MAKE) -j$(JOBS) packages vm-stock vm-curfew
	tests/suite vm

# What takes hours: the stock programs through the same cases and beside our stages, the servers that
# people run, package tests that install whole systems, hanging stops with the real LIMIT, each system
# call of rc and halt that fails once, pairs of them, all trees of order.bats, more of plan_random.bats,
# terminals and many services with sanitizers, changes of the sources that a test should notice, slack on
# one processor, namespaces of other Debians, each parser fuzzed for FUZZ_SOAK seconds, and SOAK cycles of
# boot and power-off.
SOAK ?= 200
FUZZ_SOAK ?= 3600
soak: need-deps
	@$(WORKING) 'building packages, and booting four guests' $(BUILD)/make.log \
	  $(MAKE) -j$(JOBS) packages vm-stock vm-curfew vm-daemons vm-upgraded
	bats --filter-tags control tests/vm/*.bats
	bats --filter-tags slow tests/vm/*.bats tests/packages/*.bats
	LIMIT=90 bats -f 'hang' tests/vm/hangs.bats
	tests/faults/run all
	tests/faults/run pairs 400
	ORDER_STEP=1 bats tests/order.bats
	RANDOM_TREES=250 bats tests/plan_random.bats
	$(MAKE) sanitized
	tests/suite bats-sanitized-slow
	tests/mutate/run
	tests/bench/guest
	tests/releases --namespaces
	$(MAKE) fuzz FUZZ=$(FUZZ_SOAK)
	tests/vm/soak $(SOAK)
