// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/native.h"

#include "text/text.h"

namespace curfew {
namespace {

constexpr ScriptKind kStage = ScriptKind::kNativeStage, kEnd = ScriptKind::kHandOver;

const std::vector<NativeStage>& NativeStages() {
  static const std::vector<NativeStage> table = {
      {"sendsigs", "06", kStage, "kill"},
      {"killprocs", "1", kStage, "kill"},
      {"umountnfs.sh", "06", kStage, "record,quota,accounting,unmount-network"},
      {"hwclock.sh", "06", kStage, "clock"},
      {"umountfs", "06", kStage, "unmount"},
      {"umountroot", "06", kStage, "read-only"},
      {"kexec", "06", kEnd, ""},
      {"halt", "06", kEnd, ""},
      {"reboot", "06", kEnd, ""},
  };
  return table;
}

}  // namespace

const NativeStage* FindNativeStage(std::string_view service, std::string_view level) {
  for (const NativeStage& stage : NativeStages()) {
    if (stage.service == service && stage.levels.find(level) != std::string_view::npos) {
      return &stage;
    }
  }
  return nullptr;
}

bool IsNative(const Settings& settings, std::string_view service) {
  return settings.native_all || Contains(settings.native, service);
}

std::vector<std::string> HandOver(const Request& request, const Settings& settings, bool kexec) {
  const bool restart = request.level == "6";
  std::vector<std::string> argv = {restart ? "reboot" : "halt", "-f"};
  if (settings.net_down) argv.push_back("-i");
  if (restart) {
    if (kexec || settings.kexec) argv.push_back("-k");
    return argv;
  }
  const bool stay_on =
      request.init_halt.empty() ? settings.halt == "halt" : request.init_halt == "HALT";
  if (!stay_on) argv.push_back("-p");
  if (settings.halt_disks) argv.push_back("-h");
  return argv;
}

}  // namespace curfew
