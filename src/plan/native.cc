// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/native.h"

#include "text/text.h"

namespace curfew {
namespace {

constexpr ScriptKind kStage = ScriptKind::kNativeStage, kEnd = ScriptKind::kHandOver;

/// The unchanged versions are those of initscripts 3.06-4, util-linux-extra 2.38.1-5+deb12u3,
/// kexec-tools 1:2.0.25-3+deb12u3.
const std::vector<NativeStage>& Table() {
  static const std::vector<NativeStage> table = {
      {"sendsigs", "06", kStage, "kill", {"a83bba77d183831d58da591180525dbb"}},
      {"killprocs", "1", kStage, "kill", {"0c9047bb6d337eca48b647cc274abf7e"}},
      {"umountnfs.sh",
       "06",
       kStage,
       "record,quota,accounting,unmount-network",
       {"32999952ec2ca0ed96c6f0dc6ecb1dde"}},
      {"hwclock.sh", "06", kStage, "clock", {"c06bc68c12cbdd9c7f60ba25ee587efe"}},
      {"umountfs", "06", kStage, "unmount", {"560eade826d0a05cc27f20a16e766137"}},
      {"umountroot", "06", kStage, "read-only", {"161f12bc211fd4e87030db54b97c13b2"}},
      {"kexec", "06", kEnd, "", {"9c253d523fd8d9ffaa558159f3cb672f"}},
      {"halt", "06", kEnd, "", {"cda7295f3147821d648d35d5ed09864c"}},
      {"reboot", "06", kEnd, "", {"f23c92da3b8951ee42367b854096c828"}},
  };
  return table;
}

}  // namespace

const NativeStage* FindNativeStage(std::string_view service, std::string_view level) {
  for (const NativeStage& stage : Table()) {
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
