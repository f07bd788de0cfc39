// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/trace_writer.h"

#include <signal.h>

#include "check.h"
#include "final/sequence.h"
#include "final_stage_test.h"
#include "kernel/run_files.h"
#include "trace/kept_trace.h"

namespace trace_writer_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTrace = "/run/curfew/trace.jsonl";
constexpr const char* kCopy = "/var/log/curfew/000001-20231114-221320-0.jsonl";
constexpr const char* kBegin = "{\"time_us\":1,\"event\":\"begin\",\"level\":\"0\"}\n";

/// A machine whose trace writer, process 77, has copied the first line.
struct WriterTest : StageTest {
  Heartbeat heartbeat = Heartbeat::Create();
  bool answers = true;

  WriterTest() {
    context.heartbeat = &heartbeat;
    heartbeat->trace_writer = 77;
    kernel.files["/proc/77/stat"] =
        "77 (@curfew-trace) S 1 77 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
    kernel.files[kTrace] = std::string(kBegin) + "{\"event\":\"news\"}\n";
    kernel.files[kCopy] = kBegin;
    kernel.links[run_files::kKept] = kCopy;
    Mounts("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n");
    kernel.on_poll = [this](std::span<pollfd> fds, std::chrono::milliseconds limit) -> Result<int> {
      if (!answers) kernel.now += limit;
      for (pollfd& fd : fds) fd.revents = answers ? POLLIN : 0;
      return answers ? static_cast<int>(fds.size()) : 0;
    };
  }
  void Mounts(const std::string& lines) { kernel.files["/proc/self/mountinfo"] = lines; }
  bool Whole() { return kernel.files[kCopy] == kernel.files[kTrace]; }
  bool Killed() const { return kernel.Called("pidfd_signal 77 9"); }
};

}  // namespace

TEST("before / turns read-only the trace writer is ended and the copy has every line") {
  WriterTest test;
  CloseKeptTrace(test.context, /*before_unmount=*/false);
  CHECK(test.Killed() && test.Whole());
}

TEST("before file systems are unmounted only a copy that lies on one of them is closed") {
  WriterTest test;
  CloseKeptTrace(test.context, /*before_unmount=*/true);
  CHECK(!test.Killed() && !test.Whole());
  test.Mounts("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:2 / /var rw - ext4 /dev/sda2 rw\n");
  CloseKeptTrace(test.context, /*before_unmount=*/true);
  CHECK(test.Killed() && test.Whole());
}

TEST("a trace writer that its disk holds costs its limit once, and the copy is left") {
  WriterTest test;
  test.answers = false;
  CloseKeptTrace(test.context, /*before_unmount=*/false);
  CHECK(test.Killed() && !test.Whole());
  CHECK(test.kernel.now <= 1s);
}

TEST("the trace writer is started once, by rc's stage") {
  WriterTest test;
  RunStage(test.context, StageId::kTrace);
  CHECK(!test.kernel.Called("daemon @curfew-trace"));
  test.kernel.files.erase("/proc/77/stat");
  RunStage(test.context, StageId::kTrace);
  CHECK(test.kernel.Called("daemon @curfew-trace"));
}

TEST("after -n, or without a page to share, no trace writer is started") {
  for (const bool sync : {true, false}) {
    WriterTest test;
    test.kernel.files.erase("/proc/77/stat");
    test.request.sync = sync;
    if (sync) test.context.heartbeat = nullptr;
    RunStage(test.context, StageId::kTrace);
    CHECK(!test.kernel.Called("daemon @curfew-trace"));
  }
}

TEST("after -n, and outside of a shutdown, nothing of ours writes to the log directory") {
  for (const bool shutdown : {true, false}) {
    WriterTest test;
    test.request.in_shutdown = shutdown;
    test.request.sync = !shutdown;
    CloseKeptTrace(test.context, /*before_unmount=*/false);
    CHECK(!test.Killed() && !test.Whole());
  }
}

}  // namespace trace_writer_test
