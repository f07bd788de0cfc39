// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/closing_line.h"

#include "check.h"
#include "final/stages/stages.h"
#include "final/storage/mount_calls.h"
#include "final_stage_test.h"

namespace closing_line_test {
using namespace curfew;

namespace {

const std::string kClean = "all file systems are clean: unmounted or read-only";

}  // namespace

TEST("closing line: a file system that stays writable is named with its reason and holder") {
  StageTest test;
  auto& kernel = test.kernel;
  kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/sda1 ro\n2 1 8:2 / /srv rw - ext4 /dev/sda2 rw\n";
  kernel.errors["mount /srv"] = std::errc::device_or_resource_busy;
  kernel.dirs["/proc"] = {"10"};
  kernel.files["/proc/10/stat"] = "10 (perl) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
  kernel.dirs["/proc/10/fd"] = {"3"};
  kernel.links["/proc/10/fd/3"] = "/srv/w";
  kernel.files["/proc/10/fdinfo/3"] = "flags: 01\nmnt_id: 2\n";
  ReadOnlyStage(test.context);
  CHECK_EQ(MakeClosingLine(test.context).Text(),
           "not clean: /srv (Device or resource busy, by perl[10] (/srv/w))");
  kernel.errors.clear();
  kernel.on_call = [&](const std::string&) {
    kernel.files["/proc/self/mountinfo"] = "2 1 8:2 / /srv rw - ext4 /dev/sda2 ro\n";
  };
  ReadOnlyStage(test.context);
  CHECK_EQ(MakeClosingLine(test.context).Text(), kClean);
}

TEST("closing line: what an earlier halt could not write is told by the last one, once") {
  StageTest first, last;
  Mount mount;
  mount.target = "/srv";
  mount.source = "/dev/sdb1";
  const auto error = std::make_error_code(std::errc::io_error);
  for (int i = 0; i < 2; ++i) ReportWriteErrors(first.context, {mount}, {error});
  CHECK_EQ(MakeClosingLine(last.context).Text(), kClean);
  last.kernel.files = first.kernel.files;
  CHECK_EQ(MakeClosingLine(last.context).Text(),
           "not clean: /srv (/dev/sdb1: not everything could be written: Input/output error)");
}

TEST("closing line: at most four are named; a device that does not answer is one, swap is none") {
  StageTest test;
  test.kernel.files["/run/curfew/dead"] = "8:3 /dead\n/dev/sda9 swap\n";
  for (const char* target : {"/a", "/b", "/c", "/e", "/f"})
    test.context.left_writable[target] = "x";
  CHECK_EQ(MakeClosingLine(test.context).Text(),
           "not clean: /a (x), /b (x), /c (x), /dead (does not answer) and 2 more");
}

TEST("closing line: without mountinfo nothing is called clean that was not seen") {
  StageTest test;
  ReadOnlyStage(test.context);
  CHECK_EQ(MakeClosingLine(test.context).Text(),
           "not clean: other file systems (/proc/self/mountinfo cannot be read)");
}

}  // namespace closing_line_test
