// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/reboot.h>

#include <algorithm>

#include "check.h"
#include "final/sequence.h"
#include "final/storage/mountinfo.h"
#include "final_stage_test.h"

namespace after_hooks_test {
using namespace curfew;

namespace {

const std::string kAgain = " writable; processes are ended and disks made read-only again";

/// After the hooks.
const std::vector<std::string> kLastWords{"all file systems are clean: unmounted or read-only",
                                          "The system is halted"};

/// The last halt of a machine with / on a drive with a cache. Its mounts answer as the kernel's
/// would; a hook does what `hooks` says.
struct HookMachine : StageTest {
  std::vector<std::string> mounts{"1 0 8:1 / / rw - ext4 /dev/sda1 rw"};
  std::map<std::string, std::function<void()>> hooks;
  std::size_t ran = 0;  ///< How many calls there were when the last hook began.

  HookMachine() {
    request.ending = Ending::kPowerOff;
    request.last = true;
    kernel.on_call = [this](const std::string& call) { Answer(call); };
    kernel.dirs["/sys/block"] = {"sda"};
    kernel.files["/sys/block/sda/queue/write_cache"] = "write back\n";
    kernel.files["/dev/sda"] = "";
    AddProcess("1");
    Publish();
  }
  void Hook(const std::string& name, std::function<void()> does) {
    kernel.dirs["/etc/curfew/final.d"].push_back(name);
    kernel.programs["/etc/curfew/final.d/" + name] = 0;
    hooks[name] = std::move(does);
  }
  void AddProcess(const std::string& pid) {
    kernel.dirs["/proc"].push_back(pid);
    kernel.files["/proc/" + pid + "/stat"] =
        pid + " (x) T 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0";
  }
  void Mount(const std::string& line) {
    mounts.push_back(line);
    Publish();
  }
  /// Makes the file systems at `target` "ro" or "rw".
  void Remount(const std::string& target, const std::string& state) {
    for (std::string& line : mounts)
      if (ParseMountInfo(line).at(0).target == target) line.replace(line.size() - 2, 2, state);
    Publish();
  }
  void Unmount(const std::string& target) {
    std::erase_if(mounts, [&](auto& line) { return ParseMountInfo(line).at(0).target == target; });
    Publish();
  }
  /// Whether the calls after the hooks have these in this order.
  bool HasInOrder(const std::vector<std::string>& beginnings) const {
    auto call = kernel.calls.begin() + static_cast<std::ptrdiff_t>(ran);
    for (const std::string& beginning : beginnings) {
      call = std::find_if(call, kernel.calls.end(),
                          [&](const std::string& line) { return line.starts_with(beginning); });
      if (call == kernel.calls.end()) return false;
    }
    return true;
  }
  /// The calls after the hooks that name `word`.
  std::string CallsWith(const std::string& word) const {
    std::string text;
    for (auto i = ran; i < kernel.calls.size(); ++i)
      if (kernel.calls[i].find(word) != std::string::npos) text += kernel.calls[i] + "\n";
    return text;
  }
  long SaidWith(const std::string& word) const {
    return std::count_if(said.begin(), said.end(), [&](const std::string& line) {
      return line.find(word) != std::string::npos;
    });
  }

