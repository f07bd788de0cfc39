// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/hidden_holders.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "config/limits.h"
#include "final/processes/other_processes.h"
#include "final/storage/device_users.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr std::string_view kNamespace = "mnt:[";

/// Looks at all processes for one file system.
class Finder {
 public:
  Finder(StageContext& context, const StorageGraph& graph, const std::string& number)
      : kernel_(context.kernel), graph_(graph), number_(number), all_(OtherProcesses(kernel_)) {}

  std::string Find() {
    std::vector<std::string> users;
    for (const KernelUser& user : DeviceUsers(graph_, ReadKernelOpens(kernel_)).Of(number_))
      users.push_back(user.text);
    auto names = JoinedNames(Which([&](pid_t pid) { return Sees(pid); }));
    if (!users.empty()) names += (names.empty() ? "" : ", ") + JoinedNames(users);
    if (names.empty()) names = JoinedNames(Which([&](pid_t pid) { return HasOpen(pid); }));
    return names.empty() ? JoinedNames(Namespaces()) : names;
  }

 private:
  /// The processes of which `test`, made in a child, is true.
  std::vector<std::string> Which(const std::function<bool(pid_t)>& test) {
    const auto answers = EachInChild(
        kernel_, all_.size(), limits::kProcessFiles,
        [&](std::size_t i) { return test(all_[i].pid); },
        [&](std::size_t i) { return all_[i].state == 'D'; });
    std::vector<std::string> names;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (answers[i] && answers[i].value) names.push_back(all_[i].Label());
    return names;
  }

  bool Sees(pid_t pid) {
    const auto text = kernel_.Read("/proc/" + std::to_string(pid) + "/mountinfo").value;
    const auto mounts = ParseMountInfo(text);
    return std::any_of(mounts.begin(), mounts.end(),
                       [&](const Mount& mount) { return mount.device == number_; });
  }

  bool IsOn(const std::string& link) {
    const auto info = kernel_.Stat(link);
    const auto device = info.value.st_dev;
    return info && std::to_string(major(device)) + ":" + std::to_string(minor(device)) == number_;
  }

  /// By st_dev: no path leads to a detached file system.
  bool HasOpen(pid_t pid) {
    const auto dir = "/proc/" + std::to_string(pid);
    for (const char* link : {"/cwd", "/root", "/exe"})
      if (IsOn(dir + link)) return true;
    const auto fds = kernel_.List(dir + "/fd").value;
    return std::any_of(fds.begin(), fds.end(),
                       [&](const std::string& fd) { return IsOn(dir + "/fd/" + fd); });
  }

  /// Mount namespaces that a file or a descriptor keeps and no process lives in: which file systems
  /// they have cannot be seen from here.
  std::vector<std::string> Namespaces() {
    std::vector<std::string> names;
    const auto text = kernel_.Read("/proc/self/mountinfo").value;
    for (const std::string_view line : Lines(text))
      if (const auto words = WordViews(line); words.size() > 4 && words[3].starts_with(kNamespace))
        names.push_back(UndoOctal(words[4]));
    std::set<std::string> lived_in{kernel_.ReadLink("/proc/self/ns/mnt").value};
    for (const ProcessInfo& process : all_)
      lived_in.insert(kernel_.ReadLink("/proc/" + std::to_string(process.pid) + "/ns/mnt").value);
    for (const ProcessInfo& process : all_) {
      const auto dir = "/proc/" + std::to_string(process.pid) + "/fd";
      for (const std::string& fd : kernel_.List(dir).value) {
        const auto link = kernel_.ReadLink(dir + "/" + fd).value;
        if (link.starts_with(kNamespace) && !lived_in.contains(link))
          names.push_back(process.Label() + " (" + link + ")");
      }
    }
    return names;
  }

  Kernel& kernel_;
  const StorageGraph& graph_;
  const std::string& number_;
  const std::vector<ProcessInfo> all_;
};

}  // namespace

std::string HiddenHolders(StageContext& context, const StorageGraph& graph,
                          const std::string& number) {
  return Finder(context, graph, number).Find();
}

}  // namespace curfew
