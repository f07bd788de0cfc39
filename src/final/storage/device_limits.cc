// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/device_limits.h"

#include <algorithm>
#include <optional>

#include "config/limits.h"
#include "text/text.h"

namespace curfew {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// SCSI has its timeout in seconds; other drivers that have one show it in their queue, in
/// milliseconds (Linux 5.0).
milliseconds DeviceLimits::CommandTimeout(const std::string& name) const {
  auto number = [&](const char* file) {
    const auto text = files_.Read("/sys/class/block/" + name + file).value;
    return ParseNumber<std::uint32_t>(FirstLine(text));
  };
  if (const auto timeout = number("/device/timeout")) return seconds(*timeout);
  if (const auto timeout = number("/queue/io_timeout")) return milliseconds(*timeout);
  return limits::kCommand;
}

milliseconds DeviceLimits::Find(const std::string& number) const {
  auto numbers = graph_.CarriersOf(number);
  numbers.insert(number);
  milliseconds longest = limits::kDisk;
  for (const BlockDevice& device : graph_.devices) {
    if (!numbers.contains(device.number)) continue;
    if (device.suspended) return limits::kDisk;
    const bool is_disk = device.below.empty() && device.file.empty();
    if (is_disk) longest = std::max(longest, CommandTimeout(device.name) + limits::kErrorHandling);
  }
  return longest;
}

milliseconds DeviceLimits::Of(const std::string& number) {
  const auto known = known_.find(number);
  return known != known_.end() ? known->second : known_.emplace(number, Find(number)).first->second;
}

}  // namespace curfew
