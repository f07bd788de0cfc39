# SPDX-License-Identifier: GPL-2.0-or-later
# The lab: Debian with its own init in namespaces.  Included by the Makefile.

.PHONY: lab demo

# The Debian root that the demo and the namespace tests boot; made once.
lab:
	@BUILD=$(abspath $(BUILD)) tests/ns/mkroot

demo:
	@tests/prepare demo
	@$(WORKING) 'demo: compiling, and making a Debian to boot' $(BUILD)/make.log \
	  $(MAKE) -j$(JOBS) all lab
	@BUILD=$(abspath $(BUILD)) tests/ns/demo
