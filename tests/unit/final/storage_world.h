// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/nbd.h>
#include <linux/raid/md_u.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scripted_kernel.h"

namespace curfew {

/// A kernel with any number of mounts, swap areas and block devices that stand on each other, and
/// with the kernel's own rules on what is busy. Files of /proc and /sys show what is up.
class StorageWorld : public ScriptedKernel {
 public:
  enum Kind { kDisk, kPartition, kLoop, kMapped, kRaid, kNbd, kZram, kMount, kTmpfs, kSwap };

  struct Node {
    Kind kind = kDisk;
    std::string name{};     ///< "dm-3"; of a mount its target, of a swap area its path.
    std::string number{};   ///< Of a mount that of its file system.
    std::vector<int> on{};  ///< What it stands on: devices, or the mount that holds its file.
    int parent = -1;        ///< Of a mount: the mount that its target is in; -1 is /.
    int tmpfs = -1;         ///< Of a swap area: whose pages it holds.
    std::string source{};   ///< Of a mount, as mountinfo shows it.
    std::string type{};
    bool held = false;  ///< By a process that nobody ends, or by another mount namespace.
    bool up = true;
    bool read_only = false;
    bool autoclear = false;  ///< A busy loop device that was told to go.
  };

  std::vector<Node> nodes;
  int reads = 0;         ///< How often all mounts and devices were looked at.
  std::string broken{};  ///< What was called although it loses data.

  bool IsMount(const Node& node) const { return node.kind == kMount || node.kind == kTmpfs; }
  bool IsDevice(const Node& node) const { return node.kind < kMount; }

  /// Whether something that is up stands on the node or is mounted in it.
  bool HasUsers(int index) const {
    for (const Node& other : nodes) {
      if (!other.up) continue;
      if (IsMount(other) && other.parent == index) return true;
      if (other.kind == kSwap && other.tmpfs == index) continue;
      if (std::find(other.on.begin(), other.on.end(), index) == other.on.end()) continue;
      const int user = static_cast<int>(&other - nodes.data());
      if (other.kind != kPartition || HasUsers(user)) return true;
    }
    return false;
  }

  Result<std::string> Read(const std::string& path) override {
    if (path == "/proc/self/mountinfo") return MountInfo();
    if (path == "/proc/swaps") return Swaps();
    if (path == "/proc/meminfo") return std::string("MemAvailable: 0 kB\n");
    std::string file;
    const int index = DeviceOf(path, &file);
    if (index < 0) return NoEntry();
    return ReadDevice(nodes[index], file);
  }

  Result<std::vector<std::string>> List(const std::string& dir) override {
    std::vector<std::string> names;
    if (dir == "/sys/class/block") {
      ++reads;
      for (const Node& node : nodes)
        if (IsDevice(node) && (node.up || node.kind == kLoop)) names.push_back(node.name);
      return names;
    }
    std::string file;
    const int index = DeviceOf(dir, &file);
    if (index < 0 || file != "slaves") return NoEntry();
    if (nodes[index].kind == kMapped || nodes[index].kind == kRaid)
      for (const int below : nodes[index].on) names.push_back(nodes[below].name);
    return names;
  }

  Result<std::string> ReadLink(const std::string& path) override {
    std::string file;
    const int index = DeviceOf(path, &file);
    if (index < 0) return NoEntry();
    const Node& node = nodes[index];
    const auto disk = node.kind == kPartition ? nodes[node.on.at(0)].name + "/" : "";
    return "../../devices/block/" + disk + node.name;
  }

  Result<struct stat> Stat(const std::string&) override {
    struct stat info {};
    info.st_mode = S_IFDIR | 0755;
    return info;
  }

  std::error_code Write(const std::string& path, std::string_view) override {
    std::string file;
    const int index = DeviceOf(path, &file);
    if (index < 0 || file != "reset") return NoEntry();
    if (HasUsers(index) || nodes[index].held) return Busy();
    nodes[index].up = false;
    return {};
  }

  Result<int> Open(const std::string& path, int) override {
    if (path == "/dev/mapper/control") return kControl;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (IsDevice(nodes[i]) && nodes[i].up && path == "/dev/" + nodes[i].name)
        return kControl + 1 + static_cast<int>(i);
    return NoEntry();
  }
  void Close(int) override {}
  std::error_code Fsync(int) override { return {}; }

  Result<int> Ioctl(int fd, unsigned long request, void* argument) override {
    if (fd == kControl) return AskMapper(request, *static_cast<dm_ioctl*>(argument));
    const int index = fd - kControl - 1;
    Node& node = nodes.at(index);
    const bool busy = HasUsers(index) || node.held;
    switch (request) {
      case LOOP_CLR_FD:
        if (busy)
          node.autoclear = true;
        else
          Down(index);
        return 0;
      case LOOP_GET_STATUS64:
        if (node.up) return 0;
        return std::make_error_code(std::errc::no_such_device_or_address);
      case STOP_ARRAY:
        if (busy) return Busy();
        Down(index);
        return 0;
      case NBD_DISCONNECT:
        if (busy) broken += node.name + " was disconnected in use; ";
        Down(index);
        return 0;
      default:
        return 0;
    }
  }

