# SPDX-License-Identifier: GPL-2.0-or-later
# Curfew.  Two commands matter to a newcomer: `make demo` and `make check`.

BUILD  ?= build
LAYOUT ?= debian
PREFIX ?=
DESTDIR ?=
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)

ifeq ($(origin CXX),default)
CXX = g++
endif
OPT      ?= -Os
WARN     := -Wall -Wextra -Werror
CXXFLAGS ?= $(OPT) -g
CPPFLAGS += -Isrc -DCURFEW_LIBDIR='"$(PREFIX)/lib/curfew"' -DCURFEW_VERSION='"$(VERSION)"' -DBOOST_ASIO_DISABLE_THREADS
ALL_CXXFLAGS = -std=c++20 $(WARN) -ffunction-sections -fdata-sections $(CXXFLAGS)
# --fatal-warnings: glibc warns where a static program would still load a library at run time.
STATIC   ?= -static -Wl,--fatal-warnings
ALL_LDFLAGS = $(CXXFLAGS) $(LDFLAGS) -Wl,--gc-sections

# One archive a folder: a program takes from it only what it names.
FOLDERS := config plan run console trace final kernel
archives = $(patsubst %,$(BUILD)/lib%.a,$(1))
objects  = $(patsubst src/%.cc,$(BUILD)/%.o,$(wildcard src/$(1)/*.cc))

# Each program with the folders it is made of, the one that names others first.
RC     := $(BUILD)/rc.o     $(call archives,trace console run plan config kernel)
HALT   := $(BUILD)/halt.o   $(call archives,final trace console config kernel)
CURFEW := $(BUILD)/curfew.o $(call archives,trace console plan config kernel)

.PHONY: all deps need-deps check clean install uninstall
all: $(BUILD)/rc $(BUILD)/halt $(BUILD)/curfew

$(BUILD)/rc: $(RC)
	$(CXX) $(ALL_LDFLAGS) $(STATIC) -o $@ $^ -lboost_program_options -lutempter
$(BUILD)/halt: $(HALT)
	$(CXX) $(ALL_LDFLAGS) $(STATIC) -o $@ $^ -lboost_program_options
$(BUILD)/curfew: $(CURFEW)
	$(CXX) $(ALL_LDFLAGS) $(STATIC) -o $@ $^ -lboost_program_options

UNIT := $(patsubst tests/unit/%.cc,$(BUILD)/tests/%.o,$(wildcard tests/unit/*.cc))
$(BUILD)/unit: $(UNIT) $(call archives,final trace console run plan config kernel)
	$(CXX) $(ALL_LDFLAGS) -o $@ $^ -lboost_program_options -lutempter
$(BUILD)/tests/%.o: tests/unit/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) -Itests/unit $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

define archive
$(BUILD)/lib$(1).a: $(call objects,$(1))
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach folder,$(FOLDERS),$(eval $(call archive,$(folder))))

$(BUILD)/%.o: src/%.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALL_CXXFLAGS) -MMD -MP -c -o $@ $<

# The same sources once more with another compiler that only reads them.
.PHONY: syntax
syntax: $(patsubst %.cc,$(BUILD)/%.read,$(wildcard src/*.cc src/*/*.cc tests/unit/*.cc))
$(BUILD)/%.read: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) -Itests/unit $(ALL_CXXFLAGS) $<
	@touch $@

# Everything the build and the tests need, named in debian/control alone.
PROFILE := pkg.curfew.lab
deps:
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get build-dep -qy --no-install-recommends -P $(PROFILE) ./
need-deps:
	@dpkg-checkbuilddeps -P $(PROFILE) 2>/dev/null || $(MAKE) deps

JOBS := $(shell nproc)
SAN  := BUILD=build/san STATIC= CXXFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
check: need-deps
	$(MAKE) -j$(JOBS) all $(BUILD)/unit
	$(MAKE) -j$(JOBS) $(SAN) build/san/rc build/san/halt build/san/curfew build/san/unit
	$(MAKE) lab
	tests/suite \
	  'unit:build/unit' \
	  'unit-sanitized:build/san/unit' \
	  'bats:bats tests/*.bats' \
	  'bats-sanitized:BUILD=$(CURDIR)/build/san bats $(SANITIZED_BATS)' \
	  'namespaces:bats tests/ns/isolation.bats tests/ns/[!i]*.bats'
SANITIZED_BATS = $(filter-out tests/lint.bats tests/layers.bats tests/install.bats tests/stub.bats,$(wildcard tests/*.bats))

install uninstall:
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' LAYOUT='$(LAYOUT)' BUILD='$(BUILD)' rc/install.sh $@
install: all

include tests/ns/lab.mk

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' -type f 2>/dev/null)
