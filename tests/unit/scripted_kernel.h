// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace curfew {

/// A Kernel that touches nothing. It answers from the maps below, keeps a line of text per call and
/// can fail any one of them. A test that needs more overrides a method.
class ScriptedKernel : public Kernel {
 public:
  // The answers. A path that is not here does not exist (ENOENT).
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<std::string>> dirs;
  std::map<std::string, std::string> links;
  std::map<std::string, mode_t> modes;            ///< of files that Create() has made
  std::map<std::string, uid_t> owners;            ///< st_uid of paths, where it is not 0
  std::map<std::string, std::string> attributes;  ///< by "PATH NAME"
  std::map<std::string, time_t> written;          ///< st_mtime of paths, where it is not now
  std::map<std::string, dev_t> devices;           ///< st_dev of paths, where it is not 0
  /// Errors by the words a line of `all` begins with: "umount /mnt", or "umount" for each.
  std::map<std::string, std::errc> errors;
  /// Answers ioctl(2); the default returns 0 and leaves the argument alone.
  std::function<Result<int>(int fd, unsigned long request, void* argument)> on_ioctl;
  /// Answers poll(2); the default lets `limit` pass and reports nothing ready.
  std::function<Result<int>(std::span<pollfd> fds, std::chrono::milliseconds limit)> on_poll;
  /// Called with each line as it is recorded: changes the world as the call would.
  std::function<void(const std::string& call)> on_call;
  std::chrono::microseconds now{0};        ///< CLOCK_BOOTTIME
  std::chrono::microseconds suspended{0};  ///< How much of that the machine has slept.
  std::chrono::microseconds wall_clock{std::chrono::seconds(1700000000)};
  std::string release = "6.1.0-test";
  bool keeps_clock = false;  ///< A time server sets the clock, the kernel the RTC.
  pid_t self = 4000;
  pid_t parent = 1;
  pid_t session = 3999;
  rlimit descriptor_limit{1024, 1024};

  /// Fails the n-th call (from 1) with `failure`, whatever it is; 0 fails none.
  int fail_nth = 0;
  std::errc failure = std::errc::io_error;

  /// Every call, and those alone that change something, as "name argument ...".
  std::vector<std::string> all;
  std::vector<std::string> calls;

  /// The machine sleeps: only CLOCK_MONOTONIC stands still.
  void Suspend(std::chrono::microseconds time) {
    now += time;
    suspended += time;
  }
  /// Whether /proc is mounted.
  bool has_proc = true;
  /// Puts a process into a mount namespace with these lines of mountinfo.
  void EnterMountNamespace(const std::string& pid, int name_space, const std::string& mountinfo) {
    links["/proc/" + pid + "/ns/mnt"] = "mnt:[" + std::to_string(name_space) + "]";
    files["/proc/" + pid + "/mountinfo"] = mountinfo;
  }

  bool Called(const std::string& line) const {
    return std::find(calls.begin(), calls.end(), line) != calls.end();
  }

