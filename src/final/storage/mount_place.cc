// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mount_place.h"

#include <fcntl.h>

#include <algorithm>
#include <climits>
#include <optional>

#include "text/text.h"

namespace curfew {
namespace {

/// How often a mount is looked for. Who moves it without end meets each look with a chance of one
/// half.
constexpr int kLooks = 20;

std::string FdPath(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

std::string Parent(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
}

/// Whether root alone can rename something on the way to `path`. What does not exist in a directory
/// of root's is no danger.
bool OnlyRootRenames(Files& files, const std::string& path) {
  for (std::size_t end = 0; end != path.npos; end = path.find('/', end + 1)) {
    const auto dir = files.Stat(end == 0 ? "/" : path.substr(0, end));
    if (dir.error == std::errc::no_such_file_or_directory) return true;
    if (!dir || dir.value.st_uid != 0 || (dir.value.st_mode & 022) != 0) return false;
  }
  return true;
}

/// Whether the descriptor is on this mount. A kernel that does not tell is believed.
bool IsOn(Files& files, int fd, const Mount& mount) {
  const auto info = files.Read("/proc/self/fdinfo/" + std::to_string(fd));
  const auto id = NumberAfter(info.value, "mnt_id");
  return !id || *id == static_cast<std::uint64_t>(mount.id);
}

/// One look: the answer of `call`; nothing if the mount is not there.
std::optional<std::error_code> LookInside(Files& files, const Mount& mount, const CallAt& call) {
  const auto fd = files.Open(mount.target, O_PATH | O_NOFOLLOW);
  if (!fd) return std::nullopt;
  std::optional<std::error_code> answer;
  if (IsOn(files, fd.value, mount)) answer = call(FdPath(fd.value));
  files.Close(fd.value);
  return answer;
}

/// The directory above stays open; the mount itself must not, or it would be busy.
std::optional<std::error_code> LookFromAbove(Files& files, const Mount& mount, const CallAt& call) {
  const auto above = files.Open(Parent(mount.target), O_PATH | O_DIRECTORY);
  if (!above)
    return above.error == std::errc::permission_denied ? std::optional(above.error) : std::nullopt;
  const auto path = FdPath(above.value) + mount.target.substr(mount.target.rfind('/'));
  std::optional<std::error_code> answer;
  if (const auto fd = files.Open(path, O_PATH | O_NOFOLLOW)) {
    const bool here = IsOn(files, fd.value, mount);
    files.Close(fd.value);
    if (here) answer = call(path);
  }
  files.Close(above.value);
  return answer;
}

template <typename Look>
std::error_code Find(Files& files, Mount mount, const CallAt& call, Look look) {
  // Without /proc there is no line, and / alone is asked for.
  if (mount.id == 0 || mount.target == "/" || OnlyRootRenames(files, Parent(mount.target)))
    return call(mount.target);
  for (int i = 0; i < kLooks; ++i) {
    if (const auto answer = look(files, mount, call)) return *answer;
    const auto mounts = ReadMounts(files);
    const auto now = std::find_if(mounts.begin(), mounts.end(),
                                  [&](const Mount& other) { return other.id == mount.id; });
    if (now == mounts.end()) return std::make_error_code(std::errc::invalid_argument);
    mount.target = now->target;
  }
  const bool too_long = mount.target.size() >= PATH_MAX;
  return std::make_error_code(too_long ? std::errc::filename_too_long
                                       : std::errc::no_such_file_or_directory);
}

}  // namespace

std::error_code AtMountPoint(Files& files, const Mount& mount, const CallAt& call) {
  return Find(files, mount, call, LookFromAbove);
}

std::error_code InMount(Files& files, const Mount& mount, const CallAt& call) {
  return Find(files, mount, call, LookInside);
}

}  // namespace curfew
