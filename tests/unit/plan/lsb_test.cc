// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/lsb.h"

#include <string>
#include <vector>

#include "check.h"
#include "plan/link_name.h"
#include "plan/md5.h"

namespace lsb_test {
using namespace curfew;
using Strings = std::vector<std::string>;

TEST("LSB header: keys in any case, only between the marks") {
  Header h = ParseHeader(
      "#!/bin/sh\n# Required-Stop: outside\n### BEGIN INIT INFO\n# provides:  a b\n"
      "#Required-Start:\t$local_fs x\n# X-Start-Before: y\n# X-Interactive: True\n"
      "# Description: Required-Stop: no\n### END INIT INFO\n# Should-Start: late\n");
  CHECK(h.found && h.interactive);
  CHECK_EQ(h.provides, (Strings{"a", "b"}));
  CHECK_EQ(h.required_start, (Strings{"$local_fs", "x"}));
  CHECK_EQ(h.start_before, (Strings{"y"}));
  CHECK(h.required_stop.empty() && h.should_start.empty());
}

TEST("LSB header: commas, plus, $ALL, underscores and vendors' keys, as insserv takes them") {
  Header h = ParseHeader(
      "### BEGIN INIT INFO\n# Required_Start: a,+b; c +\n# Required-Stop: $ALL\n"
      "# X-Foo-Should-Start: d\n# Start-Before: e\n# X-Stop_After: f\n# X-Required-Start: no\n"
      "# Xshould-Start: no\n### END INIT INFO\n");
  CHECK_EQ(h.required_start, (Strings{"a", "b", "c"}));
  CHECK_EQ(h.required_stop, (Strings{"$all"}));
  CHECK_EQ(h.should_start, (Strings{"d"}));
  CHECK_EQ(h.start_before, (Strings{"e"}));
  CHECK_EQ(h.stop_after, (Strings{"f"}));
}

TEST("LSB header: none, and one without end") {
  CHECK(!ParseHeader("#!/bin/sh\necho\n").found);
  CHECK_EQ(ParseHeader("### BEGIN INIT INFO\n# Should-Stop: q").should_stop, (Strings{"q"}));
}

TEST("LSB header: the marks may be part of a line that begins with #, as for insserv") {
  CHECK(ParseHeader("#### BEGIN INIT INFO ###\n# Provides: a\n").found);
  CHECK(!ParseHeader("echo '### BEGIN INIT INFO'\n# Provides: a\n").found);
  CHECK_EQ(FindHeader("#!/bin/sh\n### BEGIN INIT INFO\n# x\n### END INIT INFO\n# y\n"),
           "### BEGIN INIT INFO\n# x\n### END INIT INFO");
}

TEST("insserv.conf: the plus is dropped, later files add, a bad line is named") {
  Strings warnings;
  Facilities f = ParseFacilities(
      {{"/a", "# c\n$net +x y # z\nbad line\n"}, {"/b", "$net\t$other\n<interactive> k\n"}},
      &warnings);
  CHECK_EQ(f["$net"], (Strings{"x", "y", "$other"}));
  CHECK_EQ(f["<interactive>"], (Strings{"k"}));
  CHECK_EQ(warnings, (Strings{"/a:3: no $facility; line ignored"}));
}

TEST("insserv.conf: = and : may stand behind the name") {
  Strings warnings;
  Facilities f = ParseFacilities({{"/a", "$x = a b\n$y: +c\n$z:d\n$x e\n$none\n"}}, &warnings);
  CHECK_EQ(f["$x"], (Strings{"a", "b", "e"}));
  CHECK_EQ(f["$y"], (Strings{"c"}));
  CHECK_EQ(f["$z"], (Strings{"d"}));
  CHECK(f["$none"].empty() && warnings.empty());
}

TEST("MD5: as md5sum prints it") {
  CHECK_EQ(Md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  CHECK_EQ(Md5("The quick brown fox jumps over the lazy dog"), "9e107d9d372bb6826bd81d3542a419d6");
}

TEST("link names: the target decides where a number ends, then init.d, then the digits") {
  auto split = [](const char* name, const char* target) {
    const Link n = ParseLink(name, target, {"7zip", "0c", "00c"}, /*two_digits=*/false);
    return std::string(1, n.letter()) + "|" + std::to_string(n.number) + "|" + n.service;
  };
  CHECK_EQ(split("K02cups", "../init.d/cups"), "K|2|cups");
  CHECK_EQ(split("S100x", "../init.d/x"), "S|100|x");
  CHECK_EQ(split("K029x", "/etc/init.d/9x"), "K|2|9x");
  CHECK_EQ(split("K100c", "../init.d/c"), "K|100|c");
  CHECK_EQ(split("K017zip", "../init.d/7zip"), "K|1|7zip");
  CHECK_EQ(split("K017zip", ""), "K|1|7zip");
  CHECK_EQ(split("K0199x", ""), "K|199|x");
  CHECK_EQ(split("K010c", ""), "K|1|0c");
  CHECK_EQ(split("K01a~", "../init.d/a"), "K|1|a~");
  CHECK_EQ(split("Kx", ""), "K|0|");
  CHECK_EQ(split("S99999999999x", ""), "S|999999999|x");
}

}  // namespace lsb_test
