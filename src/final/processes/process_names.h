// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>

namespace curfew {

/// Processes, counted by their names.
class ProcessNames {
 public:
  void Add(const std::string& name) { ++counts_[name]; }
  void Add(const ProcessNames& others);
  int Count() const;
  /// "cron, sshd (3)"; of many names the most frequent and how many are not there.
  std::string Text() const;

 private:
  std::map<std::string, int> counts_;
};

}  // namespace curfew
