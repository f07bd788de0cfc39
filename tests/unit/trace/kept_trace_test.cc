// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/kept_trace.h"

#include "check.h"
#include "scripted_kernel.h"
#include "text/text.h"

namespace kept_trace_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTrace = "/run/curfew/trace.jsonl";
constexpr const char* kBegin = "{\"time_us\":1,\"event\":\"begin\",\"level\":\"6\"}\n";

/// A machine whose trace grows, and the names of the copies on its disk.
struct Machine : ScriptedKernel {
  Machine() { files[kTrace] = kBegin; }
  std::error_code Update() {
    const auto error = UpdateKeptTrace(*this, wall_clock, level);
    auto& names = dirs[kKeptTraces];
    for (const auto& [path, text] : files) {
      const std::string name = path.starts_with("/var/log/curfew/") ? path.substr(16) : "";
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
    }
    std::erase_if(names, [&](const std::string& name) {
      return !files.contains(std::string(kKeptTraces) + "/" + name);
    });
    return error;
  }
  std::string Kept() { return files[links["/run/curfew/kept"]]; }
  /// What rc does when the next shutdown begins.
  void NextRun() {
    links.erase("/run/curfew/kept");
    files[kTrace] = kBegin;
  }
  char level = '6';
};

}  // namespace

TEST("the copy of a trace is its beginning after each update, whoever wrote it last") {
  Machine machine;
  CHECK(!machine.Update());
  CHECK_EQ(machine.Kept(), std::string(kBegin));
  machine.files[kTrace] += "{\"event\":\"start\"}\n";
  CHECK(!machine.Update());
  CHECK_EQ(machine.Kept(), machine.files[kTrace]);
  // Torn by a crash or a full disk: the next update goes on there.
  machine.files[machine.links["/run/curfew/kept"]].resize(20);
  CHECK(!machine.Update());
  CHECK_EQ(machine.Kept(), machine.files[kTrace]);
}

TEST("an update without news does not touch the disk") {
  Machine machine;
  machine.Update();
  const auto before = machine.calls.size();
  CHECK(!machine.Update());
  CHECK_EQ(machine.calls.size(), before);
}

TEST("with any clock the last ten copies stay, in their order, and what is none") {
  Machine machine;
  machine.files["/var/log/curfew/notes.txt"] = "";
  machine.dirs[kKeptTraces] = {"notes.txt"};
  for (int run = 1; run <= 13; ++run) {
    machine.wall_clock = run % 2 ? 0s : 1700000000s;
    CHECK(!machine.Update());
    machine.NextRun();
  }
  auto names = machine.dirs[kKeptTraces];
  CHECK_EQ(names.size(), 11u);
  std::sort(names.begin(), names.end());
  CHECK(names[0].starts_with("000004-") && names[9].starts_with("000013-"));
  CHECK_EQ(names[10], std::string("notes.txt"));
}

TEST("a copy that cannot be found again is not begun, one that is full goes on later") {
  Machine machine;
  machine.errors["symlink"] = std::errc::no_space_on_device;
  CHECK(machine.Update() == std::errc::no_space_on_device);
  CHECK(machine.dirs[kKeptTraces].empty());
  machine.errors = {{"append", std::errc::no_space_on_device}};
  CHECK(machine.Update() == std::errc::no_space_on_device);
  machine.errors.clear();
  CHECK(!machine.Update());
  CHECK_EQ(machine.Kept(), machine.files[kTrace]);
}

TEST("ten shutdowns stay, however often the machine boots and changes its level") {
  Machine machine;
  for (int run = 1; run <= 12; ++run) {
    CHECK(!machine.Update());
    machine.NextRun();
    for (const char level : {'S', '3'}) {
      machine.level = level;
      CHECK(!machine.Update());
      machine.NextRun();
    }
    machine.level = '6';
  }
  const auto& names = machine.dirs[kKeptTraces];
  CHECK_EQ(names.size(), 20u);
  CHECK_EQ(std::count_if(names.begin(), names.end(),
                         [](const auto& name) { return name.ends_with("-6.jsonl"); }),
           10);
}

TEST("a copy is for root and adm, its kernel stacks lie beside it for root alone") {
  Machine machine;
  machine.files["/etc/group"] = "adm:x:4:\n";
  machine.files["/run/curfew/stacks.jsonl"] = "{\"event\":\"stack\"}\n";
  CHECK(!machine.Update());
  machine.files["/run/curfew/stacks.jsonl"] += "{\"event\":\"stack\"}\n";
  CHECK(!machine.Update());
  const std::string copy = machine.links["/run/curfew/kept"];
  CHECK(machine.modes[copy] == 0640 && machine.Called("group " + copy + " 4"));
  const std::string stacks = copy.substr(0, copy.size() - 6) + ".stacks";
  CHECK_EQ(machine.files[stacks], machine.files["/run/curfew/stacks.jsonl"]);
  CHECK_EQ(machine.modes[stacks], static_cast<mode_t>(0600));
}

}  // namespace kept_trace_test
