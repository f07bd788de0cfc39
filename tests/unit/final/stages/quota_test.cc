// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/quota.h>

#include "check.h"
#include "final/stages/stages.h"
#include "mount_machine.h"

namespace quota_test {
using namespace curfew;
using Machine = MountMachine;

namespace {

/// The types of quota that are turned off on an ext4 that is mounted with `options`.
std::string TurnedOff(const std::string& options) {
  Machine machine;
  machine.Add("2 1 8:2 / /home rw - ext4 /dev/sda2 rw," + options);
  QuotaStage(machine.context);
  return machine.Calls("quotaoff");
}

}  // namespace

TEST("each way to mount with a quota has the quota of that type turned off, and no other") {
  const std::string user = "/dev/sda2 " + std::to_string(USRQUOTA);
  const std::string group = "/dev/sda2 " + std::to_string(GRPQUOTA);
  for (const char* options : {"usrquota", "relatime,usrjquota=aquota.user,jqfmt=vfsv1", "quota"})
    CHECK_EQ(TurnedOff(options), user);
  for (const char* options : {"grpquota", "grpjquota=aquota.group,jqfmt=vfsv1"})
    CHECK_EQ(TurnedOff(options), group);
  CHECK_EQ(TurnedOff("prjquota"), "/dev/sda2 " + std::to_string(PRJQUOTA));
  CHECK_EQ(TurnedOff("usrquota,grpquota"), user + ", " + group);
  for (const char* options : {"noquota", "relatime", "usrquotas"}) CHECK_EQ(TurnedOff(options), "");
}

TEST("xfs keeps its quota in the journal, and a device that is mounted twice is asked once") {
  Machine machine;
  machine.Add("2 1 8:2 / /home rw - xfs /dev/sda2 rw,usrquota");
  machine.Add("3 1 8:3 / /srv rw - ext4 /dev/sda3 rw,usrquota");
  machine.Add("4 3 8:3 /a /srv/a rw - ext4 /dev/sda3 rw,usrquota");
  machine.Add("5 1 0:9 / /tmp rw - tmpfs tmpfs rw,usrquota");
  QuotaStage(machine.context);
  CHECK_EQ(machine.Calls("quotaoff"), "/dev/sda3 " + std::to_string(USRQUOTA));
}

TEST("quota that was never turned on is nothing to say, one that stays on is") {
  for (const auto error : {std::errc::no_such_process, std::errc::device_or_resource_busy}) {
    Machine machine;
    machine.Add("2 1 8:2 / /home rw - ext4 /dev/sda2 rw,usrquota");
    machine.kernel.errors["quotaoff"] = error;
    QuotaStage(machine.context);
    CHECK_EQ(machine.SaidWith("/home: quota stays on: Device or resource busy"),
             error == std::errc::no_such_process ? 0 : 1);
  }
}

}  // namespace quota_test
