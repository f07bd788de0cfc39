// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "check.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace cgroup_freezer_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPause = "/sys/fs/cgroup/pause/cgroup.freeze";
constexpr const char* kHybrid =
    "1 0 0:21 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    "2 0 0:22 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "3 0 0:23 / /mnt/freeze rw - cgroup none rw,freezer\n";

/// Process 10, whose cgroup in version 2 is /pause/inner; /pause is frozen.
class Container : public Crowd {
 public:
  Container() {
    Add(10, {.name = "saver", .frozen = true});
    kernel.on_call = [this, answer = kernel.on_call](const std::string& call) {
      answer(call);
      if (!call.starts_with("write /proc/") && (call.ends_with(" 0") || call.ends_with(" THAWED")))
        Thaw(10);
    };
    kernel.files["/proc/10/cgroup"] = "0::/pause/inner\n";
    kernel.files["/proc/self/mountinfo"] =
        "1 0 0:21 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n";
    kernel.files[kPause] = "1\n";
    kernel.files["/sys/fs/cgroup/pause/inner/cgroup.freeze"] = "0\n";
  }
  std::vector<std::string> Thawed() const {
    auto thawed = events;
    std::erase_if(thawed, [](const auto& event) { return !event.starts_with("thawed"); });
    return thawed;
  }
  /// The writes and mounts of the kill stage.
  std::vector<std::string> Changes() {
    KillStage(context);
    std::vector<std::string> changes;
    for (const auto& call : kernel.calls)
      if (!call.starts_with("pidfd_signal") && !call.starts_with("syncfs") && call != "sync" &&
          !call.starts_with("write /proc/sys/kernel/core_"))
        changes.push_back(call);
    return changes;
  }
};

using Strings = std::vector<std::string>;

}  // namespace

TEST("a frozen cgroup above a process is thawed when all have their TERM and CONT") {
  Container container;
  container.Add(11, {.name = "other"});
  CHECK_EQ(container.Changes(), Strings{std::string("write ") + kPause + " 0"});
  CHECK_EQ(container.Thawed(), Strings{"thawed /pause"});
  const auto& calls = container.kernel.calls;
  const auto at = [&](const std::string& call) {
    return std::find(calls.begin(), calls.end(), call) - calls.begin();
  };
  CHECK(at("pidfd_signal 11 18") < at(std::string("write ") + kPause + " 0"));
  CHECK(container.kernel.open_paths.empty());
}

TEST("who ends at once is asked for no cgroup") {
  Container container;
  container.members[10].frozen = false;
  CHECK_EQ(container.Changes(), Strings{});
  const auto& all = container.kernel.all;
  CHECK(std::find(all.begin(), all.end(), "read /proc/10/cgroup") == all.end());
}

TEST("what is not frozen is not written, and nothing is mounted for it") {
  Container container;
  container.members[10].frozen = false;
  container.members[10].deaf = true;
  container.kernel.files[kPause] = "0\n";
  container.kernel.files["/proc/10/cgroup"] = "3:cpu:/a\n1:name=freezer:/a\n0::/pause/inner\n";
  CHECK_EQ(container.Changes(), Strings{});
  CHECK_EQ(container.Thawed(), Strings{});
}

TEST("both versions are thawed where they are mounted, and a frozen parent before its children") {
  Container container;
  auto& files = container.kernel.files;
  files["/proc/10/cgroup"] = "4:freezer,devices:/a/b\n3:cpu:/c\n0::/pause\n";
  files["/proc/self/mountinfo"] = kHybrid;
  files["/sys/fs/cgroup/unified/pause/cgroup.freeze"] = "1\n";
  files["/mnt/freeze/a/freezer.state"] = files["/mnt/freeze/a/b/freezer.state"] = "FREEZING\n";
  container.kernel.on_call = [&, answer = container.kernel.on_call](const std::string& call) {
    if (call == "write /mnt/freeze/a/freezer.state THAWED")
      files["/mnt/freeze/a/b/freezer.state"] = "THAWED\n";
    answer(call);
  };
  CHECK_EQ(container.Changes(), (Strings{"write /sys/fs/cgroup/unified/pause/cgroup.freeze 0",
                                         "write /mnt/freeze/a/freezer.state THAWED"}));
  CHECK_EQ(container.Thawed(), (Strings{"thawed /pause", "thawed /a"}));
}

TEST("a hierarchy that is mounted nowhere is mounted to be thawed, and unmounted") {
  Container container;
  container.kernel.files["/proc/10/cgroup"] = "4:freezer:/a\n0::/\n";
  container.kernel.files["/sys/fs/cgroup/a/freezer.state"] = "FROZEN\n";
  CHECK_EQ(container.Changes(),
           (Strings{"mount /sys/fs/cgroup 0x0", "write /sys/fs/cgroup/a/freezer.state THAWED",
                    "umount /sys/fs/cgroup 0x2"}));
}

TEST("what is frozen again by the time of KILL is thawed again") {
  Container container;
  container.members[10].deaf = true;
  container.on_time = [&] {
    container.kernel.files[kPause] = "1\n";
    if (container.Lives(10)) container.members[10].frozen = true;
  };
  const auto write = std::string("write ") + kPause + " 0";
  CHECK_EQ(container.Changes(), (Strings{write, write}));
  CHECK(container.Said("killed: saver[10]"));
}

TEST("cgroups that do not answer cost 2 s, once") {
  Container container;
  container.members[10].deaf = true;
  container.members[10].frozen = false;
  container.request.settings.kill_wait = 1s;
  // The child that would look after TERM hangs.
  bool resumed = false;
  container.kernel.on_call = [&, answer = container.kernel.on_call](const std::string& call) {
    if (call == "pidfd_signal 10 18") resumed = true;
    if (call == "fork") container.kernel.children_hang = std::exchange(resumed, false);
    answer(call);
  };
  KillStage(container.context);
  CHECK(container.Said("killed: saver[10]"));
  CHECK(container.kernel.now >= 3s && container.kernel.now < 4s);
  const auto& all = container.kernel.all;
  CHECK(std::find(all.begin(), all.end(), "read /proc/10/cgroup") == all.end());
}

TEST("a process whose cgroup line is garbled is ended like any other") {
  for (const char* text : {"", "0", "0:", ":::", "0::x", "4:freezer", "0::/pause (deleted)"}) {
    Container container;
    container.members[10].frozen = false;
    container.kernel.files["/proc/10/cgroup"] = text;
    CHECK_EQ(container.Changes(), Strings{});
    CHECK(!container.Lives(10));
  }
}

}  // namespace cgroup_freezer_test
