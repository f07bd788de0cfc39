// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/kernel_log.h"

#include "check.h"
#include "final_stage_test.h"
#include "kernel/run_files.h"

namespace kernel_log_test {
using namespace curfew;

namespace {

constexpr char kDump[] = "/sys/module/printk/parameters/always_kmsg_dump";

/// The last halt of a shutdown, on a machine that has a kernel log.
struct LastHalt : StageTest {
  LastHalt() {
    request.last = true;
    kernel.files["/dev/kmsg"] = "";
    kernel.files[kDump] = "N\n";
    kernel.links[run_files::kKept] = "/var/log/curfew/000012-20260921-160000-0.jsonl";
  }
  static void Close(KernelLog& log, const char* left) {
    log.Event("closing", {{"left", left, true}});
  }
  /// What the kernel does with its log when reboot(2) is called.
  std::string AtReboot(KernelLog& log) {
    log.Event("stage-start", {{"stage", "power"}});
    return kernel.files[kDump];
  }
  std::vector<std::string> Written() const {
    std::vector<std::string> lines;
    for (const std::string& call : kernel.calls)
      if (call.starts_with("write /dev/kmsg ")) lines.push_back(call.substr(16));
    return lines;
  }
};

}  // namespace

TEST("kernel log: what comes after the trace was closed is a line of it, with the trace's number") {
  LastHalt halt;
  halt.request.last = false;
  KernelLog log(halt.kernel, halt, halt.request);
  LastHalt::Close(log, "/srv (busy)");
  CHECK(halt.Written().empty());
  log.Event("trace-end", {});
  log.Event("stage-start", {{"stage", "sync"}});
  LastHalt::Close(log, "");
  const auto lines = halt.Written();
  CHECK_EQ(lines.size(), 1u);
  CHECK(lines[0].starts_with("<7>curfew 000012: {\"time_us\":"));
  CHECK(lines[0].ends_with("\"event\":\"closing\",\"left\":\"\"}\n"));
}

TEST("kernel log: an unclean end is kept in pstore; where the machine goes on nothing stays set") {
  LastHalt halt;
  KernelLog log(halt.kernel, halt, halt.request);
  LastHalt::Close(log, "/srv (busy)");
  CHECK_EQ(halt.AtReboot(log), std::string("Y"));
  CHECK(halt.Written().back().ends_with("\"event\":\"pstore\"}\n"));
  log.Event("stage-end", {{"stage", "power"}});
  CHECK_EQ(halt.kernel.files[kDump], std::string("N\n"));
}

TEST(
    "kernel log: pstore is left alone after a clean end, with PSTORE=no, and where others set it") {
  LastHalt clean;
  KernelLog log(clean.kernel, clean, clean.request);
  LastHalt::Close(log, "");
  CHECK_EQ(clean.AtReboot(log), std::string("N\n"));
  LastHalt off;
  off.request.settings.pstore = false;
  KernelLog unwanted(off.kernel, off, off.request);
  LastHalt::Close(unwanted, "/srv (busy)");
  CHECK_EQ(off.AtReboot(unwanted), std::string("N\n"));
  LastHalt others;
  others.kernel.files[kDump] = "Y\n";
  KernelLog set(others.kernel, others, others.request);
  LastHalt::Close(set, "/srv (busy)");
  CHECK_EQ(others.AtReboot(set), std::string("Y\n"));
  CHECK_EQ(others.Written().size(), 1u);
}

TEST("kernel log: a container and a machine in use write nothing into it") {
  LastHalt container;
  container.request.container = true;
  KernelLog inside(container.kernel, container, container.request);
  LastHalt::Close(inside, "/srv (busy)");
  CHECK_EQ(container.AtReboot(inside), std::string("N\n"));
  LastHalt in_use;
  in_use.request.in_shutdown = false;
  KernelLog log(in_use.kernel, in_use, in_use.request);
  LastHalt::Close(log, "/srv (busy)");
  CHECK_EQ(in_use.AtReboot(log), std::string("N\n"));
  CHECK(container.Written().empty() && in_use.Written().empty());
}

}  // namespace kernel_log_test
