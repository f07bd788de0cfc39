// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"
#include "config/limits.h"
#include "crowd.h"
#include "final/stages/stages.h"

namespace end_processes_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTwoServers =
    "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:44 / /other rw - nfs4 a:/ rw\n"
    "3 1 0:45 / /home rw - nfs4 server:/home rw\n";

/// Until `end` by its own time, `crowd` calls `work` each time that some has passed.
void Until(Crowd* crowd, std::chrono::microseconds end, const std::function<void()>& work) {
  crowd->on_time = [=] {
    if (crowd->kernel.now < end) work();
  };
}

}  // namespace

namespace {

/// How often process 10, one of the crowd, is read before its SIGTERM. `meanwhile` gets each call,
/// and how often that process has been read.
int ReadsBeforeTerm(Crowd* crowd, const std::function<void(const std::string&, int)>& meanwhile) {
  int reads = 0, before_term = 0;
  crowd->kernel.on_call = [&, answer = crowd->kernel.on_call](const std::string& call) {
    answer(call);
    reads += call == "read /proc/10/stat";
    if (call == "pidfd_signal 10 15") before_term = reads;
    meanwhile(call, reads);
  };
  KillStage(crowd->context);
  return before_term;
}

}  // namespace

TEST("a crowd is read twice until it has stopped, and who forked before is found by a last look") {
  for (const bool forks : {false, true}) {
    Crowd crowd;
    crowd.Add(10, {.name = "postgres"});
    const int reads = ReadsBeforeTerm(&crowd, [&](const std::string& call, int so_far) {
      if (call == "read /proc/10/stat" && so_far == 2 && forks) crowd.Add(20, {.name = "child"});
    });
    CHECK_EQ(reads, forks ? 3 : 2);
    CHECK_EQ(crowd.Signals(20), forks ? "19 15 18" : "");
  }
}

TEST("who ends before that last look is no target, and makes another look at all") {
  Crowd crowd;
  crowd.Add(10, {.name = "postgres"});
  crowd.Add(11, {.name = "short"});
  const int reads = ReadsBeforeTerm(&crowd, [&](const std::string& call, int so_far) {
    if (call == "list /proc" && so_far == 2 && crowd.Lives(11)) crowd.End(11);
  });
  CHECK_EQ(reads, 3);
  CHECK_EQ(crowd.Signals(11), "19");
}

TEST("who has ended by the first look may have forked before; a helper of halt has not") {
  for (const bool helper : {false, true}) {
    Crowd crowd;
    crowd.Add(10, {.name = "postgres"});
    const int reads = ReadsBeforeTerm(&crowd, [&](const std::string& call, int so_far) {
      if (call == "list /proc" && so_far == 1)
        crowd.Add(20, {.name = "halt", .state = 'Z', .parent = helper ? crowd.kernel.self : 1});
    });
    CHECK_EQ(reads, helper ? 2 : 3);
    CHECK_EQ(crowd.Signals(20), "");
  }
}

