// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/stock_scripts.h"

#include <algorithm>

#include "check.h"
#include "plan/native.h"

namespace stock_scripts_test {
using namespace curfew;

namespace {

const std::string kScript = "#!/bin/sh\nif [ -x /a ]; then\n\thalt -f  -p\nfi\n";

bool SameAs(const std::string& edited, const std::string& script = kScript) {
  return ScriptDigest(edited) == ScriptDigest(script);
}

}  // namespace

TEST("stock scripts: blanks, empty lines and whole lines of comment do not count") {
  CHECK(SameAs("#!/bin/sh\n# ours\n\nif  [ -x /a ];\tthen \n  # why\n halt -f -p\n\n fi"));
}

TEST("stock scripts: words, their order, the shell and a comment's place behind words count") {
  CHECK(!SameAs("#!/bin/sh\nif [ -x /a ]; then\nhalt -f -p -n\nfi\n"));
  CHECK(!SameAs("#!/bin/sh\nif [ -x /a ]; then\n#halt -f -p\nfi\n"));
  CHECK(!SameAs("#!/bin/bash\nif [ -x /a ]; then\nhalt -f -p\nfi\n"));
  CHECK(!SameAs("\n" + kScript));
  CHECK(!SameAs("#!/bin/sh\nif [ -x /a ]; then # halt -f -p\nfi\n"));
  CHECK(!SameAs("#!/bin/sh\r\nif [ -x /a ]; then\r\nhalt -f -p\r\nfi\r\n"));
  CHECK(!SameAs(""));
}

TEST("stock scripts: all counts behind a backslash and in a here-document") {
  CHECK(!SameAs("a \\\n\nb\n", "a \\\nb\n"));
  CHECK(!SameAs("a \\\n# c\nb\n", "a \\\nb\n"));
  CHECK(!SameAs("a \\ \nb\n", "a \\\nb\n"));
  CHECK(!SameAs("cat <<E\n# c\nE\n", "cat <<E\nE\n"));
  CHECK(!SameAs("cat <<E\n  c\nE\n", "cat <<E\n c\nE\n"));
}

TEST("stock scripts: the table has a version of each script that a native stage replaces") {
  const auto table = StockScripts();
  for (const char* service : {"sendsigs", "killprocs", "umountnfs.sh", "hwclock.sh", "umountfs",
                              "umountroot", "kexec", "halt", "reboot"}) {
    CHECK(FindNativeStage(service, "6") || FindNativeStage(service, "1"));
    CHECK(std::any_of(table.begin(), table.end(), [&](const StockScript& script) {
      return script.service == service && script.digest.size() == 32;
    }));
  }
  CHECK(!IsStockScript("halt", kScript));
}

}  // namespace stock_scripts_test