  std::error_code Umount(const std::string& target, int) override {
    for (int i = static_cast<int>(nodes.size()) - 1; i >= 0; --i) {
      if (!IsMount(nodes[i]) || !nodes[i].up || nodes[i].name != target) continue;
      if (nodes[i].held || HasUsers(i)) return Busy();
      Down(i);
      return {};
    }
    return std::make_error_code(std::errc::invalid_argument);
  }

  std::error_code Mount(const std::string&, const std::string& target, const std::string&,
                        unsigned long, const std::string&) override {
    const auto at = std::find_if(nodes.rbegin(), nodes.rend(), [&](const Node& node) {
      return IsMount(node) && node.up && node.name == target;
    });
    if (at == nodes.rend()) return std::make_error_code(std::errc::invalid_argument);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].number == at->number && IsMount(nodes[i]) && (nodes[i].held || HasFile(i)))
        return Busy();
    for (Node& node : nodes)
      if (node.number == at->number) node.read_only = true;
    return {};
  }

  std::error_code SwapOff(const std::string& path) override {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].kind != kSwap || nodes[i].name != path) continue;
      if (Used(nodes[i])) return std::make_error_code(std::errc::not_enough_memory);
      Down(static_cast<int>(i));
      return {};
    }
    return std::make_error_code(std::errc::invalid_argument);
  }
  std::error_code SyncFs(const std::string&) override { return {}; }

 private:
  static constexpr int kControl = 100000;

  static std::error_code Busy() { return std::make_error_code(std::errc::device_or_resource_busy); }

  bool Used(const Node& swap) const { return swap.tmpfs >= 0 && nodes[swap.tmpfs].up; }

  bool HasFile(std::size_t index) const {
    return std::any_of(nodes.begin(), nodes.end(), [&](const Node& other) {
      return other.up && (other.kind == kLoop || other.kind == kSwap) &&
             std::find(other.on.begin(), other.on.end(), static_cast<int>(index)) != other.on.end();
    });
  }

  /// It goes, its partitions with it, and each loop device below that only waited for that.
  void Down(int index) {
    nodes[index].up = false;
    for (Node& node : nodes)
      if (node.kind == kPartition && node.on.at(0) == index) node.up = false;
    for (const int below : nodes[index].on)
      if (nodes[below].autoclear && nodes[below].up && !nodes[below].held && !HasUsers(below))
        Down(below);
  }

  Result<int> AskMapper(unsigned long request, const dm_ioctl& message) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      Node& node = nodes[i];
      if (node.kind != kMapped || !node.up) continue;
      // Minor numbers here are below 256.
      if (node.number != "253:" + std::to_string(message.dev & 0xff)) continue;
      if (request != DM_DEV_REMOVE) return 0;
      if (HasUsers(static_cast<int>(i)) || node.held) return Busy();
      Down(static_cast<int>(i));
      return 0;
    }
    return std::make_error_code(std::errc::no_such_device_or_address);
  }

  std::string MountInfo() const {
    std::string text;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const Node& node = nodes[i];
      if (!IsMount(node) || !node.up) continue;
      // / comes first, and has the number 1.
      text += std::to_string(i + 1) + " " + std::to_string(node.parent < 0 ? 1 : node.parent + 1) +
              " " + node.number + " / " + node.name + " rw - " + node.type + " " + node.source +
              (node.read_only ? " ro\n" : " rw\n");
    }
    return text;
  }

  std::string Swaps() const {
    std::string text = "Filename Type Size Used Priority\n";
    for (const Node& node : nodes)
      if (node.kind == kSwap && node.up)
        text += node.name + (IsMount(nodes[node.on.at(0)]) ? " file" : " partition") + " 1000 " +
                (Used(node) ? "500" : "0") + " -2\n";
    return text;
  }

  /// The device that a path of sysfs is about, and its file; -1: none.
  int DeviceOf(const std::string& path, std::string* file) const {
    constexpr std::string_view kDevices = "/sys/class/block/";
    if (!path.starts_with(kDevices)) return -1;
    const auto end = path.find('/', kDevices.size());
    const auto name = path.substr(kDevices.size(), end - kDevices.size());
    if (end != path.npos) *file = path.substr(end + 1);
    for (std::size_t i = 0; i < nodes.size(); ++i)
      if (IsDevice(nodes[i]) && nodes[i].name == name) return static_cast<int>(i);
    return -1;
  }

  Result<std::string> ReadDevice(const Node& node, const std::string& file) const {
    if (!node.up && node.kind != kLoop) return NoEntry();
    if (file == "dev") return node.number + "\n";
    if (node.kind == kLoop && file == "loop/backing_file" && node.up) {
      const Node& below = nodes[node.on.at(0)];
      return (IsMount(below) ? (below.name == "/" ? "" : below.name) + "/file"
                             : "/dev/" + below.name) +
             "\n";
    }
    if (node.kind == kRaid && file == "md/array_state") return std::string("clean\n");
    if (node.kind == kNbd && file == "pid") return std::string("812\n");
    if (node.kind == kZram && file == "disksize") return std::string("1000\n");
    if (node.kind == kZram && file == "backing_dev")
      return node.on.empty() ? "none\n" : "/dev/" + nodes[node.on.at(0)].name + "\n";
    return NoEntry();
  }
};

}  // namespace curfew
