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
  watchdog_info info{};
  stops_on_close_ = kernel_.Ioctl(fd_, WDIOC_GETSUPPORT, &info) && info.options != 0 &&
                    (info.options & WDIOF_MAGICCLOSE) == 0;
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
  // Without the "V" that says it is on purpose. A driver that does not know the "V" stops the
  // hardware at each close: then it stays open until the kernel ends this process.
  const int fd = std::exchange(fd_, -1);
  if (!stops_on_close_) kernel_.Close(fd);
}

void Watchdog::Disarm() {
  if (!Held()) return;
  // Some drivers know one way, some the other.
  int stop = WDIOS_DISABLECARD;
  kernel_.Ioctl(fd_, WDIOC_SETOPTIONS, &stop);
  kernel_.WriteOpen(fd_, "V");
  kernel_.Close(std::exchange(fd_, -1));
}

}  // namespace curfew
