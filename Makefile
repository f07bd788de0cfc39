# SPDX-License-Identifier: GPL-2.0-or-later
# Curfew.  Two commands matter to a newcomer: `make demo` and `make check`.

# RELEASE=bookworm, trixie or testing: the Debian of the tests, where it is not this machine's own.
# All that is made for it has a folder of its own.
RELEASE ?=
BUILD   ?= build$(RELEASE:%=/%)
export RELEASE BUILD
LAYOUT  ?= debian
PREFIX  ?=
DESTDIR ?=
VERSION := $(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
JOBS    := $(shell nproc)

ifeq ($(origin CXX),default)
CXX = g++
endif
CXXFLAGS ?= -Os
CPPFLAGS += -Isrc -DCURFEW_VERSION='"$(VERSION)"' -DCURFEW_LIBDIR='"$(PREFIX)/lib/curfew"' \
            -DBOOST_ASIO_DISABLE_THREADS -D_FILE_OFFSET_BITS=64
WERROR   ?= -Werror
ALL_CXXFLAGS = -std=c++20 -Wall -Wextra $(WERROR) -ffunction-sections -fdata-sections $(CXXFLAGS)
# --fatal-warnings: glibc warns where a static program would still load a library at run time.
STATIC   ?= -static -Wl,--fatal-warnings
# One short line a step; V=1 shows the command in its place.
say       = $(if $(V),,@echo '  $(1) $@'; )
LINK      = $(call say,link)$(CXX) $(CXXFLAGS) $(LDFLAGS) -Wl,--gc-sections
# A library of its own since Boost 1.86; before that its headers are all of it.
PROCESS  := $(notdir $(filter /%,$(shell $(CXX) -print-file-name=libboost_process.a 2>/dev/null)))
PROCESS  := $(PROCESS:%=-l:%)

.PHONY: all need-deps check fuzz bench clean install uninstall
all: $(BUILD)/rc $(BUILD)/halt $(BUILD)/curfew $(BUILD)/start-stop-daemon

# One object a folder of sources: the headers are read once for all its files, and a whole build takes
# less than half the time. So two files of a folder must not use one name in their anonymous
# namespaces; each file of tests/unit has a namespace of its own.
FOLDERS  := stop final report trace console run plan config kernel text
folders   = $(patsubst %/,%,$(sort $(dir $(shell find $(1) -name '*.cc'))))
objects   = $(patsubst %,$(BUILD)/%.o,$(call folders,$(1)))
archives  = $(patsubst %,$(BUILD)/lib%.a,$(1))

# A program takes the archives that it names, and of these the linker leaves out what is not reached.
ARCHIVES  := $(call archives,$(FOLDERS))
LIBRARIES := $(PROCESS) -l:libboost_program_options.a -l:libutempter.a
$(BUILD)/rc $(BUILD)/halt $(BUILD)/curfew: $(BUILD)/%: $(BUILD)/src/%.o $(ARCHIVES)
	$(LINK) $(STATIC) -o $@ $^ $(LIBRARIES)
$(BUILD)/start-stop-daemon: $(BUILD)/src/start_stop_daemon.o $(call archives,stop kernel text)
	$(LINK) $(STATIC) -o $@ $^
$(BUILD)/unit: $(call objects,tests/unit) $(ARCHIVES)
	$(LINK) -o $@ $^ $(LIBRARIES)
# Has the main() of libFuzzer.
$(BUILD)/fuzz: $(call objects,tests/fuzz) $(ARCHIVES)
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBRARIES)

define archive
$(BUILD)/lib$(1).a: $(call objects,src/$(1))
	@rm -f $$@
	@$(AR) rcs $$@ $$^
endef
$(foreach folder,$(FOLDERS),$(eval $(call archive,$(folder))))

define object
$(BUILD)/$(1).o: $(wildcard $(1)/*.cc)
endef
$(foreach folder,$(call folders,$(FOLDERS:%=src/%) tests/unit tests/fuzz),$(eval $(call object,$(folder))))
$(foreach program,rc halt curfew start_stop_daemon,$(eval $(BUILD)/src/$(program).o: src/$(program).cc))

# -MP makes no rule for the first file of the list: without one a file that is gone would end make.
$(BUILD)/%.o:
	@mkdir -p $(@D)
	$(call say,compile)printf '#include "%s"\n' /dev/null $(filter %.cc,$^) | \
	  $(CXX) $(CPPFLAGS) -Itests/unit $(ALL_CXXFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@ -x c++ -

# What is needed is named in debian/control alone, for the demo, the packages and all tests apart.
need-deps:
	@tests/prepare lab

# Says what a long command is at.
WORKING := tests/lib/working

include tests/ns/lab.mk
include tests/vm/vm.mk

# Two builds: what is shipped, by g++; and the same by clang++ with sanitizers, which need libstdc++
# as a library to see exceptions pass. The second also counts, for libFuzzer, what it has passed.
SANITIZED := BUILD=$(BUILD)/sanitized CXX=clang++ STATIC= \
             CXXFLAGS='-O0 -g1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all'
check: need-deps
	@$(WORKING) 'compiling twice, and making a Debian to boot' $(BUILD)/make.log \
	  $(MAKE) -j$(JOBS) all $(BUILD)/unit lab sanitized
	tests/suite
sanitized:
	$(MAKE) $(SANITIZED) all $(BUILD)/sanitized/unit $(BUILD)/sanitized/fuzz
.PHONY: sanitized

# Each parser, FUZZ seconds, with random input. `make check` does it, `make soak` for an hour each.
FUZZ ?= 10
fuzz: need-deps
	@$(WORKING) 'compiling with sanitizers' $(BUILD)/make.log \
	  $(MAKE) -j$(JOBS) $(SANITIZED) $(BUILD)/sanitized/fuzz
	JOBS=$(JOBS) tests/fuzz/run $(FUZZ)

# Times; fails where a target of the design is missed.  Run it on a quiet machine.  The last of these
# leaves a table and a picture of ours beside its peers, $(BUILD)/bench.txt and bench.svg.
bench: need-deps all lab packages
	tests/bench/run
	tests/bench/trace
	tests/bench/chain
	tests/bench/stop
	tests/bench/compare

install: all
install uninstall:
	DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)' LAYOUT='$(LAYOUT)' BUILD='$(BUILD)' rc/install.sh $@

# The Debian packages, of a copy of the tree, so that nothing of their build stays in it; built
# again only if a file in it has changed.
packages:
	@tests/prepare packages
	@tests/packages/build $(BUILD)/packages
.PHONY: packages

clean:
	rm -rf build

-include $(shell find $(BUILD)/src $(BUILD)/tests -name '*.d' -type f 2>/dev/null)
