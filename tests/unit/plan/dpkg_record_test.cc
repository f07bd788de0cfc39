// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dpkg_record.h"

#include "check.h"

namespace dpkg_record_test {
using namespace curfew;

namespace {

const std::string kOld(32, 'a'), kNew(32, 'b');

/// "MD5 MD5" of /etc/init.d/halt.
std::string Recorded(const std::string& status) {
  std::string digests;
  for (const Conffile& file : ParseConffiles(status, {"/etc/init.d/halt"}))
    digests += (digests.empty() ? "" : " ") + file.md5;
  return digests;
}

}  // namespace

TEST("dpkg's record: each package that shipped a script of Debian's, current and obsolete") {
  const std::string status =
      "Package: util-linux\nStatus: install ok installed\nConffiles:\n /etc/init.d/halt " + kOld +
      " obsolete\nDescription: x\n\nPackage: initscripts\nConffiles:\n /etc/init.d/reboot " + kOld +
      "\n /etc/init.d/halt " + kNew + "\nVersion: 4\n";
  CHECK_EQ(Recorded(status), kOld + " " + kNew);
}

TEST("dpkg's record: another package, field or path, no digest, or half of one is none") {
  const std::string line = " /etc/init.d/halt ";
  CHECK_EQ(Recorded("Package: my-ups\nConffiles:\n" + line + kOld + "\n"), "");
  CHECK_EQ(Recorded("Package: initscripts\nDescription: x\n" + line + kOld + "\n"), "");
  CHECK_EQ(Recorded("Package: initscripts\nConffiles:\n /x/etc/init.d/halt " + kOld + "\n"), "");
  CHECK_EQ(Recorded("Package: initscripts\nConffiles:\n" + line + "newconffile\n"), "");
  CHECK_EQ(Recorded("Package: initscripts\nConffiles:\n" + line + kOld.substr(9)), "");
  CHECK_EQ(Recorded("Package: initscripts\nConffiles:\n" + line), "");
  CHECK_EQ(Recorded(std::string("\0\n \n\n:\n Conffiles:", 18)), "");
}

}  // namespace dpkg_record_test
