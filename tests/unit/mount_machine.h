// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <linux/loop.h>

#include <algorithm>
#include <string>
#include <vector>

#include "final/storage/mountinfo.h"
#include "final_stage_test.h"

namespace curfew {

/// A machine whose mounts go when they are unmounted and nothing pins them.
class MountMachine : public StageTest {
 public:
  std::vector<std::string> mounts{"1 0 8:1 / / rw - ext4 /dev/sda1 rw"};

  MountMachine() {
    Publish();
    kernel.on_call = [this](const std::string& call) { Answer(call); };
    kernel.on_ioctl = [this](int fd, unsigned long request, void*) { return Loop(fd, request); };
  }
  void Add(const std::string& line) {
    mounts.push_back(line);
    Publish();
  }
  bool Mounted(const std::string& target) const {
    return std::any_of(mounts.begin(), mounts.end(), [&](const std::string& line) {
      return line.find(" / " + target + " rw") != std::string::npos;
    });
  }
  /// The calls that begin with `word`, without it.
  std::string Calls(const std::string& word) const {
    std::string text;
    for (const auto& call : kernel.calls)
      if (call.starts_with(word + " "))
        text += (text.empty() ? "" : ", ") + call.substr(word.size() + 1);
    return text;
  }

 private:
  void Publish() {
    auto& text = kernel.files["/proc/self/mountinfo"];
    text.clear();
    for (const auto& line : mounts) text += line + "\n";
  }
  void Answer(const std::string& call) {
    for (const auto& [planned, error] : kernel.errors)
      if (call.starts_with(planned)) return;
    if (kernel.fail_nth == static_cast<int>(kernel.all.size())) return;
    if (call.starts_with("umount ")) {
      auto target = call.substr(7, call.rfind(' ') - 7);
      for (auto line = mounts.rbegin(); line != mounts.rend(); ++line) {
        if (ParseMountInfo(*line).at(0).target != target) continue;
        mounts.erase(line.base() - 1);
        break;
      }
      Publish();
    }
    if (call.starts_with("swapoff ")) kernel.files["/proc/swaps"].clear();
  }
  Result<int> Loop(int fd, unsigned long request) {
    auto name = kernel.open_paths[fd].substr(5);
    auto file = "/sys/class/block/" + name + "/loop/backing_file";
    if (request == LOOP_CLR_FD) kernel.files.erase(file);
    if (request == LOOP_GET_STATUS64 && !kernel.files.contains(file))
      return std::make_error_code(std::errc::no_such_device_or_address);
    return 0;
  }
};

}  // namespace curfew
