// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/marked_device.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <optional>

#include "final/storage/marks/read_mark.h"
#include "kernel/direct_read.h"
#include "text/text.h"

namespace curfew {
namespace {

std::string Numbers(dev_t device) {
  return std::to_string(major(device)) + ":" + std::to_string(minor(device));
}

/// A device that is open as long as this lives.
class OpenDevice {
 public:
  OpenDevice(Files& files, const std::string& number) : files_(files) {
    if (number.empty()) return;
    const std::string path = DevicePath(files, number);
    // A reader alone: udev acts on the close of a disk that was open for writing.
    fd_ = path.empty() ? std::make_error_code(std::errc::no_such_device)
                       : files.Open(path, O_RDONLY | O_DIRECT);
    const std::string sectors = files.Read("/sys/dev/block/" + number + "/size").value;
    reader_.size = 512 * ParseNumber<std::uint64_t>(FirstLine(sectors)).value_or(0);
    reader_.read = [this](std::uint64_t offset, std::size_t length) {
      return ReadDirect(fd_.value, offset, length);
    };
  }
  OpenDevice(const OpenDevice&) = delete;
  ~OpenDevice() {
    if (fd_) files_.Close(fd_.value);
  }

  /// Null: it is not open.
  const MarkReader* reader() const { return fd_ ? &reader_ : nullptr; }

 private:
  Files& files_;
  Result<int> fd_ = std::make_error_code(std::errc::no_such_device);
  MarkReader reader_;
};

}  // namespace

std::string DevicePath(Files& files, const std::string& number) {
  const std::string uevent = files.Read("/sys/dev/block/" + number + "/uevent").value;
  constexpr std::string_view kName = "DEVNAME=";
  for (const std::string_view line : Lines(uevent)) {
    if (!line.starts_with(kName)) continue;
    const std::string path = "/dev/" + std::string(line.substr(kName.size()));
    const auto info = files.Stat(path);
    const bool same = info && S_ISBLK(info.value.st_mode) && Numbers(info.value.st_rdev) == number;
    return same ? path : std::string();
  }
  return {};
}

Mark ReadMarkOf(Files& files, std::string_view type, const std::string& number,
                const std::string& log) {
  const OpenDevice device(files, number), log_device(files, log);
  if (!device.reader()) return kUnknownMark;
  return ReadMark(type, *device.reader(), log_device.reader());
}

}  // namespace curfew
