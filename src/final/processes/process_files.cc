// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/process_files.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "final/storage/mount_plan.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Whether it is a file's path, and not of memory that only looks like a file.
bool IsNamed(std::string_view path) {
  constexpr std::array<std::string_view, 4> kNoFiles{"/memfd:", "/SYSV", "/dev/zero", "/[aio]"};
  return path.starts_with('/') &&
         std::none_of(kNoFiles.begin(), kNoFiles.end(),
                      [&](std::string_view prefix) { return path.starts_with(prefix); });
}

/// "fd:01" of /proc/PID/maps as mountinfo writes it: "253:1".
std::string Decimal(std::string_view hex) {
  const auto colon = hex.find(':');
  if (colon == hex.npos) return {};
  const auto number = [](std::string_view digits) {
    return std::to_string(std::strtoul(std::string(digits).c_str(), nullptr, 16));
  };
  return number(hex.substr(0, colon)) + ":" + number(hex.substr(colon + 1));
}

}  // namespace

/// A line of /proc/net/unix is "ADDRESS: REFCOUNT PROTOCOL FLAGS TYPE STATE INODE PATH"; a path
/// may hold blanks.
SocketPaths ReadSocketPaths(Files& files) {
  SocketPaths paths;
  const auto text = files.Read("/proc/net/unix").value;
  for (const std::string_view line : Lines(text)) {
    const auto path = line.find(" /");
    if (path == line.npos) continue;
    const auto words = WordViews(line.substr(0, path));
    if (words.size() == 7) paths[std::string(words[6])] = line.substr(path + 1);
  }
  return paths;
}

HeldMounts ProcessFiles::Of(pid_t pid) {
  found_ = {};
  dir_ = "/proc/" + std::to_string(pid);
  if (!EnterNamespace(pid)) return found_;
  for (const std::string& fd : files_.List(dir_ + "/fd").value) AddOpen(fd);
  for (const char* link : {"/cwd", "/root", "/exe"}) AddPath(files_.ReadLink(dir_ + link).value);
  // Asked last, because it waits for the memory lock of the process.
  const auto maps = files_.Read(dir_ + "/maps").value;
  for (const std::string_view line : Lines(maps)) AddMapped(line);
  return found_;
}

/// The paths of a process are those of its own mount namespace. Returns whether one of the file
/// systems is mounted in there.
bool ProcessFiles::EnterNamespace(pid_t pid) {
  const std::string space = ForeignMountNamespace(files_, pid);
  elsewhere_ = !space.empty();
  view_ = elsewhere_ ? &theirs_ : &graph_;
  if (!elsewhere_) return true;
  if (space_ != space) {
    theirs_.mounts = ParseMountInfo(files_.Read(dir_ + "/mountinfo").value);
    space_ = space;
  }
  return std::any_of(theirs_.mounts.begin(), theirs_.mounts.end(), [&](const Mount& theirs) {
    return std::any_of(mounts_.begin(), mounts_.end(),
                       [&](const Mount& mount) { return mount.device == theirs.device; });
  });
}

/// Null: none of this namespace.
const Mount* ProcessFiles::MountOfId(std::string_view fdinfo) const {
  const auto id = NumberAfter(fdinfo, "mnt_id");
  const auto& mounts = view_->mounts;
  const auto found = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& mount) {
    return id && mount.id == static_cast<int>(*id);
  });
  return found == mounts.end() ? nullptr : &*found;
}

/// The mount of an open file is known by its id: another one may be at its path by now.
void ProcessFiles::AddOpen(const std::string& fd) {
  const auto path = files_.ReadLink(dir_ + "/fd/" + fd).value;
  constexpr std::string_view kSocket = "socket:[";
  if (path.starts_with(kSocket)) {
    const auto inode = path.substr(kSocket.size(), path.size() - kSocket.size() - 1);
    if (const auto socket = sockets_.find(inode); socket != sockets_.end()) AddPath(socket->second);
    return;
  }
  if (!IsNamed(path)) return;
  const auto info = files_.Read(dir_ + "/fdinfo/" + fd).value;
  constexpr unsigned kAccess = 3;  // O_ACCMODE; the file has octal digits.
  const auto flags = NumberAfter(info, "flags");
  const Mount* mount = MountOfId(info);
  Add(path, mount ? mount : view_->MountOf(path), flags && (*flags & kAccess) != 0);
}

void ProcessFiles::AddPath(const std::string& path) {
  if (IsNamed(path)) Add(path, view_->MountOf(path), false);
}

/// The line has the device of the file, which tells a covered mount from the one above it. An
/// overlay's file has the device of the layer there, but keeps the overlay.
void ProcessFiles::AddMapped(std::string_view line) {
  const auto slash = line.find('/');
  if (slash == line.npos || !IsNamed(line.substr(slash))) return;
  const std::string path(line.substr(slash));
  const Mount* mount = view_->MountOf(path);
  const auto words = WordViews(line.substr(0, slash));
  const auto device = words.size() == 5 ? Decimal(words[3]) : std::string();
  if (mount && mount->device != device && HasDisk(*mount))
    for (const Mount& other : view_->mounts)
      if (other.device == device && IsWithin(path, other.target)) mount = &other;
  Add(path, mount, false);
}

void ProcessFiles::Add(const std::string& path, const Mount* mount, bool for_writing) {
  const bool writing = use_ == HolderUse::kWriting;
  if (!mount || (writing && !for_writing && !path.ends_with(" (deleted)"))) return;
  // Writers count by the file system, and so does a mount of another namespace: umount(2) fails for
  // a copy of the mount there, too.
  for (std::size_t i = 0; i < mounts_.size() && found_.count < std::size(found_.held); ++i) {
    const bool same =
        writing || elsewhere_ ? mounts_[i].device == mount->device : mounts_[i].id == mount->id;
    const auto end = found_.held + found_.count;
    if (!same || std::any_of(found_.held, end, [&](const auto& held) { return held.mount == i; }))
      continue;
    end->mount = i;
    end->elsewhere = elsewhere_;
    end->path[path.copy(end->path, sizeof end->path - 1)] = '\0';
    ++found_.count;
  }
}

}  // namespace curfew
