// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <system_error>

namespace curfew {

/// Mounts, swap, and what has to be written to disks.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual std::error_code Umount(const std::string& target, int flags) = 0;
  virtual std::error_code Mount(const std::string& source, const std::string& target,
                                const std::string& type, unsigned long flags,
                                const std::string& data) = 0;
  virtual std::error_code SwapOff(const std::string& path) = 0;
  virtual std::error_code SyncFs(const std::string& path) = 0;
  virtual void Sync() = 0;
  virtual std::error_code QuotaOff(const std::string& device, int type) = 0;
  virtual std::error_code AccountingOff() = 0;
};

}  // namespace curfew