  Result<std::string> Read(const std::string& path) override {
    if (auto error = Found("read ", path)) return error;
    auto file = files.find(path);
    if (file == files.end()) return NoEntry();
    return file->second;
  }
  Result<std::string> ReadRegular(const std::string& path, std::size_t most) override {
    auto text = Read(path);
    if (text.value.size() > most) return std::make_error_code(std::errc::file_too_large);
    return text;
  }
  Result<std::vector<std::string>> List(const std::string& dir) override {
    if (auto error = Found("list ", dir)) return error;
    auto names = dirs.find(dir);
    if (names == dirs.end()) return NoEntry();
    return names->second;
  }
  Result<std::string> ReadLink(const std::string& path) override {
    if (auto error = Found("readlink ", path)) return error;
    auto link = links.find(path);
    if (link == links.end()) return NoEntry();
    return link->second;
  }
  /// What is in `programs` may be executed; other files are plain.
  Result<struct stat> Stat(const std::string& path) override {
    if (auto error = Found("stat ", path)) return error;
    struct stat info {};
    if (!programs.contains(path) && !files.contains(path) && !dirs.contains(path)) return NoEntry();
    info.st_mode = dirs.contains(path) ? S_IFDIR | 0755 : S_IFREG | 0644;
    if (dirs.contains(path)) info.st_nlink = 2 + dirs[path].size();
    if (programs.contains(path)) info.st_mode |= 0111;
    if (owners.contains(path)) info.st_uid = owners[path];
    info.st_mtime = written.contains(path) ? written[path] : WallClock() / std::chrono::seconds(1);
    info.st_dev = devices.contains(path) ? devices[path] : 0;
    if (files.contains(path)) info.st_size = static_cast<off_t>(files[path].size());
    return info;
  }
  Result<std::string> GetAttribute(const std::string& path, const std::string& name) override {
    if (auto error = Found("getxattr ", path)) return error;
    auto attribute = attributes.find(path + " " + name);
    if (attribute == attributes.end()) return std::make_error_code(std::errc::no_message_available);
    return attribute->second;
  }
  std::error_code Write(const std::string& path, std::string_view bytes) override {
    if (auto error = Changed("write " + path + " " + std::string(bytes))) return error;
    if (!files.contains(path)) return NoEntry();
    files[path] = bytes;
    return {};
  }
  std::error_code Append(const std::string& path, std::string_view bytes) override {
    if (auto error = Changed("append " + path)) return error;
    if (!files.contains(path)) return NoEntry();
    files[path] += bytes;
    return {};
  }
  std::error_code AppendRecord(const std::string& path, std::string_view bytes) override {
    return Append(path, bytes);
  }
  std::error_code Create(const std::string& path, std::string_view bytes, mode_t mode) override {
    if (auto error = Changed("create " + path)) return error;
    files[path] = bytes;
    modes[path] = mode;
    return {};
  }
  std::error_code SetGroup(const std::string& path, gid_t group) override {
    return Changed("group " + path + " " + std::to_string(group));
  }
  std::error_code Rename(const std::string& from, const std::string& to) override {
    if (auto error = Changed("rename " + from + " " + to)) return error;
    if (!files.contains(from)) return NoEntry();
    files[to] = files[from];
    files.erase(from);
    return {};
  }
  std::error_code MakeDirectory(const std::string& path) override {
    return Changed("mkdir " + path);
  }
  std::error_code Unlink(const std::string& path) override {
    if (auto error = Changed("unlink " + path)) return error;
    return files.erase(path) == 0 ? NoEntry() : std::error_code();
  }
  std::error_code Symlink(const std::string& target, const std::string& path) override {
    if (auto error = Changed("symlink " + path)) return error;
    links[path] = target;
    return {};
  }

  /// Opens what is in `files`; the descriptor is good for Ioctl, and `open_paths` names its file.
  Result<int> Open(const std::string& path, int) override {
    if (auto error = Found("open ", path)) return error;
    if (!files.contains(path)) return NoEntry();
    open_paths[next_fd_] = path;
    return next_fd_++;
  }
  Result<int> OpenMemory() override {
    if (auto error = Looked("open_memory")) return error;
    open_paths[next_fd_] = "/proc/self/fd/" + std::to_string(next_fd_);
    return next_fd_++;
  }
  Result<int> Ioctl(int fd, unsigned long request, void* argument) override {
    if (auto error = Changed("ioctl " + open_paths[fd] + " " + Hex(request))) return error;
    return on_ioctl ? on_ioctl(fd, request, argument) : Result<int>(0);
  }
  std::error_code Fsync(int fd) override { return Changed("fsync " + open_paths[fd]); }
  void Close(int fd) override { open_paths.erase(fd); }
  /// What is in `files` of the path it was opened by.
  Result<std::string> ReadOpen(int fd) override {
    if (auto error = Looked("read_open " + open_paths[fd])) return error;
    return files[open_paths[fd]];
  }
  std::error_code WriteOpen(int fd, std::string_view bytes) override {
    return Changed("write_open " + open_paths[fd] + " " + std::string(bytes));
  }
  Result<int> Socket(int) override {
    if (auto error = Looked("socket")) return error;
    open_paths[next_fd_] = "socket";
    return next_fd_++;
  }
  std::map<int, std::string> open_paths;  ///< Descriptors open now; a leak shows here.

