// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/guard/watchdog.h"

#include <fcntl.h>
#include <linux/watchdog.h>

#include <algorithm>
#include <string>

namespace curfew {
namespace {

constexpr std::chrono::seconds kRestart{600};
constexpr const char* kClass = "/sys/class/watchdog";

}  // namespace

std::string Watchdog::Device() {
  auto names = kernel_.List(kClass).value;
  std::sort(names.begin(), names.end());
  for (const auto& name : names)
    if (kernel_.Read(std::string(kClass) + "/" + name + "/state").value.starts_with("active"))
      return "/dev/" + name;
  // An older kernel has no such class; the first one goes by the plain name, too.
  return wanted_ ? "/dev/watchdog" : "";
}

void Watchdog::SetLimit(std::chrono::seconds limit) {
  int seconds = static_cast<int>(limit.count());
  // Refused where it is too much for the hardware: then its own limit stays.
  kernel_.Ioctl(fd_, WDIOC_SETTIMEOUT, &seconds);
}

void Watchdog::Take() {
  if (Held()) return;
  const std::string device = Device();
  if (device.empty()) return;
  auto fd = kernel_.Open(device, O_WRONLY);
  if (!fd) return;
  fd_ = fd.value;
  SetLimit(limit_);
  Feed();
}

void Watchdog::Feed() {
  if (Held()) kernel_.Ioctl(fd_, WDIOC_KEEPALIVE, nullptr);
}

void Watchdog::LeaveArmed() {
  if (!Held()) return;
  SetLimit(kRestart);
  Feed();
  // Without the "V" that says it is on purpose.
  kernel_.Close(std::exchange(fd_, -1));
}

void Watchdog::Disarm() {
  if (!Held()) return;
  kernel_.WriteOpen(fd_, "V");
  kernel_.Close(std::exchange(fd_, -1));
}

}  // namespace curfew