TEST("a database that writes in answer to TERM is not killed at KILL_WAIT") {
  Crowd crowd;
  crowd.Add(10, {.name = "postgres", .deaf = true});
  long bytes = 0;
  crowd.on_time = [&] {
    crowd.Moves(10, bytes += 4096);
    if (crowd.kernel.now > 20s) crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
  CHECK(crowd.kernel.now > 20s && crowd.kernel.now < 21s);
}

TEST("progress ends: KILL_WAIT after the last, and at ten times KILL_WAIT however it goes on") {
  for (const auto end : {8s, 1000s}) {
    Crowd crowd;
    crowd.Add(10, {.name = "postgres", .deaf = true});
    long bytes = 0;
    Until(&crowd, end, [&] { crowd.Moves(10, bytes += 4096); });
    KillStage(crowd.context);
    CHECK(crowd.Said("killed: postgres[10]"));
    const auto limit = end == 8s ? 13s : 50s;
    CHECK(crowd.kernel.now >= limit - 1s && crowd.kernel.now < limit + 2s);
  }
}

TEST("FINAL_BUDGET bounds the time that progress gives") {
  Crowd crowd;
  crowd.request.settings.final_budget = 12s;
  crowd.Add(10, {.name = "postgres", .deaf = true});
  long bytes = 0;
  crowd.on_time = [&] { crowd.Moves(10, bytes += 4096); };
  KillStage(crowd.context);
  CHECK(crowd.kernel.now >= 12s && crowd.kernel.now < 14s);
}

TEST("I/O of any size is progress") {
  Crowd crowd;
  crowd.Add(10, {.name = "postgres", .deaf = true});
  long bytes = 0;
  // Steps that a sum of 30 bits does not show.
  crowd.on_time = [&] {
    crowd.Moves(10, bytes += 0x40000001);
    if (crowd.kernel.now > 20s) crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
}

TEST("CPU time is progress, but not that of a shell that spins or of a crowd that grows") {
  for (const char* name : {"java", "bash", "bomb"}) {
    Crowd crowd;
    crowd.Add(10, {.name = name, .deaf = true});
    const bool bomb = std::string(name) == "bomb";
    int pid = 100;
    Until(&crowd, 10s, [&] {
      if (crowd.Lives(10)) crowd.members[10].cpu += 10;
      crowd.Add(bomb ? ++pid : 99, {.name = "child", .deaf = true});
    });
    KillStage(crowd.context);
    CHECK_EQ(crowd.kernel.now > 12s, std::string(name) == "java");
  }
}

TEST("a process in D while its data is written back has its time, and may then obey") {
  Crowd crowd;
  crowd.Add(10, {.name = "postgres", .stuck = true});
  int dirty = 100000;
  crowd.kernel.files["/proc/meminfo"] = "Dirty: 100000 kB\n";
  crowd.on_time = [&] {
    crowd.kernel.files["/proc/meminfo"] = "Dirty: " + std::to_string(--dirty) + " kB\n";
    if (crowd.kernel.now > 20s) crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
  CHECK(crowd.kernel.now > 20s);
}

TEST("a process in D has KILL_WAIT like every other, whatever it waits for") {
  Crowd crowd;
  crowd.request.settings.kill_wait = 30s;
  crowd.Add(10, {.name = "postgres", .stuck = true});
  crowd.on_time = [&] {
    if (crowd.kernel.now > 25s) crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
}

TEST("time in which the machine slept does not count as KILL_WAIT") {
  Crowd crowd;
  crowd.Add(10, {.name = "saver", .deaf = true});
  bool slept = false;
  crowd.on_time = [&] {
    if (!std::exchange(slept, slept || crowd.kernel.now > 2s) && slept) crowd.kernel.now += 3600s;
    if (crowd.kernel.now > 3604s) crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK(crowd.kernel.now > 3604s);
  CHECK_EQ(crowd.Signals(10), "19 15 18");
}

TEST("a process in D that an earlier stage has killed does not get KILL_WAIT again") {
  Crowd crowd;
  crowd.request.settings.kill_wait = 30s;
  crowd.Add(10, {.name = "dd", .stuck = true});
  crowd.kernel.files["/proc/10/status"] = "Name:\tdd\nSigPnd:\t0000000000000100\n";
  KillStage(crowd.context);
  CHECK(crowd.kernel.now < 8s);
}

TEST("from flush to flush a process in D has more than KILL_WAIT; in one flush it has not") {
  for (const int step : {1, 0}) {
    Crowd crowd;
    crowd.Add(10, {.name = "postgres", .stuck = true});
    int count = 100;
    crowd.on_time = [&] {
      const std::string waits = std::to_string(100 + ++count * step);
      crowd.kernel.files["/proc/10/status"] = "Name:\tpostgres\nvoluntary_ctxt_switches:\t" + waits;
      crowd.kernel.files["/proc/diskstats"] =
          " 8 0 sda 1 0 8 1 " + std::to_string(count) + " 0 8 1 0 1 1 0 0 0 0 5 1\n";
      if (crowd.kernel.now > 20s) crowd.End(10);
    };
    KillStage(crowd.context);
    CHECK_EQ(crowd.Signals(10).find(" 9") == std::string::npos, step == 1);
  }
}

TEST(
    "the file system by which nfsd is controlled is none that a process in the code of NFS waits "
    "for") {
  Crowd crowd;
  crowd.Add(10, {.name = "cp", .stuck = true});
  crowd.kernel.files["/proc/10/wchan"] = "rpc_wait_bit_killable";
  crowd.kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:44 / /proc/fs/nfsd rw - nfsd nfsd rw\n";
  KillStage(crowd.context);
  CHECK(crowd.Said("cp[10] does not end: D rpc_wait_bit_killable"));
  CHECK(!crowd.kernel.files.contains("/run/curfew/dead"));
}

TEST("a process in D in the code of NFS gives its mount up, not another one") {
  Crowd crowd;
  crowd.Add(10, {.name = "cp", .stuck = true});
  crowd.kernel.files["/proc/10/wchan"] = "nfs_wait_bit_killable";
  crowd.kernel.files["/proc/self/mountinfo"] = kTwoServers;
  crowd.kernel.links["/proc/10/cwd"] = "/";
  crowd.kernel.dirs["/proc/10/fd"] = {"3"};
  crowd.kernel.links["/proc/10/fd/3"] = "/home/me/film";
  KillStage(crowd.context);
  CHECK(crowd.Said("cp[10] does not end: D nfs_wait_bit_killable on /home"));
  CHECK(crowd.Said("server:/home (/home) does not answer; it is left alone"));
  CHECK_EQ(crowd.kernel.files["/run/curfew/dead"], "0:45 /home\n");
  CHECK(crowd.kernel.now < 8s);
}

TEST("the code that a process waits in tells on which of several servers it waits") {
  const std::pair<const char*, const char*> kWaits[] = {
      {"rpc_wait_bit_killable", "/n"},  {"cifs_wait_mtu_credits", "/c"}, {"smb2_reconnect", "/c"},
      {"ceph_mdsc_wait_request", "/h"}, {"p9_client_rpc", "/p"},         {"v9fs_xattr_get", "/p"},
      {"folio_wait_bit_common", ""}};
  for (const auto& [wait, target] : kWaits) {
    Crowd crowd;
    crowd.Add(10, {.name = "cp", .stuck = true});
    crowd.kernel.files["/proc/10/wchan"] = wait;
    crowd.kernel.files["/proc/self/mountinfo"] =
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:41 / /n rw - nfs4 a:/ rw\n"
        "3 1 0:42 / /c rw - cifs //b/c rw\n4 1 0:43 / /h rw - ceph d:/ rw\n"
        "5 1 0:44 / /p rw - 9p e rw\n";
    KillStage(crowd.context);
    const std::string on = *target ? std::string(" on ") + target : "";
    CHECK(crowd.Said("cp[10] does not end: D " + std::string(wait) + on));
  }
}

TEST("the paths of a process in another mount namespace are looked up in its own mounts") {
  Crowd crowd;
  crowd.Add(10, {.name = "cp", .stuck = true});
  crowd.kernel.files["/proc/10/wchan"] = "nfs_wait_bit_killable";
  crowd.kernel.files["/proc/self/mountinfo"] = kTwoServers;
  crowd.kernel.links["/proc/self/ns/mnt"] = "mnt:[1]";
  crowd.kernel.links["/proc/10/ns/mnt"] = "mnt:[2]";
  crowd.kernel.files["/proc/10/mountinfo"] =
      "7 0 8:1 / / rw - ext4 /dev/sda1 rw\n8 7 0:45 / /other rw - nfs4 server:/home rw\n";
  crowd.kernel.links["/proc/10/cwd"] = "/other/me";
  KillStage(crowd.context);
  CHECK(crowd.Said("cp[10] does not end: D nfs_wait_bit_killable on /home"));
  CHECK_EQ(crowd.kernel.files["/run/curfew/dead"], "0:45 /home\n");
}

TEST("a process that waits in D for a FUSE daemon is freed by aborting the connection") {
  Crowd crowd;
  crowd.Add(10, {.name = "ls", .stuck = true});
  crowd.kernel.files["/proc/10/wchan"] = "request_wait_answer";
  crowd.kernel.files["/proc/self/mountinfo"] =
      "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:46 / /cloud rw - fuse.rclone x rw\n";
  crowd.kernel.files["/sys/fs/fuse/connections/46/abort"] = "";
  auto answer = crowd.kernel.on_call;
  crowd.kernel.on_call = [&](const std::string& call) {
    answer(call);
    if (call == "write /sys/fs/fuse/connections/46/abort 1") crowd.End(10);
  };
  KillStage(crowd.context);
  CHECK(crowd.Said("/cloud is cut off from its daemon, which does not answer"));
  CHECK(!crowd.Lives(10));
  for (const auto& line : crowd.said) CHECK(line.find("does not end") == line.npos);
  CHECK(!crowd.kernel.files.contains("/run/curfew/dead"));
}

TEST("a local disk is given up for a process in D only if it is suspended, never the root") {
  std::chrono::microseconds took[2];
  for (const bool suspended : {false, true}) {
    Crowd crowd;
    crowd.Add(10, {.name = "dd", .stuck = true});
    crowd.Add(11, {.name = "frozen", .frozen = true});
    crowd.kernel.files["/proc/10/wchan"] = "folio_wait_bit_common";
    crowd.kernel.files["/proc/self/mountinfo"] =
        "1 0 253:0 / / rw - ext4 /dev/dm-0 rw\n2 1 253:1 / /srv rw - ext4 /dev/dm-1 rw\n";
    crowd.kernel.links["/proc/10/cwd"] = suspended ? "/srv" : "/";
    // Below /srv is what is suspended; / is it itself.
    crowd.kernel.dirs["/sys/dev/block/253:1/slaves"] = {"dm-0"};
    crowd.kernel.files["/sys/block/dm-0/dm/suspended"] = "1\n";
    crowd.kernel.files["/sys/dev/block/253:0/dm/suspended"] = "1\n";
    KillStage(crowd.context);
    CHECK_EQ(crowd.kernel.files.contains("/run/curfew/dead"), suspended);
    CHECK(crowd.Said(std::string("dd[10] does not end: D folio_wait_bit_common on ") +
                     (suspended ? "/srv" : "/")));
    took[suspended] = crowd.kernel.now;
  }
  // Giving up a disk frees nobody who would be waited for.
  CHECK(took[true] < took[false] + limits::kFuseEnd);
}

TEST("a hundred in D cost one limit, and twenty lines") {
  Crowd crowd;
  for (int pid = 100; pid < 200; ++pid) crowd.Add(pid, {.name = "cp", .stuck = true});
  KillStage(crowd.context);
  CHECK(crowd.kernel.now < 8s);
  CHECK(crowd.Said("80 more do not end"));
  CHECK(crowd.said.size() < 25);
}

TEST("a wait for processes is told after 3 s, with names and what comes next") {
  Crowd crowd;
  for (const char* name : {"a", "b", "c", "d", "e"})
    crowd.Add(10 + name[0] - 'a', {.name = name, .deaf = true});
  KillStage(crowd.context);
  CHECK(crowd.Said("waiting for a[10] b[11] c[12] and 2 more to end: 3 s, KILL in 2 s"));
}

TEST("a zombie whose parent sleeps has ended") {
  Crowd crowd;
  crowd.Add(10, {.name = "sleeper"});
  crowd.Add(11, {.name = "dead", .deaf = true, .state = 'Z', .parent = 10});
  KillStage(crowd.context);
  CHECK(crowd.Signals(11).empty());
  CHECK(crowd.kernel.now < 1s);
  CHECK_EQ(crowd.said.size(), 1u);
}

TEST("a traced process counts as stopped and is ended with its tracer") {
  Crowd crowd;
  crowd.Add(10, {.name = "strace"});
  crowd.Add(11, {.name = "traced", .state = 't'});
  KillStage(crowd.context);
  CHECK(!crowd.Lives(10) && !crowd.Lives(11));
  CHECK(crowd.kernel.now < 1s);
}

}  // namespace end_processes_test
