# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: Debian with its own init in namespaces.  Included by the Makefile.

.PHONY: lab demo ns

# The Debian root that the demo and the namespace tests boot; made once.
lab:
	@BUILD=$(abspath $(BUILD)) tests/ns/mkroot

demo: all lab
	@BUILD=$(abspath $(BUILD)) tests/ns/demo

# What protects this machine is tested first; nothing else runs where it does not hold.
ns: all lab
	BUILD=$(abspath $(BUILD)) bats tests/ns/isolation.bats
	BUILD=$(abspath $(BUILD)) bats $(filter-out tests/ns/isolation.bats,$(wildcard tests/ns/*.bats))