 private:
  void Publish() {
    std::string text;
    for (const auto& line : mounts) text += line + "\n";
    kernel.files["/proc/self/mountinfo"] = text;
  }
  void Answer(const std::string& call) {
    for (const auto& [planned, error] : kernel.errors)
      if (call.starts_with(planned)) return;
    const auto target = call.substr(0, call.rfind(' '));
    if (target.starts_with("mount ") && call.ends_with("0x21")) Remount(target.substr(6), "ro");
    if (target.starts_with("umount ")) Unmount(target.substr(7));
    if (!call.starts_with("run ")) return;
    ran = kernel.calls.size();
    hooks[call.substr(24, call.rfind(' ') - 24)]();
  }
};

}  // namespace

TEST("after a hook that opens / its processes end, and / is read-only and flushed at last") {
  HookMachine test;
  test.Hook("calm", [] {});
  test.Hook("save", [&] {
    test.Remount("/", "rw");
    test.AddProcess("700");
  });
  RunSequence(test.context);
  CHECK(test.Said("hook /etc/curfew/final.d/save left /" + kAgain));
  CHECK(test.HasInOrder(
      {"syncfs /", "pidfd_signal 700 15", "mount / 0x21", "sync", "fsync /dev/sda", "reboot"}));
  CHECK_EQ(test.SaidWith("/ is read-only"), 2);
}

TEST("each disk that a hook leaves mounted is named with that hook, and unmounted") {
  HookMachine test;
  test.Hook("a", [&] { test.Mount("7 1 8:7 / /mnt rw - ext4 /dev/sda7 rw"); });
  test.Hook("b", [&] {
    test.Mount("8 1 8:8 / /log rw - ext4 /dev/sda8 rw");
    test.Mount("9 1 0:9 / /tmp rw - tmpfs t rw");
  });
  RunSequence(test.context);
  CHECK(test.Said("hook /etc/curfew/final.d/a left /mnt" + kAgain));
  CHECK(test.Said("hook /etc/curfew/final.d/b left /log" + kAgain));
  CHECK(test.HasInOrder({"umount /log", "umount /mnt", "fsync /dev/sda", "reboot"}));
  CHECK_EQ(test.CallsWith(" / "), "");
  CHECK_EQ(test.SaidWith("/tmp left") + test.SaidWith("/ is read-only"), 1);
}

TEST("a disk that a hook mounts where halt cannot see it is found, one from before not again") {
  HookMachine test;
  test.kernel.files["/proc/sysrq-trigger"] = "";
  test.kernel.dirs["/sys/class/block"] = {"vdb", "vdc"};
  test.kernel.files["/sys/class/block/vdb/dev"] = "8:2\n";
  test.kernel.files["/sys/class/block/vdc/dev"] = "8:3\n";
  test.kernel.dirs["/sys/fs"] = {"ext4"};
  test.kernel.dirs["/sys/fs/ext4"] = {"vdc"};
  test.Hook("calm", [&] { test.said.clear(); });
  RunSequence(test.context);
  CHECK_EQ(test.said, kLastWords);
  CHECK_EQ(test.CallsWith("mount "), "");

  test.Hook("save", [&] { test.kernel.dirs["/sys/fs/ext4"].push_back("vdb"); });
  test.kernel.files.erase("/run/curfew/hooks-run");
  RunSequence(test.context);
  CHECK_EQ(test.SaidWith("a hook left ext4 on vdb in use where halt cannot see it; proc"), 1);
  CHECK_EQ(test.SaidWith("ext4 on vdb is in use where halt cannot see it; it is made"), 1);
  CHECK_EQ(test.SaidWith("vdc"), 0);
}

TEST("hooks that leave nothing writable cost one look at the mounts each, and two more") {
  HookMachine test;
  test.Remount("/", "ro");
  test.Hook("a", [&] { test.Mount("7 1 8:7 / /mnt ro - ext4 /dev/sda7 ro"); });
  test.Hook("b", [&] { test.Mount("8 1 8:8 / /log rw - ext4 /dev/sda8 rw"); });
  test.Hook("c", [&] { test.Unmount("/log"); });
  RunStage(test.context, StageId::kHooks);
  CHECK(!test.context.writable_after_hooks);
  CHECK(test.said.empty());
  CHECK_EQ(std::count(test.kernel.all.begin(), test.kernel.all.end(), "read /proc/self/mountinfo"),
           5);
}

TEST("what was writable before the hooks is only written again, and frozen still") {
  HookMachine test;
  test.Mount("2 1 8:2 / /busy rw - ext4 /dev/sda2 rw");
  test.Mount("3 1 8:3 / /dead rw - ext4 /dev/sda3 rw");
  test.Mount("4 1 0:4 / /net rw - nfs server:/ rw");
  test.kernel.files["/proc/swaps"] = "Filename Type Size Used Priority\n/busy/swap file 9 0 -2\n";
  for (const char* call : {"umount /busy", "mount /busy", "swapoff", "umount /net", "syncfs /dead"})
    test.kernel.errors[call] = std::errc::device_or_resource_busy;
  test.kernel.files["/run/curfew/dead"] = "8:3 /dead\n";
  test.kernel.files["/busy"] = "";
  for (bool opens : {false, true})
    test.Hook(opens ? "open" : "calm", [&test, opens] {
      test.said.clear();
      if (opens) test.Remount("/", "rw");
    });
  RunSequence(test.context);
  CHECK(test.HasInOrder({"mount / 0x21", "syncfs /busy", "fsync /dev/sda"}));
  CHECK_EQ(test.CallsWith("/busy"), "syncfs /busy\nioctl /busy 0xc0045877\n");  // FIFREEZE
  CHECK_EQ(test.CallsWith("/dead"), "");
  CHECK_EQ(test.SaidWith("/busy") + test.SaidWith("/dead") + test.SaidWith("/net"), 2);
  CHECK_EQ(test.SaidWith("not clean: /busy ("), 1);
}

TEST("a disk that nothing made read-only is written once more after the hooks, without a word") {
  HookMachine test;
  test.kernel.errors["mount / 0x21"] = std::errc::device_or_resource_busy;
  test.Hook("save", [&] { test.said.clear(); });
  RunSequence(test.context);
  CHECK(test.HasInOrder({"syncfs /", "sync", "fsync /dev/sda", "reboot"}));
  CHECK_EQ(test.CallsWith("mount "), "");
  CHECK_EQ(test.said,
           (std::vector<std::string>{"not clean: / (Device or resource busy)", kLastWords[1]}));
}

TEST("in a container, and before the last halt, nothing runs again after the hooks") {
  for (bool container : {true, false}) {
    HookMachine test;
    test.request.container = container;
    test.request.last = container;
    test.Hook("save", [&] { test.Mount("7 1 8:7 / /mnt rw - ext4 /dev/sda7 rw"); });
    RunSequence(test.context);
    CHECK_EQ(test.SaidWith("hook"), 0);
    CHECK_EQ(test.CallsWith("umount"), "");
  }
}

TEST("a hook that hangs is looked after as well, and mounts that cannot be read are no calm ones") {
  HookMachine hang;
  hang.Hook("save", [&] { hang.Mount("7 1 8:7 / /mnt rw - ext4 /dev/sda7 rw"); });
  hang.kernel.failure = std::errc::timed_out;
  RunStage(hang.context, StageId::kReadOnly);
  hang.kernel.errors["wait"] = std::errc::resource_unavailable_try_again;
  RunStage(hang.context, StageId::kHooks);
  CHECK(hang.Said("hook /etc/curfew/final.d/save: does not end within 60 s; it is killed"));
  CHECK(hang.context.writable_after_hooks);

  HookMachine blind;
  blind.Hook("save", [&] { blind.kernel.files.erase("/proc/self/mountinfo"); });
  RunStage(blind.context, StageId::kHooks);
  CHECK_EQ(blind.SaidWith("/proc/self/mountinfo cannot be read after the hooks"), 1);
  CHECK(blind.context.writable_after_hooks);
}

TEST("whichever call fails after a hook has opened a disk, the machine ends") {
  auto run = [](int fails) {
    HookMachine test;
    test.kernel.fail_nth = fails;
    test.Hook("save", [&] {
      test.Remount("/", "rw");
      test.Mount("7 1 8:7 / /mnt rw - ext4 /dev/sda7 rw");
    });
    RunSequence(test.context);
    CHECK(test.CallsWith("reboot " + ScriptedKernel::Hex(LINUX_REBOOT_CMD_POWER_OFF)) != "");
    return static_cast<int>(test.kernel.all.size());
  };
  const int calls = run(0);
  for (int n = 1; n <= calls; n += check::kStep) run(n);
}

}  // namespace after_hooks_test
