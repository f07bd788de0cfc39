// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mount_place.h"

#include <fcntl.h>

#include "check.h"
#include "final/storage/mount_calls.h"
#include "scripted_kernel.h"

namespace mount_place_test {
using namespace curfew;

namespace {

/// A tmpfs, id 7, at /home/u/a/m. /home/u is the user's. Another mount, id 8, is reached by the
/// same path while the user has exchanged a for b.
class User : public ScriptedKernel {
 public:
  int exchanged = 0;   ///< For so many opens.
  int owner = 1000;    ///< Of /home/u.
  bool moved = false;  ///< The mount stays where b was.

  User() {
    files["/proc/self/mountinfo"] = Line("a");
    on_call = [this](const std::string& call) {
      if (moved && call == "read /proc/self/mountinfo") files["/proc/self/mountinfo"] = Line("b");
    };
  }
  curfew::Mount Point() const { return ParseMountInfo(Line("a")).at(0); }

  Result<struct stat> Stat(const std::string& path) override {
    struct stat info {};
    info.st_mode = S_IFDIR | 0755;
    info.st_uid = path == "/home/u" || path == "/home/u/a" ? owner : 0;
    return info;
  }
  Result<int> Open(const std::string& path, int flags) override {
    if (!(flags & O_PATH)) return ScriptedKernel::Open(path, flags);
    const bool from_above = path.ends_with("/m");
    const bool here = path.find(moved ? "/b" : "/a") != path.npos || path.find("/fd/") != path.npos;
    files[path] = "";
    const auto fd = ScriptedKernel::Open(path, flags);
    if (from_above)
      files["/proc/self/fdinfo/" + std::to_string(fd.value)] =
          exchanged-- > 0 || !here ? "pos:\t0\nmnt_id:\t8\n" : "pos:\t0\nmnt_id:\t7\n";
    return fd;
  }

 private:
  static std::string Line(const std::string& dir) {
    return "7 1 0:50 / /home/u/" + dir + "/m rw - tmpfs t rw\n";
  }
};

}  // namespace

TEST("where a user owns a directory above, a mount is acted upon by its id, not by its name") {
  User user;
  user.exchanged = 3;
  CHECK(!Unmount(user, user.Point()));
  CHECK_EQ(user.calls.size(), 1u);
  CHECK(user.calls.at(0).starts_with("umount /proc/self/fd/") && user.calls[0].ends_with("/m 0x8"));
  CHECK(!SyncMount(user, user.Point()) && user.calls.at(1).starts_with("syncfs /proc/self/fd/"));
  CHECK(!RemountReadOnly(user, user.Point()) &&
        user.calls.at(2).starts_with("mount /proc/self/fd/"));
  CHECK(user.open_paths.empty());
}

TEST("a mount that was moved is followed, one that is gone or never there is not replaced") {
  User moved, gone, never;
  moved.moved = true;
  CHECK(!SyncMount(moved, moved.Point()));
  gone.exchanged = 99;
  gone.on_call = [&](const std::string& call) {
    if (call == "read /proc/self/mountinfo") gone.files["/proc/self/mountinfo"].clear();
  };
  CHECK_EQ(Unmount(gone, gone.Point()), std::errc::invalid_argument);
  never.exchanged = 99;
  CHECK_EQ(Unmount(never, never.Point()), std::errc::no_such_file_or_directory);
  CHECK(gone.calls.empty() && never.calls.empty() && never.open_paths.empty());
}

TEST("where root alone can rename, the mount itself is not looked at: its server may not answer") {
  User user;
  user.owner = 0;
  CHECK(!Unmount(user, user.Point()));
  CHECK_EQ(user.all, (std::vector<std::string>{"umount /home/u/a/m 0x8"}));
}

}  // namespace mount_place_test