  pid_t Self() override { return self; }
  pid_t Parent() override { return parent; }
  pid_t Session() override { return session; }
  Result<int> PidfdOpen(pid_t pid) override {
    if (auto error = Looked("pidfd_open " + std::to_string(pid))) return error;
    open_paths[next_fd_] = std::to_string(pid);
    return next_fd_++;
  }
  std::error_code PidfdSignal(int pidfd, int signal) override {
    return Changed("pidfd_signal " + open_paths[pidfd] + " " + std::to_string(signal));
  }
  std::error_code Kill(pid_t pid, int signal) override {
    const auto line = "kill " + std::to_string(pid) + " " + std::to_string(signal);
    return children.contains(std::abs(pid)) ? Looked(line) : Changed(line);
  }
  /// Does `work` at once, in this process.
  Result<pid_t> Fork(const std::function<void()>& work) override {
    if (auto error = Looked("fork")) return error;
    const pid_t pid = next_child_++;
    children[pid] = std::nullopt;
    if (children_hang) return pid;
    try {
      work();
      children[pid] = 0;
    } catch (const ChildEnd& end) {
      children[pid] = end.status;
    }
    return pid;
  }
  /// A program whose line fails with errc::timed_out does not end.
  std::error_code Exec(const std::vector<std::string>& argv, int output) override {
    std::string line = "run";
    for (const auto& word : argv) line += " " + word;
    const auto error = Changed(line);
    if (error == std::errc::timed_out) throw ChildEnd{};
    if (error) return error;
    if (output >= 0) files[open_paths[output]] = outputs[argv[0]];
    throw ChildEnd{programs[argv[0]]};
  }
  void BecomeDaemon(const std::string& name, const std::vector<int>&,
                    std::atomic<pid_t>* pid) override {
    if (Changed("daemon " + name)) throw ChildEnd{};
    *pid = 4001;
    if (!daemons_work) throw ChildEnd{0};
  }
  void SetCpuPriority(CpuPriority) override {}
  Result<Scheduling> SchedulingOf(pid_t thread) override { return scheduling[thread]; }
  std::error_code SetNormal(pid_t thread) override {
    scheduling.erase(thread);
    return Changed("set_normal " + std::to_string(thread));
  }
  std::map<pid_t, Scheduling> scheduling;  ///< Of those that are not normal.
  Result<int> Wait(pid_t child) override {
    if (auto error = Looked("wait " + std::to_string(child))) return error;
    if (!children.contains(child)) return std::make_error_code(std::errc::no_child_process);
    if (!children[child]) return std::make_error_code(std::errc::resource_unavailable_try_again);
    return *children[child];
  }
  Result<rlimit> DescriptorLimit() override {
    if (auto error = Looked("getrlimit")) return error;
    return descriptor_limit;
  }
  std::error_code SetDescriptorLimit(const rlimit& limit) override {
    if (auto error = Looked("setrlimit")) return error;
    descriptor_limit = limit;
    return {};
  }
  /// How a child ended; nothing: it does not end.
  struct ChildEnd {
    std::optional<int> status;
  };
  std::map<pid_t, std::optional<int>> children;  ///< Their wait statuses.
  bool children_hang = false;                    ///< Those that are forked from now on.
  bool daemons_work = false;  ///< A daemon does its work at once; otherwise a test does it.
  Result<int> Poll(std::span<pollfd> fds, std::chrono::milliseconds limit) override {
    if (auto error = Looked("poll " + std::to_string(fds.size()))) return error;
    if (on_poll) return on_poll(fds, limit);
    now += limit;
    return 0;
  }
  std::map<std::string, int> programs;  ///< Wait statuses by path.
  std::map<std::string, std::string> outputs;

  std::error_code Umount(const std::string& target, int flags) override {
    return Changed("umount " + target + " " + Hex(flags));
  }
  std::error_code Mount(const std::string&, const std::string& target, const std::string&,
                        unsigned long flags, const std::string&) override {
    return Changed("mount " + target + " " + Hex(flags));
  }
  std::error_code SwapOff(const std::string& path) override { return Changed("swapoff " + path); }
  std::error_code SyncFs(const std::string& path) override { return Changed("syncfs " + path); }
  void Sync() override { Changed("sync"); }
  std::error_code QuotaOff(const std::string& device, int type) override {
    return Changed("quotaoff " + device + " " + std::to_string(type));
  }
  std::error_code AccountingOff() override { return Changed("acct off"); }

  Result<bool> KeepsHardwareClock() override {
    if (auto error = Looked("adjtimex")) return error;
    return keeps_clock;
  }
  std::chrono::microseconds Now() override { return now; }
  std::chrono::microseconds Monotonic() override { return now - suspended; }
  std::chrono::microseconds WallClock() override { return wall_clock + now; }
  std::string Release() override { return release; }
  std::error_code Reboot(unsigned command, const std::string& argument) override {
    return Changed("reboot " + Hex(command) + (argument.empty() ? "" : " " + argument));
  }

  static std::string Hex(unsigned long value) {
    char text[24];
    snprintf(text, sizeof text, "0x%lx", value);
    return text;
  }

 protected:
  /// A call that looks at `path`, which may be in a /proc that is not there.
  std::error_code Found(const std::string& call, const std::string& path) {
    if (auto error = Looked(call + path)) return error;
    return !has_proc && path.starts_with("/proc/") ? NoEntry() : std::error_code();
  }
  /// Records a call that only looks; the error that the test planned for it, if any.
  std::error_code Looked(const std::string& line) {
    all.push_back(line);
    if (on_call) on_call(line);
    if (fail_nth == static_cast<int>(all.size())) return std::make_error_code(failure);
    for (const auto& [call, error] : errors)
      if (line == call || line.starts_with(call + " ")) return std::make_error_code(error);
    return {};
  }
  std::error_code Changed(const std::string& line) {
    calls.push_back(line);
    return Looked(line);
  }
  static std::error_code NoEntry() {
    return std::make_error_code(std::errc::no_such_file_or_directory);
  }

 private:
  int next_fd_ = 100;
  pid_t next_child_ = 5000;
};

}  // namespace curfew
