// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/reboot_limit.h"

#include <linux/nvme_ioctl.h>
#include <sys/ioctl.h>

#include "check.h"
#include "scripted_kernel.h"

namespace reboot_limit_test {
using namespace curfew;
using namespace std::chrono_literals;

TEST("after reboot(2) a machine has 90 s, with a RAID controller 180 s") {
  ScriptedKernel kernel;
  CHECK_EQ(RebootLimit(kernel), 90s);
  kernel.dirs["/sys/bus/pci/drivers/megaraid_sas"] = {"bind", "module"};
  CHECK_EQ(RebootLimit(kernel), 90s);
  kernel.dirs["/sys/bus/pci/drivers/megaraid_sas"].push_back("0000:03:00.0");
  CHECK_EQ(RebootLimit(kernel), 180s);
}

TEST(
    "the NVMe drive that asks for the longest shutdown counts, and 30 s; a dead one asks nothing") {
  ScriptedKernel kernel;
  kernel.dirs["/sys/class/nvme"] = {"nvme0", "nvme1", "nvme2"};
  for (const char* name : {"/dev/nvme0", "/dev/nvme1", "/dev/nvme2"}) kernel.files[name] = "";
  kernel.on_ioctl = [&](int fd, unsigned long request, void* argument) -> Result<int> {
    CHECK_EQ(request, static_cast<unsigned long>(NVME_IOCTL_ADMIN_CMD));
    if (kernel.open_paths[fd] == "/dev/nvme2") return std::make_error_code(std::errc::io_error);
    const auto& command = *static_cast<nvme_admin_cmd*>(argument);
    auto* data = reinterpret_cast<unsigned char*>(command.addr);
    const unsigned time = kernel.open_paths[fd] == "/dev/nvme0" ? 8000000 : 120000000;
    for (int byte = 0; byte < 4; ++byte)
      data[88 + byte] = static_cast<unsigned char>(time >> 8 * byte);
    return 0;
  };
  CHECK_EQ(RebootLimit(kernel), 150s);
}

}  // namespace reboot_limit_test
